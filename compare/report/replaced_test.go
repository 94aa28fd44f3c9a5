package report

import (
	"slices"
	"testing"

	"haltscope/compare/document"
)

func TestReplacedLines(t *testing.T) {
	got := replacedLines([]document.ReplacedMount{
		{Destination: "/data", Type: "volume", Source: "web", By: document.NewVolume},
		{Destination: "/srv", Type: "bind", Source: "/host/srv", By: document.Copy},
		{Destination: "/app.conf", Type: "bind", Source: "/host/app.conf", By: document.ReadOnly},
		{Destination: "/docker.sock", Type: "bind", Source: "/run/docker.sock", By: document.NothingMounted},
		{Destination: "/run/db", Type: "bind", Source: "/run/db", By: document.NothingMounted, Because: "it has a socket"},
		{Destination: "/x", Type: "volume", Source: "x", By: "snapshot"},
	})
	want := []string{"/data: a new volume, in place of the volume web", "/srv: a copy of /host/srv", "/app.conf: /host/app.conf, read-only",
		"/docker.sock: nothing, in place of /run/docker.sock", "/run/db: nothing, in place of /run/db (it has a socket)",
		"/x: snapshot, in place of the volume x"}
	if !slices.Equal(got, want) {
		t.Errorf("%q", got)
	}
}
