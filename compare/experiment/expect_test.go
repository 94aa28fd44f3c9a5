package experiment

import (
	"slices"
	"strings"
	"testing"
	"time"

	"haltscope/compare/document"
	"haltscope/compare/rules/prediction"
	"haltscope/compare/rules/verdict"
	"haltscope/compare/value"
	"haltscope/dockercli"
)

func TestExpectations(t *testing.T) {
	second := time.Second
	all := Expectations{Within: &second, ExitCodes: []int{0, 143}, NoSIGKILL: true, Graceful: true, NoOrphans: true, Events: []string{"kill", "die", "stop"}}
	run := func(code int, took float64, events ...string) *document.Run {
		r := &document.Run{State: document.State{ExitCode: value.Known(code)}, Timing: document.Timing{EffectMs: value.Known(took)}}
		for _, e := range events {
			r.Events = append(r.Events, document.Event{Action: e})
		}
		return r
	}
	unknown := value.Absent[int](value.Unsupported, "")
	// oom adds what docker inspect and the kernel's count say of the OOM killer.
	oom := func(r *document.Run, state, count bool) *document.Run {
		r.State.OOMKilled, r.Memory.OOMKills = value.Known(state), value.Known(uint64(0))
		if count {
			r.Memory.OOMKills = value.Known(uint64(2))
		}
		return r
	}
	for name, c := range map[string]struct {
		s    stopped
		fail string // names of those not met; with ? of those not known
	}{
		"all met":                               {stopped{verdict: verdict.Verdict{Kind: verdict.Graceful}, run: run(0, 20, "kill", "die", "stop"), orphans: value.Known(0)}, ""},
		"stop before die":                       {stopped{verdict: verdict.Verdict{Kind: verdict.Graceful}, run: run(143, 1000, "kill", "stop", "die"), orphans: value.Known(0)}, ""},
		"forced":                                {stopped{verdict: verdict.Verdict{Kind: verdict.Forced}, run: run(137, 1001, "kill", "kill", "die", "stop"), orphans: value.Known(2)}, "within exit-code no-sigkill graceful no-orphans events"},
		"terminated":                            {stopped{verdict: verdict.Verdict{Kind: verdict.Terminated}, run: run(143, 20, "kill", "die", "stop"), orphans: unknown}, "graceful no-orphans?"},
		"nobody knows":                          {stopped{verdict: verdict.Verdict{Kind: verdict.Inconclusive}, run: run(0, 20, "kill", "die", "stop"), orphans: value.Known(0)}, "graceful?"},
		"docker does not answer":                {stopped{verdict: verdict.Verdict{Kind: verdict.Inconclusive, Missing: "docker inspect gave no answer"}, run: &document.Run{}, orphans: unknown, unknown: "no answer"}, "within? exit-code? no-sigkill? graceful? no-orphans? events?"},
		"the OOM killer, by inspect":            {stopped{verdict: verdict.Verdict{Kind: verdict.Graceful}, run: oom(run(0, 20, "kill", "die", "stop"), true, false), orphans: value.Known(0)}, "no-sigkill"},
		"the OOM killer, by the kernel's count": {stopped{verdict: verdict.Verdict{Kind: verdict.Graceful}, run: oom(run(0, 20, "kill", "die", "stop"), false, true), orphans: value.Known(0)}, "no-sigkill"},
		"the OOM killer, by Docker's event":     {stopped{verdict: verdict.Verdict{Kind: verdict.Graceful}, run: oom(run(0, 20, "kill", "oom", "die", "stop"), false, false), orphans: value.Known(0)}, "no-sigkill events"},
		"the OOM killer, and a default action":  {stopped{verdict: verdict.Verdict{Kind: verdict.Terminated}, run: oom(run(143, 20, "kill", "die", "stop"), true, true), orphans: value.Known(0)}, "no-sigkill graceful"},
		"the OOM killer, asked and idle":        {stopped{verdict: verdict.Verdict{Kind: verdict.Graceful}, run: oom(run(0, 20, "kill", "die", "stop"), false, false), orphans: value.Known(0)}, ""},
		"the OOM killer, and Docker is silent":  {stopped{verdict: verdict.Verdict{Kind: verdict.Inconclusive}, run: &document.Run{Memory: document.Memory{OOMKills: value.Known(uint64(1))}}, orphans: unknown, unknown: "no answer"}, "within? exit-code? no-sigkill graceful? no-orphans? events?"},
		"137, and nobody tells whose":           {stopped{verdict: verdict.Verdict{Kind: verdict.Inconclusive, Missing: "whose"}, run: oom(run(137, 20, "kill", "die", "stop"), false, false), orphans: value.Known(0)}, "exit-code no-sigkill? graceful?"},
		"137 of a handler, unless somebody's":   {stopped{verdict: verdict.Verdict{Kind: verdict.Graceful}, run: run(137, 20, "kill", "die", "stop"), orphans: value.Known(0)}, "exit-code no-sigkill?"},
		"137 of its own, the kernel says so":    {stopped{verdict: verdict.Verdict{Kind: verdict.Graceful}, run: run(137, 20, "kill", "die", "stop"), orphans: value.Known(0), returned: true}, "exit-code"},
		"137, a worker's by the OOM killer":     {stopped{verdict: verdict.Verdict{Kind: verdict.Graceful}, run: oom(run(137, 20, "kill", "die", "stop"), true, false), orphans: value.Known(0), returned: true}, "exit-code no-sigkill"},
		"it runs on, no end":                    {stopped{verdict: verdict.Verdict{Kind: verdict.Inconclusive}, run: &document.Run{}, orphans: value.Known(0)}, "within exit-code no-sigkill graceful events"},
	} {
		c.s.foreseen = &prediction.Facts{Signal: 15, Grace: time.Second}
		var got []string
		held := all.hold(&c.s)
		for _, e := range held {
			switch pass, known := e.Pass.Get(); {
			case !known:
				got = append(got, e.Name+"?")
			case !pass:
				got = append(got, e.Name)
			}
		}
		if strings.Join(got, " ") != c.fail {
			t.Errorf("%s: %q, wanted %q", name, got, c.fail)
		}
		why, _ := explainStop(&c.s, &all, held)
		bad := slices.ContainsFunc(got, func(s string) bool { return !strings.HasSuffix(s, "?") })
		if bad != (why != "") {
			t.Errorf("%s: why %q", name, why)
		}
		if strings.Contains(why, "OOM killer") != (c.s.oom() != "") {
			t.Errorf("%s: why %q", name, why)
		}
	}
	if none := (&Expectations{}); !none.None() {
		t.Error("nothing is expected")
	}
}

