package action

import (
	"errors"
	"strings"
	"testing"
	"time"

	"golang.org/x/sys/unix"

	"haltscope/cgroupfs/figure"
	"haltscope/compare/rules/prediction"
	"haltscope/compare/rules/verdict"
	"haltscope/compare/value"
	"haltscope/dockercli"
)

// dry is a record of a dry run on a running container.
func dry(verb value.Verb, change ...func(*record)) *record {
	r := done(verb, change...)
	r.dryRun, r.Began, r.Now = true, time.Time{}, nil
	return r
}

func expect(kind verdict.Kind, codes ...int) func(*record) {
	return func(r *record) {
		r.expected = expectation{outcome: &prediction.Outcome{Kind: kind, ExitCodes: codes},
			facts: &prediction.Facts{RestartPolicy: r.Before.HostConfig.RestartPolicy.Name}}
	}
}

func before(change ...func(*dockercli.Container)) func(*record) {
	return func(r *record) {
		for _, f := range change {
			f(&r.Before)
		}
	}
}

func withPolicy(name string) func(*dockercli.Container) {
	return func(c *dockercli.Container) { c.HostConfig.RestartPolicy.Name = name }
}

func TestRestore(t *testing.T) {
	failed := func(err error) func(*record) { return func(r *record) { r.CommandErr = err } }
	gone := func(r *record) { r.EffectAt, r.After = later(time.Second), nil }
	sigstop := func(r *record) { r.Signal = unix.SIGSTOP }
	pending := func(r *record) { r.killPending = "/proc/42/status: ShdPnd" }
	endedThen := func(change ...func(*dockercli.Container)) func(*record) {
		return func(r *record) { ended(time.Second, 0)(r); after(change...)(r) }
	}
	podman := func(r *record) { r.expected.noRules = true }
	retries := func(count, most int) func(*record) {
		return func(r *record) {
			r.After.RestartCount, r.Before.HostConfig.RestartPolicy.MaximumRetryCount = count, most
		}
	}
	for _, c := range []struct {
		name    string
		record  *record
		command string
		effect  string // a part of it
	}{
		{"dry run of a pause", dry(value.Pause, expect(verdict.Paused)), "docker unpause web", "the same process, with its memory intact"},
		{"dry run of a pause, paused already", dry(value.Pause, expect(prediction.Refused), before(paused)), "", "nothing to undo"},
		{"dry run of a pause, it has ended", dry(value.Pause, expect(prediction.Refused), before(exited(0))), "", "nothing to undo"},
		{"dry run of a stop", dry(value.Stop, expect(verdict.Forced, 137)), "docker start web", "a new process"},
		{"dry run of a stop, --rm", dry(value.Stop, expect(verdict.Forced, 137), before(autoRemove)), "", "--rm removes it"},
		{"dry run of a restart", dry(value.Restart, expect(verdict.Forced, 137)), "", "it would run again"},
		{"dry run of a kill that is outlived", dry(value.Kill, expect(verdict.RunsOn)), "", "nothing to undo"},
		{"dry run of a kill by SIGSTOP", dry(value.Kill, expect(verdict.RunsOn), sigstop), "docker kill --signal CONT web",
			"where it was stopped"},
		{"dry run, a pending restart cancelled", dry(value.Stop, expect(prediction.Cancelled)), "docker start web", "a new process"},
		{"dry run, no prediction", dry(value.Stop), "docker start web", "a new process"},

		{"interrupted before", done(value.Stop, func(r *record) { r.Began = time.Time{} }), "", "nothing was done"},
		{"inspect did not answer", done(value.Stop, func(r *record) { r.AfterErr = noAnswer }), "haltscope inspect web",
			"could not be read"},
		{"docker did not answer", done(value.Stop, after(running), failed(noAnswer)), "haltscope inspect web", "check again"},
		{"removed by --rm", done(value.Stop, gone, before(autoRemove)), "", "--rm removes it"},
		{"removed by another client", done(value.Stop, gone), "", "no longer exists"},
		{"stop, and another client started it", done(value.Stop, ended(time.Second, 0), after(running)), "",
			"nothing to do: another client has started it again, as a new process"},
		{"stop, and its policy started it", done(value.Stop, ended(time.Second, 0), after(running), func(r *record) { policy(&r.Before) }), "",
			"nothing to do: its restart policy, always, has started it again, as a new process"},
		{"restart", done(value.Restart, ended(time.Second, 0), after(running)), "", "it is running again, as a new process; what was"},
		{"stop", done(value.Stop, ended(time.Second, 0)), "docker start web", "a new process; what was in memory is lost"},
		{"stop, policy always", done(value.Stop, ended(time.Second, 0), before(withPolicy("always"))), "docker start web",
			"a daemon restart also starts it"},
		{"stop, policy on-failure", done(value.Stop, ended(time.Second, 0), before(withPolicy("on-failure"))), "docker start web",
			"what was in memory is lost"},
		{"kill, policy on-failure", done(value.Kill, ended(time.Second, 137), before(withPolicy("on-failure"))), "docker start web",
			"by its restart policy, on-failure"},
		{"kill, policy on-failure, no retries left", done(value.Kill, ended(time.Second, 137), before(withPolicy("on-failure")), retries(3, 3)),
			"docker start web", "what was in memory is lost"},
		{"stop, policy always, podman", done(value.Stop, ended(time.Second, 0), before(withPolicy("always")), podman), "docker start web",
			"what was in memory is lost"},
		{"stop, being removed", done(value.Stop, endedThen(status("removing")), before(autoRemove)), "", "--rm removes it"},
		{"kill, its policy starts it", done(value.Kill, endedThen(status("restarting")), before(withPolicy("always"))), "",
			"its restart policy, always, starts it again"},
		{"kill, unless-stopped", done(value.Kill, endedThen(status("restarting")), before(withPolicy("unless-stopped"))), "",
			"starts it once more"},
		{"kill, its policy has started it", done(value.Kill, endedThen(running), before(withPolicy("always"))), "", "has started it again"},
		{"restart", done(value.Restart, endedThen(running)), "", "it is running again"},
		{"pause", done(value.Pause, after(paused), frozen(0, 1)), "docker unpause web", "its memory intact"},
		{"pause, a pending SIGKILL", done(value.Pause, after(paused), frozen(0, 1), pending), "docker unpause web", "ends it"},
		{"a pending SIGKILL", done(value.Unpause, after(running), frozen(1, 0), pending), "", "ends as soon as it can"},
		{"unpause", done(value.Unpause, after(running), frozen(1, 0)), "", "nothing to do: it is running"},
		{"unpause, it stays frozen", done(value.Unpause, after(running), frozen(1, 1)), "haltscope inspect web", "cannot thaw"},
		{"stop of what had ended", done(value.Stop, before(exited(0)), after(exited(0))), "", "it has changed nothing"},
		{"pause of what had ended", done(value.Pause, before(exited(0)), after(exited(0)), failed(errDocker)), "", "it has changed nothing"},
		{"pause of what was paused", done(value.Pause, before(paused), after(paused), failed(errDocker), frozen(1, 1)), "",
			"it has changed nothing"},
		{"start that ended at once", done(value.Start, before(exited(0)), after(exited(0), func(c *dockercli.Container) {
			c.State.StartedAt = time.Now()
		})), "docker start web", "a new process"},
		{"kill by SIGSTOP", done(value.Kill, after(running), sigstop), "docker kill --signal CONT web", "where it was stopped"},
		{"kill by SIGHUP turns off a policy", done(value.Kill, after(running), before(withPolicy("unless-stopped")), expect(verdict.RunsOn),
			func(r *record) { r.Signal = unix.SIGHUP }), "", "unless-stopped, is off until"},
	} {
		got := c.record.restore()
		if got.Command != c.command || !strings.Contains(got.Effect, c.effect) {
			t.Errorf("%s: %q, %q; wanted %q, %q", c.name, got.Command, got.Effect, c.command, c.effect)
		}
		if c.effect == "what was in memory is lost" && strings.Contains(got.Effect, "daemon") {
			t.Errorf("%s: %q", c.name, got.Effect)
		}
	}
}

