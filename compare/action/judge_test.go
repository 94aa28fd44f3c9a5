package action

import (
	"context"
	"errors"
	"strings"
	"testing"
	"time"

	"golang.org/x/sys/unix"

	"haltscope/cgroupfs"
	"haltscope/cgroupfs/figure"
	"haltscope/compare/fault"
	"haltscope/compare/rules/verdict"
	"haltscope/compare/value"
	"haltscope/dockercli"
)

// began is when the docker commands of the tests were started.
var began = time.Date(2025, 1, 2, 3, 4, 5, 0, time.UTC)

func later(d time.Duration) *time.Time {
	at := began.Add(d)
	return &at
}

func kills(signals ...string) (all []dockercli.Event) {
	for i, s := range signals {
		all = append(all, dockercli.Event{Action: "kill", Signal: s, Time: began.Add(time.Duration(i) * 10 * time.Second)})
	}
	return all
}

// done is a record of an action that was performed on a running container.
func done(verb value.Verb, change ...func(*record)) *record {
	docker := dockercli.New(dockercli.Options{Path: "docker", Engine: dockercli.Docker})
	r := &record{Action: Action{Docker: docker, Request: Request{Verb: verb, Grace: 10 * time.Second}}}
	r.Before = container(running, func(c *dockercli.Container) { c.ID, c.Name = "4f1c", "/web" })
	r.Group = &cgroupfs.Group{Version: 2}
	r.Now, r.Began = r.Group, began
	if verb.Ends() {
		r.Signal = SignalNumber(verb, "", "")
	}
	for _, f := range change {
		f(r)
	}
	return r
}

func ended(after time.Duration, code int, events ...dockercli.Event) func(*record) {
	return func(r *record) {
		c := container(exited(code))
		r.EffectAt, r.After, r.EventsSeen = later(after), &c, append(events, dockercli.Event{Action: "die", Time: *later(after)})
	}
}

func after(change ...func(*dockercli.Container)) func(*record) {
	return func(r *record) {
		c := container(change...)
		r.After = &c
	}
}

func paused(c *dockercli.Container) {
	c.State.Status, c.State.Running, c.State.Paused = "paused", true, true
}

func status(s string) func(*dockercli.Container) {
	return func(c *dockercli.Container) { c.State.Status, c.State.Running = s, s == "restarting" || s == "running" }
}

func frozen(before, now uint64) func(*record) {
	return func(r *record) {
		r.ReadBefore.Freezer.Frozen, r.ReadAfter.Freezer.Frozen = figure.Number(before), figure.Number(now)
	}
}

// A call that docker answered with an error, and one that it did not answer.
var (
	refused  = &dockercli.CallError{Argv: []string{"docker"}, ExitCode: 1, Stderr: "is not running"}
	noAnswer = &dockercli.CallError{Argv: []string{"docker"}, ExitCode: -1, Err: errors.New("no answer within 30s")}
)

