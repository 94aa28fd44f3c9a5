package drift_test

import (
	"fmt"

	"haltscope/cgroupfs"
	"haltscope/cgroupfs/figure"
	"haltscope/compare/rules/drift"
)

// Another process froze a container's cgroup, and Docker does not know.
func Example() {
	const path = "/sys/fs/cgroup/system.slice/docker-4f1e.scope"
	docker := &drift.Docker{Status: "running", Running: true}
	kernel := &drift.Kernel{Exists: true, Version: 2, Path: path, MembersAfter: []int{4242}}
	kernel.After.Freezer = cgroupfs.Freezer{Requested: figure.Number(1), By: path, Frozen: figure.Number(1)}

	for _, q := range drift.Questions(docker, kernel)[:3] {
		agree, _ := q.Agree.Get()
		fmt.Printf("%s: %s / %s, agree: %t\n", q.Question, q.Docker, q.Kernel, agree)
	}
	for _, f := range drift.Findings("web", docker, kernel) {
		fmt.Println(f.Kind)
		fmt.Println(f.Fix[0])
	}
	// Output:
	// running: running / 1 process in its cgroup, agree: true
	// paused: not paused / a freeze is requested, agree: false
	// frozen: not paused, so not frozen / frozen, agree: false
	// frozen-outside-docker
	// echo 0 > /sys/fs/cgroup/system.slice/docker-4f1e.scope/cgroup.freeze
}