func TestDryRunDocument(t *testing.T) {
	r := dry(value.Stop, expect(verdict.Forced, 137))
	grace := 3 * time.Second
	r.GraceFlag = &grace
	r.expected.consequences = []prediction.Evidence{{Source: "docker inspect", Value: "--rm"}}
	doc := r.document()
	if doc.Paste != "docker stop -t 3 -- web" || doc.Name != "web" || doc.ID != "4f1c" || len(doc.Consequences) != 1 {
		t.Errorf("%+v", doc)
	}
	if o, ok := doc.Predicted.Get(); !ok || o.Outcome != "forced" {
		t.Errorf("expected %+v", doc.Predicted)
	}
	if doc.Verdict.Reason() != value.NotMeasured || doc.ExitCode.Reason() != value.NotMeasured {
		t.Errorf("%+v, %+v", doc.Verdict, doc.ExitCode)
	}
}

func TestDocument(t *testing.T) {
	r := done(value.Stop, ended(time.Second, 137, kills("15", "9")...), expect(verdict.Forced, 137))
	r.Call = dockercli.Call{Argv: []string{"docker", "stop", "--", "4f1c"}, Elapsed: 1500 * time.Millisecond}
	r.emptyAt = later(1200 * time.Millisecond)
	r.membersBefore = members{pids: []int{42, 43}}
	r.membersAfter = members{err: errors.New("denied")}
	doc := r.document()
	if v, ok := doc.Verdict.Get(); !ok || v.Kind != "forced" {
		t.Errorf("verdict %+v", doc.Verdict)
	}
	if code, _ := doc.ExitCode.Get(); code != 137 || len(doc.Signals) != 2 || len(doc.Events) != 3 {
		t.Errorf("%+v, %+v, %+v", doc.ExitCode, doc.Signals, doc.Events)
	}
	command, _ := doc.Timing.CommandMs.Get()
	effect, _ := doc.Timing.EffectMs.Get()
	empty, _ := doc.Timing.EmptyMs.Get()
	if command != 1500 || effect != 1000 || empty != 1200 {
		t.Errorf("%+v", doc.Timing)
	}
	if n, _ := doc.Process.Before.Get(); n != 2 || doc.Process.After.Reason() != value.Failed {
		t.Errorf("%+v", doc.Process)
	}
	if len(doc.Fix) == 0 {
		t.Error("no advice on a forced stop")
	}
}

