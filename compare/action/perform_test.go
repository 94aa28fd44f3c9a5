package action

import (
	"errors"
	"strings"
	"testing"
	"time"

	"golang.org/x/sys/unix"

	"haltscope/compare/value"
	"haltscope/dockercli"
)

func container(change ...func(*dockercli.Container)) (c dockercli.Container) {
	for _, f := range change {
		f(&c)
	}
	return c
}

func autoRemove(c *dockercli.Container) { c.HostConfig.AutoRemove = true }
func policy(c *dockercli.Container)     { c.HostConfig.RestartPolicy.Name = "always" }
func running(c *dockercli.Container)    { c.State.Status, c.State.Running = "running", true }
func exited(code int) func(*dockercli.Container) {
	return func(c *dockercli.Container) { c.State.Status, c.State.ExitCode = "exited", code }
}
func label(key string) func(*dockercli.Container) {
	return func(c *dockercli.Container) { c.Config.Labels = dockercli.Keys{key: ""} }
}

// Only what Docker is known to tell is waited for: what never comes would be waited for until the deadline.
func TestWanted(t *testing.T) {
	now, failed := time.Now(), errors.New("no")
	for _, c := range []struct {
		name    string
		act     Action
		running bool
		want    string
	}{
		{"kill", Action{Verb: "kill", EffectAt: &now}, true, "kill die"},
		{"kill, outlived", Action{Verb: "kill"}, true, "kill"},
		{"kill of what has ended", Action{Verb: "kill", CommandErr: failed}, false, ""},
		{"stop", Action{Verb: "stop", EffectAt: &now}, true, "die stop"},
		{"stop of what has ended", Action{Verb: "stop", EffectAt: &now}, false, ""},
		{"stop that failed", Action{Verb: "stop", CommandErr: failed}, true, ""},
		{"stop that failed, and it ended", Action{Verb: "stop", CommandErr: failed, EffectAt: &now}, true, "die"},
		{"stop, --rm", Action{Verb: "stop", EffectAt: &now, Before: container(autoRemove)}, true, "die stop destroy"},
		{"kill, --rm, outlived", Action{Verb: "kill", Before: container(autoRemove)}, true, "kill"},
		{"restart", Action{Verb: "restart", EffectAt: &now}, true, "die start restart"},
		{"restart, --rm", Action{Verb: "restart", EffectAt: &now, Before: container(autoRemove)}, true, "die start restart"},
		{"restart of what has ended", Action{Verb: "restart"}, false, "restart"},
		{"rm", Action{Verb: "rm", EffectAt: &now}, true, "die destroy"},
		{"rm of what has ended", Action{Verb: "rm"}, false, ""},
		{"kill, it starts again", Action{Verb: "kill", EffectAt: &now, Before: container(policy)}, true, "kill die"},
		{"pause", Action{Verb: "pause", EffectAt: &now}, true, "pause"},
		{"pause that failed", Action{Verb: "pause", CommandErr: failed, EffectAt: &now}, true, ""},
		{"start", Action{Verb: "start"}, false, "start"},
		{"start of what runs", Action{Verb: "start"}, true, ""},
	} {
		c.act.Docker = &dockercli.Client{}
		if got := strings.Join(c.act.wanted(c.running), " "); got != c.want {
			t.Errorf("%s: %q, wanted %q", c.name, got, c.want)
		}
	}
}

// The exit code is that of the run that ended, whatever has come behind it.
func TestEndedWith(t *testing.T) {
	now := time.Now()
	die := []dockercli.Event{{Action: "die", ExitCode: "3"}}
	status := func(s unix.WaitStatus) *unix.WaitStatus { return &s }
	after := func(change ...func(*dockercli.Container)) *dockercli.Container {
		c := container(change...)
		return &c
	}
	for _, c := range []struct {
		name   string
		act    Action
		code   int
		reason value.Reason // why there is none
	}{
		{"exited", Action{After: after(exited(7))}, 7, ""},
		{"exited, inspect is believed", Action{After: after(exited(7)), Heard: die}, 7, ""},
		{"runs on", Action{After: after(running)}, 0, value.NotMeasured},
		{"runs again, by the kernel", Action{EffectAt: &now, After: after(running), Wait: status(0x0500), Heard: die}, 5, ""},
		{"runs again, by the kernel, a signal", Action{EffectAt: &now, After: after(running), Wait: status(9)}, 137, ""},
		{"runs again, by the event", Action{EffectAt: &now, After: after(running), Heard: die}, 3, ""},
		{"runs again, a label in the way", Action{EffectAt: &now, After: after(running), Heard: die, Before: container(label("exitCode"))}, 0, value.Failed},
		{"runs again, nothing known", Action{EffectAt: &now, After: after(running)}, 0, value.Failed},
		{"removed by --rm", Action{EffectAt: &now, Heard: die, Before: container(autoRemove)}, 3, ""},
		{"removed by somebody", Action{EffectAt: &now, Heard: die}, 3, ""},
		{"removed by somebody, nothing known", Action{EffectAt: &now}, 0, value.Vanished},
		{"made up by Docker", Action{EffectAt: &now, After: after(exited(255)), Wait: status(9)}, 137, ""},
		{"255 of its own", Action{EffectAt: &now, After: after(exited(255)), Wait: status(0xff00)}, 255, ""},
		{"the shim was lost, and the kernel has not told", Action{EffectAt: &now, ShimGoneAt: &now, After: after(exited(137))}, 0, value.Failed},
		{"no answer", Action{EffectAt: &now, AfterErr: errors.New("no answer"), Heard: die}, 0, value.Failed},
	} {
		c.act.Verb = "kill"
		got := c.act.EndedWith()
		if code, ok := got.Get(); ok != (c.reason == "") || code != c.code || got.Reason() != c.reason {
			t.Errorf("%s: %d, %q; wanted %d, %q", c.name, code, got.Reason(), c.code, c.reason)
		}
	}
}

func TestSignalNumber(t *testing.T) {
	for _, c := range []struct {
		verb, asked, configured string
		want                    int
	}{
		{"kill", "", "", 9}, {"kill", "", "SIGQUIT", 9}, {"kill", "HUP", "SIGQUIT", 1}, {"kill", "1", "", 1},
		{"stop", "", "", 15}, {"stop", "", "SIGQUIT", 3}, {"stop", "", "37", 37}, {"stop", "INT", "SIGQUIT", 2},
		{"rm", "", "SIGQUIT", 9}, {"restart", "", "SIGQUIT", 3}, {"stop", "", "nonsense", 0},
	} {
		if got := SignalNumber(c.verb, c.asked, c.configured); got != c.want {
			t.Errorf("%v: %d", c, got)
		}
	}
}
