package experiment

import (
	"context"
	"strings"
	"testing"

	"haltscope/compare/value"
	"haltscope/dockercli"
)

func TestResumeCommand(t *testing.T) {
	state := func(status string) *dockercli.Container {
		c := inState(dockercli.State{Status: status})
		return &c
	}
	for _, c := range []struct {
		name               string
		verb               value.Verb
		after              *dockercli.Container
		removed, restarted bool
		leaveEnded         bool
		want               string
	}{
		{name: "paused", verb: "pause", after: state("paused"), want: "unpause"},
		{name: "paused, of an image", verb: "pause", after: state("paused"), leaveEnded: true, want: "unpause"},
		{name: "stopped", verb: "stop", after: state("exited"), want: "start"},
		{name: "stopped, in a check", verb: "stop", after: state("exited"), leaveEnded: true, want: ""},
		{name: "a stop that failed", verb: "stop", after: state("running"), want: ""},
		{name: "restarted", verb: "restart", after: state("running"), restarted: true, want: "restart"},
		{name: "restarted, and ended again", verb: "restart", after: state("exited"), want: "start"},
		{name: "removed", verb: "rm", removed: true, want: "run"},
		{name: "removed, in a check", verb: "rm", removed: true, leaveEnded: true, want: ""},
		{name: "a removal that failed", verb: "rm", after: state("exited"), want: "start"},
		{name: "removed by another client", verb: "stop", removed: true, want: ""},
		{name: "docker inspect gave no answer", verb: "stop", want: ""},
	} {
		if got := resumeCommand(c.verb, c.after, c.removed, c.restarted, c.leaveEnded); got != c.want {
			t.Errorf("%s: %q, want %q", c.name, got, c.want)
		}
	}
}

func TestStartOrUnpause(t *testing.T) {
	var docker fakeDocker
	for _, command := range []string{"start", "unpause"} {
		if err := startOrUnpause(context.Background(), &docker, command, "id"); err != nil {
			t.Error(err)
		}
	}
	if got := strings.Join(docker.calls, ", "); got != "start -- id, unpause -- id" {
		t.Error(got)
	}
}