// What the rules of predict cannot say is not left out silently.
func TestNoExpectation(t *testing.T) {
	for name, c := range map[string]struct {
		expectation
		reason value.Reason
	}{
		"podman": {expectation{noRules: true}, value.Unsupported},
	} {
		if got := c.document("podman"); got.Reason() != c.reason || got.Detail() == "" {
			t.Errorf("%s: %+v", name, got)
		}
	}
}

func TestActionAdvice(t *testing.T) {
	facts := func(r *record) {
		r.expected.facts = &prediction.Facts{Signal: 99, SignalText: "99"}
	}
	for _, c := range []struct {
		name   string
		record *record
		kind   verdict.Kind
		want   string // "" for none
	}{
		{"forced", done(value.Stop, facts, func(r *record) { r.EventsSeen = kills("15", "9") }), verdict.Forced, "99 is not a valid signal"},
		{"forced, and no stop signal was sent", done(value.Stop, facts, func(r *record) { r.EventsSeen = kills("9") }), verdict.Forced,
			"SIGTERM was never sent"},
		{"the same, the events not known", done(value.Stop, facts, func(r *record) { r.EventsErr = errDocker }), verdict.Forced,
			"99 is not a valid signal"},
		{"graceful", done(value.Stop, facts), verdict.Graceful, ""},
		{"a kill", done(value.Kill, facts), verdict.Killed, ""},
	} {
		got := strings.Join(c.record.advice(&verdict.Verdict{Kind: c.kind}), "; ")
		if !strings.Contains(got, c.want) || c.want == "" && got != "" {
			t.Errorf("%s: %q, wanted %q", c.name, got, c.want)
		}
	}
}

// Memory that is given back, by the cgroup's figures before and after. A cgroup that is gone may leave page cache.
func TestReturned(t *testing.T) {
	r := done(value.Stop)
	r.ReadBefore.Memory.Current, r.ReadBefore.Memory.File = figure.Number(100), figure.Number(30)
	r.Group = nil
	if returned, cache := r.returned(figure.Without(figure.Vanished)); returned.Reason() != value.NotMeasured ||
		cache.Reason() != value.NotMeasured {
		t.Errorf("a container that was not running: %+v, %+v", returned, cache)
	}
}
