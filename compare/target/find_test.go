package target

import (
	"testing"

	"haltscope/cgroupfs"
	"haltscope/dockercli"
)

// A cgroup in another container's is only where Docker put it if --cgroup-parent says so.
func TestPlacedByDocker(t *testing.T) {
	var c dockercli.Container
	if !PlacedByDocker(&c, &cgroupfs.Group{}) {
		t.Error("its own cgroup is refused")
	}
	inside := &cgroupfs.Group{Inside: "4f1c"}
	if PlacedByDocker(&c, inside) {
		t.Error("another container's cgroup is accepted")
	}
	c.HostConfig.CgroupParent = "/docker/4f1c"
	if !PlacedByDocker(&c, inside) {
		t.Error("--cgroup-parent is ignored")
	}
}

func TestName(t *testing.T) {
	if got := (&Target{Container: dockercli.Container{Name: "/w\x1beb"}}).Name(); got != "w␛eb" {
		t.Error(got)
	}
}
