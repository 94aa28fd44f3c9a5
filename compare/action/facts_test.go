package action

import (
	"errors"
	"testing"
	"time"

	"golang.org/x/sys/unix"

	"haltscope/compare/value"
	"haltscope/dockercli"
)

// The exit code is that of the run that ended, whatever has come after it.
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
		result Result
		final  Final
		before dockercli.Container
		code   int
		reason value.Reason // why there is none
	}{
		{"exited", Result{}, Final{After: after(exited(7))}, container(), 7, ""},
		{"exited, inspect is believed", Result{EventsSeen: die}, Final{After: after(exited(7))}, container(), 7, ""},
		{"runs on", Result{}, Final{After: after(running)}, container(), 0, value.NotMeasured},
		{"runs again, by the kernel", Result{EffectAt: &now, Wait: status(0x0500), EventsSeen: die}, Final{After: after(running)}, container(),
			5, ""},
		{"runs again, by the kernel, a signal", Result{EffectAt: &now, Wait: status(9)}, Final{After: after(running)}, container(), 137, ""},
		{"runs again, by the event", Result{EffectAt: &now, EventsSeen: die}, Final{After: after(running)}, container(), 3, ""},
		{"runs again, a label in the way", Result{EffectAt: &now, EventsSeen: die}, Final{After: after(running)}, container(label("exitCode")),
			0, value.Failed},
		{"runs again, nothing known", Result{EffectAt: &now}, Final{After: after(running)}, container(), 0, value.Failed},
		{"removed by --rm", Result{EffectAt: &now, EventsSeen: die}, Final{}, container(autoRemove), 3, ""},
		{"removed by another client", Result{EffectAt: &now, EventsSeen: die}, Final{}, container(), 3, ""},
		{"removed by another client, nothing known", Result{EffectAt: &now}, Final{}, container(), 0, value.Vanished},
		{"made up by Docker", Result{EffectAt: &now, Wait: status(9)}, Final{After: after(exited(255))}, container(), 137, ""},
		{"rebooted, and runs again", Result{EffectAt: &now, Wait: status(9), EventsSeen: []dockercli.Event{{Action: "die", ExitCode: "129"}}},
			Final{After: after(running)}, container(), 129, ""},
		{"rebooted, a label in the way", Result{EffectAt: &now, Wait: status(9), EventsSeen: []dockercli.Event{{Action: "die",
			ExitCode: "129"}}}, Final{After: after(running)}, container(label("exitCode")), 137, ""},
		{"its own 255", Result{EffectAt: &now, Wait: status(0xff00)}, Final{After: after(exited(255))}, container(), 255, ""},
		{"the shim was lost, wait status unknown", Result{EffectAt: &now, ShimGoneAt: &now}, Final{After: after(exited(137))},
			container(), 0, value.Failed},
		{"no answer", Result{EffectAt: &now, EventsSeen: die}, Final{AfterErr: errors.New("no answer")}, container(), 0, value.Failed},
	} {
		a := Action{Request: Request{Verb: value.Kill}, Initial: Initial{Before: c.before}, Result: c.result, Final: c.final}
		got := a.EndedWith()
		if code, ok := got.Get(); ok != (c.reason == "") || code != c.code || got.Reason() != c.reason {
			t.Errorf("%s: %d, %q; wanted %d, %q", c.name, code, got.Reason(), c.code, c.reason)
		}
	}
}
