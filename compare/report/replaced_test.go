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
	})
	want := []string{"/data: a new volume, in place of the volume web", "/srv: a copy of /host/srv", "/app.conf: /host/app.conf, read-only",
		"/docker.sock: nothing, in place of /run/docker.sock"}
	if !slices.Equal(got, want) {
		t.Errorf("%q", got)
	}
}
