package document_test

import (
	"fmt"
	"strings"

	"haltscope/compare/document"
	"haltscope/compare/fault"
)

func ExampleDecode() {
	doc, err := document.Decode(strings.NewReader(`{
		"schema": "haltscope.ps/v1",
		"containers": [{"name": "web", "docker": {"state": "paused", "status": "Up 2 hours (Paused)"}, "memory": {"current_bytes": null}}],
		"notes": [{"field": "containers[0].memory.current_bytes", "reason": "denied", "detail": "EACCES"}]
	}`))
	if err != nil {
		fmt.Println(err)
		return
	}
	for _, c := range doc.(*document.Ps).Containers {
		fmt.Println(c.Name, c.Docker.State, c.Memory.CurrentBytes.Reason(), c.Memory.CurrentBytes.Detail())
	}
	// Output: web paused denied EACCES
}

func ExampleDecode_error() {
	_, err := document.Decode(strings.NewReader(`{"schema": "haltscope.ps/v2"}`))
	fmt.Println(err)
	fmt.Println(fault.Hint(err))
	// Output:
	// its schema is haltscope.ps/v2, but this haltscope reads haltscope.ps/v1
	// use the version of haltscope that wrote it
}

func ExampleNotes() {
	doc := &document.Clean{Left: []document.Left{}}
	fmt.Println(document.Notes(doc)) // nothing is absent
	for _, n := range document.Notes(&document.Doctor{}) {
		fmt.Println(n.Field, n.Reason)
	}
	// Output:
	// []
	// host.engine_version not-measured
	// host.client_version not-measured
	// host.api_version not-measured
	// host.containerd_version not-measured
	// host.runc_version not-measured
	// host.cgroup_version not-measured
	// host.cgroup_hybrid not-measured
	// host.cgroup_driver not-measured
}
