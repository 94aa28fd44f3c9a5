package action

import (
	"strings"
	"testing"
	"time"

	"golang.org/x/sys/unix"

	"haltscope/cgroupfs/proc"
	"haltscope/compare/rules/prediction"
	"haltscope/compare/rules/verdict"
	"haltscope/compare/target"
	"haltscope/compare/value"
	"haltscope/dockercli"
)

// at is a moment after the action began.
func at(d time.Duration, action, number string) dockercli.Event {
	e := dockercli.Event{Action: action, Time: *later(d)}
	switch action {
	case "kill":
		e.Signal = number
	case "die":
		e.ExitCode = number
	}
	return e
}

// A run that another client, or a restart, has begun meanwhile is not judged in place of the run before the action.
func TestAnotherRun(t *testing.T) {
	const ms = time.Millisecond
	dispositions := target.Dispositions(prediction.SignalTarget{First: prediction.Process{PID: 42, Name: "app", Caught: 1 << 14,
		Threads: []proc.Thread{{TID: 42, State: 'S', WaitKnown: true}}}})
	// It ran from a second before the action to 100 ms after it, and returned 0; a run began at 500 ms.
	startedAgain := func(now func(*dockercli.Container), events ...dockercli.Event) func(*record) {
		return func(r *record) {
			c := container(now, func(c *dockercli.Container) { c.State.StartedAt = *later(500 * ms) })
			r.Before.State.StartedAt = *later(-time.Second)
			r.EffectAt, r.After, r.EventsSeen, r.Wait = later(100*ms), &c, events, new(unix.WaitStatus)
			r.Dispositions = &dispositions
			r.Target = dispositions.For(r.Signal)
		}
	}
	first := []dockercli.Event{at(10*ms, "kill", "15"), at(110*ms, "die", "0"), at(120*ms, "stop", ""), at(500*ms, "start", ""),
		at(501*ms, "restart", "")}
	killed := append(first[:5:5], at(600*ms, "kill", "9"), at(700*ms, "die", "137"))
	before := []dockercli.Event{at(-50*ms, "kill", "9"), at(20*ms, "die", "137"), at(500*ms, "start", ""), at(501*ms, "restart", "")}
	unseen := func(r *record) { r.EffectAt, r.Wait, r.Process = nil, nil, nil }
	for _, c := range []struct {
		name   string
		record *record
		want   verdict.Kind
		code   int    // the exit code of the run before; −1 for unknown
		says   string // in the evidence, or in what is missing
		not    string // in neither; "" for nothing
	}{
		{"restart, and another client killed the new run", done(value.Restart, startedAgain(exited(137), killed...)), verdict.Graceful, 0,
			"the run after it has ended as well, with exit code 137", "signal 9"},
		{"restart", done(value.Restart, startedAgain(running, first...)), verdict.Graceful, 0, "catches signal 15", "as well"},
		{"kill, and another client had restarted it", done(value.Kill, startedAgain(exited(137), killed...)), verdict.Graceful, 0,
			"docker kill came after it, and reached the run that another client had begun", "signal 9"},
		{"stop, and the new run failed", done(value.Stop, startedAgain(exited(3), append(first[:5:5], at(600*ms, "kill", "15"),
			at(700*ms, "die", "3"))...)), verdict.Graceful, 0, "exit code 3", "is a failure"},
		{"restart, and another client had killed it right before", done(value.Restart, startedAgain(running, before...), func(r *record) {
			*r.Wait = unix.WaitStatus(unix.SIGKILL)
		}), verdict.Killed, 137, "another client requested SIGKILL before", "outside Docker"},
		{"restart, and it had ended before it could be held", done(value.Restart, startedAgain(running, before...), unseen), verdict.Killed, 137,
			"another client requested SIGKILL before", "keeps running"},
		{"the same, and its end is not known", done(value.Restart, startedAgain(running, before[2:]...), unseen), verdict.Inconclusive, -1,
			"the container was started again before Docker could be asked for the exit code", "keeps running"},
	} {
		v, why := c.record.judge()
		if v == nil {
			t.Errorf("%s: no verdict: %s", c.name, why)
			continue
		}
		said := v.Missing + "; " + v.How
		for _, o := range v.Because {
			said += "; " + o.Value
		}
		if v.Kind != c.want || !strings.Contains(said, c.says) || c.not != "" && strings.Contains(said, c.not) {
			t.Errorf("%s: %s, wanted %s with %q and without %q; %s", c.name, v.Kind, c.want, c.says, c.not, said)
		}
		if code, ok := c.record.EndedWith().Get(); ok != (c.code >= 0) || ok && code != c.code {
			t.Errorf("%s: exit code %d, %t", c.name, code, ok)
		}
	}
}
