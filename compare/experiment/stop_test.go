package experiment

import (
	"errors"
	"fmt"
	"strings"
	"testing"

	"golang.org/x/sys/unix"

	"haltscope/compare/action"
	"haltscope/compare/fault"
	"haltscope/compare/rules/verdict"
	"haltscope/dockercli"
)

// stoppedArm is an arm with what docker inspect says after a stop; nil for a container that is gone.
func stoppedArm(state *dockercli.State) *arm {
	a := &arm{preparedTwin: &preparedTwin{runningTwin: &runningTwin{}}}
	a.performed = action.Action{Final: action.Final{}}
	if state != nil {
		c := inState(*state)
		a.performed.After = &c
	}
	return a
}

func TestUnknown(t *testing.T) {
	ended, running := &dockercli.State{Status: "exited"}, &dockercli.State{Status: "running", Running: true}
	for _, c := range []struct {
		name                 string
		state                *dockercli.State
		afterErr, commandErr error
		want                 string
	}{
		{"it has ended", ended, nil, nil, ""},
		{"it has ended, though docker stop failed", ended, nil, errDocker, ""},
		{"docker refused, and it runs", running, nil, failedCall(1), ""},
		{"docker stop gave no answer, and it runs", running, nil, errDocker, "docker stop: " + errDocker.Error()},
		{"docker inspect gave no answer", nil, errDocker, nil, "docker inspect: " + errDocker.Error()},
	} {
		a := stoppedArm(c.state)
		a.performed.AfterErr, a.performed.CommandErr = c.afterErr, c.commandErr
		if got := a.unknown(); got != c.want {
			t.Errorf("%s: %q, want %q", c.name, got, c.want)
		}
	}
}

func TestEndedBefore(t *testing.T) {
	ended, running := dockercli.State{Status: "exited", ExitCode: 3}, dockercli.State{Status: "running", Running: true}
	die := []dockercli.Event{{Action: "die"}}
	for _, c := range []struct {
		name      string
		state     dockercli.State
		kind      verdict.Kind
		events    []dockercli.Event
		eventsErr error
		want      bool
	}{
		{"no event of a stop", ended, verdict.Crashed, nil, nil, true},
		{"another client killed it right before", ended, verdict.Killed, nil, nil, true},
		{"it ran out of memory right before", ended, verdict.OOMKilled, nil, nil, true},
		{"it was killed while it was stopped", ended, verdict.Killed, die, nil, false},
		{"it was stopped", ended, verdict.Graceful, die, nil, false},
		{"it crashed while it was stopped", ended, verdict.Crashed, die, nil, false},
		{"the events are not known", ended, verdict.Inconclusive, nil, errDocker, false},
		{"it runs", running, verdict.Inconclusive, nil, nil, false},
	} {
		a := stoppedArm(&c.state)
		a.verdict.Kind = c.kind
		a.performed.EventsSeen, a.performed.EventsErr = c.events, c.eventsErr
		if got := a.endedBefore(); got != c.want {
			t.Errorf("%s: %t", c.name, got)
		}
	}
}

// A twin that somebody else removed is a failure of the check, and no expectation that is not met.
func TestRemovedTwin(t *testing.T) {
	for _, c := range []struct {
		name   string
		events []dockercli.Event
		want   string
	}{
		{"docker rm --force", []dockercli.Event{{Action: "kill", Signal: "15"}, {Action: "kill", Signal: "9"}, {Action: "die"},
			{Action: "destroy"}}, "the twin was removed by another client; docker events: kill (signal 15), kill (signal 9), die, destroy"},
		{"no event was seen", nil, "the twin was removed by another client"},
	} {
		err := fmt.Errorf("stop: %w", removedTwin(c.events))
		if err.Error() != "stop: "+c.want || !errors.Is(err, errRemoved) || !strings.Contains(fault.Hint(err), "--during") {
			t.Errorf("%s: %v; %s", c.name, err, fault.Hint(err))
		}
	}
	a := stoppedArm(nil)
	if !a.removed() {
		t.Error("a twin that inspect does not find is not removed")
	}
	if a.answers.afterErr = errDocker; a.removed() {
		t.Error("a twin of which inspect gave no answer is removed")
	}
	for status, removed := range map[string]bool{"removing": true, "exited": false, "running": false} {
		c := inState(dockercli.State{Status: status})
		a := stoppedArm(nil)
		if a.answers.after = &c; a.removed() != removed {
			t.Errorf("a twin that is %s: removed %t", status, !removed)
		}
	}
}

// What a twin lacks is no advice where something killed it.
func TestEndedBeforeHint(t *testing.T) {
	x := &experiment{image: image{}}
	for kind, want := range map[verdict.Kind]string{verdict.Killed: "another client", verdict.OOMKilled: "--memory",
		verdict.Crashed: "-e NAME"} {
		err := x.endedBefore(kind)
		if !errors.Is(err, errNotStopped) || !strings.Contains(fault.Hint(err), want) {
			t.Errorf("%s: %v; %s", kind, err, fault.Hint(err))
		}
	}
}

// The wait status of an init says nothing about the program under it.
func TestReturned(t *testing.T) {
	const exited, killed = unix.WaitStatus(3 << 8), unix.WaitStatus(unix.SIGKILL)
	wait := func(s unix.WaitStatus) *unix.WaitStatus { return &s }
	for _, c := range []struct {
		name   string
		wait   *unix.WaitStatus
		target *verdict.SignalTarget
		want   bool
	}{
		{"not known", nil, nil, false},
		{"returned", wait(exited), &verdict.SignalTarget{}, true},
		{"returned, target not known", wait(exited), nil, true},
		{"killed", wait(killed), &verdict.SignalTarget{}, false},
		{"an init returned", wait(exited), &verdict.SignalTarget{Init: "docker-init"}, false},
	} {
		a := stoppedArm(&dockercli.State{})
		a.performed.Wait, a.baseline.target = c.wait, c.target
		if got := a.returned(); got != c.want {
			t.Errorf("%s: %t", c.name, got)
		}
	}
}