func TestJudge(t *testing.T) {
	caught := func(r *record) { r.Target = &verdict.SignalTarget{PID: 42, Name: "nginx", Caught: true} }
	wait := func(s unix.WaitStatus) func(*record) { return func(r *record) { r.Wait = &s } }
	for _, c := range []struct {
		name   string
		record *record
		want   verdict.Kind
		says   string // in the evidence, or in what is missing
	}{
		{"stop, handled", done(value.Stop, ended(time.Second, 0, kills("15")...), caught), verdict.Graceful, "nginx catches signal 15"},
		{"stop, the grace ran out", done(value.Stop, ended(10*time.Second, 137, kills("15", "9")...)), verdict.Forced,
			"the grace of 10s ran out"},
		{"stop, the signals hidden by a label", done(value.Stop, ended(10*time.Second, 137, kills("1", "1")...),
			func(r *record) { r.Before.Config.Labels = dockercli.Keys{"signal": ""} }), verdict.Forced, "signal unknown"},
		{"kill", done(value.Kill, ended(0, 137, kills("9")...)), verdict.Killed, "kill, signal 9"},
		{"kill, Docker's exit code made up", done(value.Kill, ended(0, 255, kills("9")...), wait(9)), verdict.Killed,
			"exit code 255 is not the program's"},
		{"kill, refused: it had ended", done(value.Kill, ended(0, 0), func(r *record) { r.CommandErr, r.EventsSeen = refused, nil }),
			verdict.Exited, "is not running"},
		{"kill --signal HUP, outlived", done(value.Kill, after(running), frozen(0, 0), caught,
			func(r *record) { r.Signal, r.EventsSeen = unix.SIGHUP, kills("1") }), verdict.RunsOn, "catches signal 1"},
		{"the OOM killer", done(value.Stop, ended(time.Second, 137, kills("15")...), func(r *record) { r.OOMKills = figure.Number(1) }),
			verdict.OOMKilled, "+1"},
		{"inspect did not answer", done(value.Stop, ended(time.Second, 0, kills("15")...),
			func(r *record) { r.After, r.AfterErr = nil, noAnswer }), verdict.Inconclusive, "gave no answer"},
		{"a pending SIGKILL", done(value.Pause, after(paused), frozen(0, 1), func(r *record) { r.killPending = "/proc/42/status: ShdPnd" }),
			verdict.Paused, "a SIGKILL is pending"},
		{"pause", done(value.Pause, after(paused), frozen(0, 1)), verdict.Paused, "1"},
		{"pause, the kernel does not confirm it", done(value.Pause, after(paused), frozen(0, 0)), verdict.PauseUnconfirmed, "0"},
		{"pause, no answer", done(value.Pause, after(running), frozen(0, 0), func(r *record) { r.CommandErr = noAnswer }), verdict.Inconclusive,
			"the daemon may still complete it"},
		{"unpause", done(value.Unpause, after(running), frozen(1, 0)), verdict.Resumed, "0"},
		{"unpause, it stays frozen", done(value.Unpause, after(running), frozen(1, 1)), verdict.FrozenOutsideDocker, "1"},
		{"unpause, docker gave an error", done(value.Unpause, after(running), frozen(1, 0), func(r *record) { r.CommandErr = refused }),
			verdict.Inconclusive, "docker unpause failed"},
		{"unpause of what was not frozen", done(value.Unpause, after(running), frozen(0, 0)), verdict.Inconclusive,
			"keeps running after docker unpause"},
	} {
		v, why := c.record.judge()
		if v == nil {
			t.Errorf("%s: no verdict, for %s", c.name, why)
			continue
		}
		said := v.Missing
		for _, o := range v.Because {
			said += "; " + o.Value
		}
		if v.Kind != c.want || !strings.Contains(said, c.says) {
			t.Errorf("%s: %s, wanted %s with %q; %s", c.name, v.Kind, c.want, c.says, said)
		}
	}
}

// There is no verdict where there was nothing to end, freeze or resume.
func TestNoVerdict(t *testing.T) {
	stopped := done(value.Stop)
	stopped.Group = nil
	for name, r := range map[string]*record{"start": done(value.Start), "a container that was not running": stopped} {
		if v, why := r.judge(); v != nil || why == "" {
			t.Errorf("%s: %v, %q", name, v, why)
		}
	}
}

// A restart's run before is judged without what is known about the run after it.
func TestFactsBefore(t *testing.T) {
	r := done(value.Restart, ended(time.Second, 0, kills("15")...), after(running))
	r.EventsSeen = append(r.EventsSeen, dockercli.Event{Action: "start", Time: *later(2 * time.Second)},
		dockercli.Event{Action: "die", Time: *later(3 * time.Second)})
	r.EventsSeen[1].ExitCode = "7"
	f := r.FactsBefore(value.Stop)
	if f.Verb != value.Stop || f.State == nil || f.State.ExitCode != 7 || len(f.Events) != 2 || f.EndedAt == nil || *f.EndedAt != time.Second {
		t.Errorf("%+v, state %+v", f, f.State)
	}
	if f = done(value.Restart, after(running)).FactsBefore(value.Stop); f.StateError == "" || f.EndedAt != nil {
		t.Errorf("%+v", f)
	}
}

func TestFailed(t *testing.T) {
	canceled, cancel := context.WithCancel(context.Background())
	cancel()
	failed := func(err error) func(*record) { return func(r *record) { r.CommandErr = err } }
	for _, c := range []struct {
		name        string
		record      *record
		ctx         context.Context
		want        string // in the error; "" for none
		interrupted bool
	}{
		{"all is well", done(value.Stop), context.Background(), "", false},
		{"docker gave an error", done(value.Stop, failed(refused)), context.Background(), "container web: ", false},
		{"interrupted, no answer", done(value.Stop, failed(noAnswer)), canceled, "the daemon may still complete it", true},
		{"interrupted before", done(value.Stop, func(r *record) { r.Began = time.Time{} }), canceled, "docker stop web was not run", true},
	} {
		err := c.record.failed(c.ctx)
		if (err == nil) != (c.want == "") || err != nil && !strings.Contains(err.Error(), c.want) || errors.Is(err,
			fault.ErrInterrupted) != c.interrupted {
			t.Errorf("%s: %v", c.name, err)
		}
		if c.record.CommandErr != nil && fault.Hint(err) != "see how it stands: haltscope inspect web" {
			t.Errorf("%s: hint %q", c.name, fault.Hint(err))
		}
	}
}