// A twin's flags leave out what would let it change what is the container's.
func TestShape(t *testing.T) {
	var s dockercli.Setup
	yes, seconds := true, 3
	s.Config.Entrypoint, s.Config.Cmd, s.Config.StopTimeout = []string{"/app", "--serve"}, []string{"x"}, &seconds
	s.HostConfig.Init, s.HostConfig.Privileged, s.HostConfig.PidMode = &yes, true, "host"
	s.HostConfig.Tmpfs = map[string]string{"/t": ""}
	for _, m := range [][]any{{"bind", "", "/a", "/b", false}, {"bind", "", "/rw", "/c", true}, {"volume", strings.Repeat("0", 64), "", "/anon", true}, {"volume", "named", "", "/n", true}} {
		s.Mounts = append(s.Mounts, struct {
			Type, Name, Source, Destination string
			RW                              bool
		}{m[0].(string), m[1].(string), m[2].(string), m[3].(string), m[4].(bool)})
	}
	s.HostConfig.SecurityOpt = []string{"no-new-privileges", `seccomp={"defaultAction":"SCMP_ACT_ALLOW"}`}
	s.HostConfig.ShmSize, s.HostConfig.IpcMode, s.HostConfig.CpusetCpus = 64<<20, "private", "0-1"
	s.Config.Healthcheck = &dockercli.Healthcheck{Test: []string{"CMD-SHELL", "wget -q localhost"}, Interval: 5 * time.Second, Retries: 2}
	l := shape(&s, false)
	want := []string{"--entrypoint", "/app", "--stop-timeout", "3", "--init", "--pid", "host", "--security-opt", "no-new-privileges", "--health-cmd", "wget -q localhost", "--health-interval", "5s", "--health-retries", "2", "--cpuset-cpus", "0-1", "--shm-size", "67108864", "--tmpfs", "/t", "--volume", "/a:/b:ro", "--volume", "/anon"}
	if !slices.Equal(l.flags, want) || !slices.Equal(l.command, []string{"--serve", "x"}) {
		t.Errorf("%q, %q", l.flags, l.command)
	}
	for inherited, want := range map[bool]string{true: "", false: "its health check"} {
		s.Config.Healthcheck.Test = []string{"CMD", "/probe"}
		if all := strings.Join(shape(&s, inherited).skipped, "; "); strings.Contains(all, "its health check") != (want != "") || !strings.Contains(all, "seccomp profile") {
			t.Errorf("inherited: %t: %s", inherited, all)
		}
	}
	if lacks := strings.Join(l.lacks(), "; "); !strings.Contains(lacks, "--privileged") || !strings.Contains(lacks, "/c") || !strings.Contains(lacks, "/n") {
		t.Errorf("%s", lacks)
	}
}
