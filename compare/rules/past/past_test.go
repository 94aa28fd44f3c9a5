package past

import (
	"slices"
	"strings"
	"testing"
	"time"

	"haltscope/compare/value"
)

// The run of the tests begins at start and ends at end.
var (
	start = time.Date(2026, 5, 20, 12, 0, 0, 0, time.UTC)
	end   = start.Add(time.Hour)
)

func at(before time.Duration) time.Time { return end.Add(-before) }

func ptr[T any](v T) *T { return &v }

// ended returns the facts of a run that ended with an exit code, with all of Docker's events, and of which nothing else is known.
func ended(code int, more ...func(*Facts)) Facts {
	f := Facts{StartedAt: ptr(start), EndedAt: ptr(end), Code: &code, CodeSource: inspectSource, OOMKilled: ptr(false), SeenFrom: ptr(start),
		Events: []Event{{Action: "die", At: end}},
		Container: Container{Known: true, StopSignal: value.SIGTERM, Grace: value.DefaultGrace, NamespaceInit: true, Program: "app",
			ZeroIsReal: true}}
	for _, m := range more {
		m(&f)
	}
	return f
}

func kill(signal value.Signal, before time.Duration) func(*Facts) {
	return func(f *Facts) { f.Events = append(f.Events, Event{Action: "kill", Signal: signal, At: at(before)}) }
}

func stop(f *Facts) {
	f.Events = append(f.Events, Event{Action: "stop", At: at(-100 * time.Millisecond)})
}

// unseen: Docker's events from the time of the run are gone, also that of the end.
func unseen(f *Facts) { f.SeenFrom, f.Events = ptr(at(-time.Hour)), nil }

// late: Docker's events begin a while before the end.
func lately(f *Facts) { f.SeenFrom = ptr(at(time.Minute)) }

func notForced(f *Facts) { f.NotForced = true }

func forced(f *Facts) {
	f.Forced = &Forced{At: at(50 * time.Millisecond), Grace: "10s", Signal: value.SIGTERM, Source: "dockerd.log"}
}

func oomFlag(f *Facts) { f.OOMKilled = ptr(true) }

func oomEvent(before time.Duration) func(*Facts) {
	return func(f *Facts) { f.Events = append(f.Events, Event{Action: "oom", At: at(before)}) }
}

// chosen: the kernel's log has a victim of the OOM killer.
func chosen(place Place, before time.Duration) func(*Facts) {
	return func(f *Facts) {
		f.KernelLog = true
		f.Kills = append(f.Kills, OOMKill{At: at(before), PID: 42, Name: "victim", Place: place, Limit: "at its limit"})
	}
}

// oomd: systemd-oomd sent a signal to the container, or announced that.
func oomd(signal value.Signal, done bool, before time.Duration) func(*Facts) {
	return func(f *Facts) {
		f.OOMSignals = append(f.OOMSignals, OOMSignal{Signal: signal, At: at(before), By: "systemd-oomd", Whole: true, Done: done,
			Source: "journalctl", Text: "Killed /x.scope"})
	}
}

// earlyoom sent a signal to a process of a name, somewhere on the host.
func earlyoom(signal value.Signal, name string) func(*Facts) {
	return func(f *Facts) {
		f.OOMSignals = append(f.OOMSignals, OOMSignal{Signal: signal, At: at(ms), By: "earlyoom", PID: 7, Name: name,
			Source: "journalctl", Text: "sending"})
	}
}

func dumped(signal value.Signal) func(*Facts) {
	return func(f *Facts) {
		f.Dumps = append(f.Dumps, CoreDump{Signal: signal, At: at(time.Second), Source: "journalctl", PID: 8, Name: "crash"})
	}
}

func program(name string) func(*Facts) { return func(f *Facts) { f.Container.Program = name } }

func under(front string) func(*Facts) { return func(f *Facts) { f.Container.Front = front } }
func shell(f *Facts)                  { f.Container.Shell, f.Container.Program = true, "sh" }

// removed: docker inspect does not know the container any more.
func removed(f *Facts) {
	f.Container = Container{StopSignal: value.SIGTERM, Grace: value.DefaultGrace, ZeroIsReal: true}
	f.OOMKilled, f.CodeSource = nil, "docker events: die"
}

func policyOff(f *Facts) { f.Container.PolicyOff = true }
func byPolicy(f *Facts)  { f.Container.RestartedByPolicy = true }
func doubted(f *Facts)   { f.CodeDoubt = "a label" }

const (
	ms      = time.Millisecond
	certain = value.Certain
	likely  = value.Likely
	unsure  = value.Unsure
)

func TestJudge(t *testing.T) {
	for name, c := range map[string]struct {
		facts Facts
		kind  value.Kind
		sure  value.Confidence
		says  string // in How or Missing
	}{
		// By itself.
		"success":                            {ended(0), value.Exited, certain, ""},
		"failure":                            {ended(3), value.Crashed, certain, ""},
		"a shell's code":                     {ended(127, shell), value.Crashed, certain, ""},
		"success, on an engine that invents": {ended(0, func(f *Facts) { f.Container.ZeroIsReal = false }), value.Exited, likely, ""},
		"failure, old events gone":           {ended(3, lately), value.Crashed, likely, ""},
		"failure, restarted by policy":       {ended(3, byPolicy), value.Crashed, certain, ""},
		"failure, restarted, events gone":    {ended(3, byPolicy, unseen), value.Crashed, likely, ""},
		"failure, events gone":               {ended(3, unseen), value.Inconclusive, unsure, "gone"},
		"success, events gone": {ended(0, unseen),
			value.Inconclusive, unsure, "whether it ended by itself or after docker stop"},
		"events unreadable":                  {ended(0, func(f *Facts) { f.SeenError = "broken" }), value.Inconclusive, unsure, "broken"},
		"no events at all":                   {ended(0, func(f *Facts) { f.SeenFrom = nil }), value.Inconclusive, unsure, "no events"},
		"restarted by its policy":            {ended(3, unseen, byPolicy), value.Crashed, likely, ""},
		"restarted by its policy, success":   {ended(0, unseen, byPolicy), value.Exited, likely, ""},
		"failure after an OOM kill":          {ended(3, oomFlag, oomEvent(ms), chosen(Second, ms)), value.Crashed, certain, ""},
		"own 143":                            {ended(143), value.Crashed, likely, "SIGTERM, which Docker did not send"},
		"own 255":                            {ended(255), value.Inconclusive, unsure, "made that code up"},
		"interrupted":                        {ended(130), value.Crashed, likely, "SIGINT"},
		"interrupted, under an init":         {ended(130, under("tini")), value.Inconclusive, unsure, "reboot(2)"},
		"segfault":                           {ended(139), value.Crashed, likely, "SIGSEGV"},
		"segfault, events gone":              {ended(139, unseen), value.Crashed, likely, "SIGSEGV"},
		"segfault while stopping":            {ended(139, kill(15, 20*ms), stop), value.Crashed, likely, "SIGSEGV"},
		"a reload long ago":                  {ended(3, kill(value.SIGHUP, 30*time.Minute)), value.Crashed, certain, ""},
		"a reload just now":                  {ended(3, kill(value.SIGHUP, 2*time.Second)), value.Inconclusive, unsure, "SIGHUP"},
		"a stop signal long ago":             {ended(0, kill(15, 30*time.Minute)), value.Inconclusive, unsure, "SIGTERM, 30 min"},
		"a stop that came too late":          {ended(3, stop), value.Crashed, certain, ""},
		"a label may have replaced the code": {ended(3, removed, doubted), value.Crashed, likely, ""},

		// After a signal.
		"graceful":               {ended(0, kill(15, 20*ms), stop), value.Graceful, likely, "20.0 ms after SIGTERM"},
		"graceful, docker kill":  {ended(0, kill(15, 20*ms)), value.Graceful, likely, ""},
		"graceful, a slow stop":  {ended(0, kill(15, 5*time.Minute), stop), value.Graceful, likely, "300.00 s"},
		"graceful, removed":      {ended(0, removed, kill(15, 20*ms), stop), value.Graceful, likely, ""},
		"graceful, 143 of PID 1": {ended(143, kill(15, 20*ms), stop), value.Graceful, likely, ""},
		"143 under an init": {ended(143, under("docker-init"), kill(15, 20*ms), stop),
			value.Inconclusive, unsure, "under docker-init"},
		"143 of a shell":       {ended(143, shell, kill(15, 20*ms), stop), value.Inconclusive, unsure, "default action"},
		"143 of a removed one": {ended(143, removed, kill(15, 20*ms), stop), value.Inconclusive, unsure, "default action"},
		"143 in the host's namespace": {ended(143, func(f *Facts) { f.Container.NamespaceInit = false }, kill(15, 20*ms), stop),
			value.Inconclusive, unsure, ""},
		"0 of a wrapper":            {ended(0, under("sudo"), kill(15, 20*ms), stop), value.Inconclusive, unsure, "under sudo"},
		"0 under an init":           {ended(0, under("tini"), kill(15, 20*ms), stop), value.Graceful, likely, ""},
		"failed stopping":           {ended(4, kill(15, 20*ms), stop), value.FailedStopping, likely, "after SIGTERM"},
		"what Go makes of a signal": {ended(2, kill(15, 20*ms), stop), value.Inconclusive, unsure, "runtime"},
		"another signal's code":     {ended(130, kill(15, 20*ms), stop), value.Inconclusive, unsure, "SIGINT"},
		"a hidden signal, stop":     {ended(0, kill(0, 20*ms), stop), value.Graceful, likely, ""},
		"a hidden signal, kill":     {ended(0, kill(0, 20*ms)), value.Inconclusive, unsure, "label"},
		"SIGKILL came too late":     {ended(0, kill(15, 2*time.Second), kill(9, ms), stop), value.Graceful, likely, ""},
		"SIGKILL, and no 137":       {ended(0, kill(9, ms)), value.Inconclusive, unsure, "SIGKILL"},
		"asked by its policy":       {ended(0, unseen, policyOff), value.Inconclusive, unsure, "whether it ended by itself"},
		"the daemon shut down": {ended(0, unseen, func(f *Facts) { f.Shutdowns = []time.Time{at(time.Second)} }), value.Graceful, likely,
			"1.00 s after SIGTERM"},
		"the daemon shut down before": {ended(0, unseen, func(f *Facts) { f.Shutdowns = []time.Time{at(10 * time.Minute)} }),
			value.Inconclusive, unsure, ""},

		// 137, by Docker.
		"forced, by dockerd's log": {ended(137, unseen, forced), value.Forced, certain, "10s ran out after SIGTERM"},
		"forced, by the events": {ended(137, kill(15, 10*time.Second), kill(9, ms), stop),
			value.Forced, certain, "10.00 s after SIGTERM"},
		"forced, docker stop -t 3": {ended(137, kill(15, 3010*ms), kill(9, ms), stop), value.Forced, likely, "3.01 s"},
		"forced or killed":         {ended(137, kill(15, 3500*ms), kill(9, ms), stop), value.Inconclusive, unsure, "3.50 s"},
		"killed during a stop":     {ended(137, kill(15, 3010*ms), kill(9, ms), stop, notForced), value.Killed, likely, "during a stop"},
		"killed":                   {ended(137, kill(9, ms)), value.Killed, certain, "a client requested SIGKILL"},
		"killed, removed":          {ended(137, removed, kill(9, ms)), value.Killed, certain, ""},
		"killed, old events gone": {ended(137, func(f *Facts) { f.SeenFrom = ptr(at(time.Second)) }, kill(9, ms)),
			value.Killed, likely, ""},
		"killed, and dockerd's log": {ended(137, func(f *Facts) { f.SeenFrom = ptr(at(time.Second)) }, kill(9, ms), notForced),
			value.Killed,
			certain, ""},
		"killed when a grace would have run out": {ended(137, kill(15, 10*time.Second), kill(9, ms)), value.Inconclusive, unsure,
			"no stop"},
		"killed after another signal": {ended(137, kill(15, 4*time.Second), kill(9, ms)), value.Killed, certain, ""},
		"SIGKILL is its stop signal": {ended(137, func(f *Facts) { f.Container.StopSignal = value.SIGKILL }, kill(9, ms), stop),
			value.Killed,
			certain, "its stop signal"},
		"no stop signal":         {ended(137, kill(9, ms), stop), value.Inconclusive, unsure, "could not be sent"},
		"a label hides the kill": {ended(137, kill(0, ms)), value.Inconclusive, unsure, "label"},
		"a label may hide the kill": {ended(137, removed, func(f *Facts) {
			f.Events = append(f.Events, Event{Action: "kill", Signal: 9, Doubt: "a label", At: at(ms)})
		}), value.Killed, likely, ""},
		"killed or forced by its policy": {ended(137, unseen, policyOff), value.Inconclusive, unsure, "who sent SIGKILL"},
		"killed by its policy":           {ended(137, unseen, policyOff, notForced), value.Inconclusive, unsure, "whether a client"},

		// 137, by the OOM killer or by nobody knows.
		"OOM, its only process":  {ended(137, oomFlag, oomEvent(ms), chosen(Only, 2*ms)), value.OOMKilled, certain, "victim (pid 42)"},
		"OOM, events gone":       {ended(137, unseen, oomFlag, chosen(Only, 2*ms)), value.OOMKilled, certain, ""},
		"OOM, its first process": {ended(137, oomFlag, chosen(First, 2*ms)), value.OOMKilled, likely, ""},
		"OOM, under an init":     {ended(137, under("docker-init"), chosen(Second, 2*ms)), value.OOMKilled, likely, ""},
		"OOM, a worker, own 137": {ended(137, shell, oomFlag, oomEvent(ms), chosen(Second, ms)), value.Crashed, likely, "as a shell does"},
		"OOM, a worker, a second ago": {ended(137, shell, oomFlag, oomEvent(time.Second), chosen(Second, time.Second)), value.Inconclusive,
			unsure, "or SIGKILL ended it"},
		"OOM, a worker, on a loaded host": {ended(137, oomFlag, oomEvent(1200*ms), chosen(Second, 2*time.Second)), value.Crashed, likely,
			"as a shell does"},
		"OOM, a worker, long before, on a loaded host": {ended(137, oomFlag, oomEvent(2200*ms), chosen(Second, 3*time.Second)),
			value.Inconclusive, unsure, "3.00 s later"},
		"OOM, a worker, and Docker's report of another": {ended(137, oomFlag, oomEvent(3*time.Second), chosen(Second, 2*time.Second)),
			value.Inconclusive, unsure, "or SIGKILL ended it"},
		"OOM, its only process, slowly": {ended(137, chosen(Only, 5*time.Second)), value.OOMKilled, certain, ""},
		"OOM by Docker, a second ago":   {ended(137, oomFlag, oomEvent(time.Second)), value.Inconclusive, unsure, "outside"},
		"OOM, a worker, long ago": {ended(137, oomFlag, oomEvent(time.Minute), chosen(Second, time.Minute)), value.Inconclusive, unsure,
			"outside"},
		"OOM, a worker, and unseen": {ended(137, unseen, oomFlag, chosen(Later, ms)), value.Inconclusive, unsure, "victim"},
		"OOM, no list, same name": {ended(137, chosen(PlaceUnknown, ms), func(f *Facts) { f.Container.Program = "victim" }),
			value.OOMKilled,
			likely, ""},
		"OOM, no list, a shell": {ended(137, shell, oomFlag, chosen(PlaceUnknown, ms)), value.Inconclusive, unsure, "victim"},
		"OOM, two victims":      {ended(137, chosen(Second, 5*ms), chosen(Only, ms)), value.OOMKilled, certain, ""},
		"OOM, removed":          {ended(137, removed, oomEvent(ms), chosen(Only, ms)), value.OOMKilled, certain, ""},
		"OOM by Docker alone":   {ended(137, oomFlag, oomEvent(ms)), value.OOMKilled, likely, "Docker says so"},
		"OOM by Docker, a shell": {ended(137, shell, oomFlag, oomEvent(ms)), value.Inconclusive, unsure,
			"one that it had started"},
		"OOM by Docker, long before": {ended(137, oomFlag, oomEvent(time.Minute)), value.Inconclusive, unsure, "outside"},
		"OOM by the flag alone":      {ended(137, unseen, oomFlag), value.Inconclusive, unsure, "at any time"},
		"OOM, and not by the kernel": {ended(137, unseen, oomFlag, func(f *Facts) { f.KernelLog = true }), value.Inconclusive, unsure,
			"SIGKILL"},
		"OOM, and killed by Docker":    {ended(137, oomFlag, chosen(Second, ms), kill(9, ms)), value.Killed, certain, ""},
		"own 137, or from outside":     {ended(137), value.Inconclusive, unsure, "a process outside Docker sent SIGKILL"},
		"own 137 after SIGTERM":        {ended(137, kill(15, 20*ms), stop), value.Inconclusive, unsure, "returned 137 after SIGTERM"},
		"137, restarted by its policy": {ended(137, unseen, byPolicy), value.Inconclusive, unsure, "outside Docker"},
		"137, events gone":             {ended(137, unseen), value.Inconclusive, unsure, "who sent SIGKILL"},
		"137, events gone, not forced": {ended(137, unseen, notForced), value.Inconclusive, unsure, "a client requested"},

		// By systemd-oomd or earlyoom.
		"systemd-oomd": {ended(137, oomd(value.SIGKILL, true, 30*ms)),
			value.Killed, certain, "systemd-oomd sent SIGKILL to all"},
		"systemd-oomd, events gone": {ended(137, unseen, oomd(value.SIGKILL, true, 30*ms)), value.Killed, certain, "systemd-oomd"},
		"systemd-oomd, announced": {ended(137, oomd(value.SIGKILL, false, 30*ms)), value.Killed, likely,
			"systemd-oomd had marked all"},
		"systemd-oomd, announced and done": {ended(137, oomd(value.SIGKILL, false, 60*ms), oomd(value.SIGKILL, true, 30*ms)),
			value.Killed, certain, "systemd-oomd sent SIGKILL to all"},
		"systemd-oomd, after earlyoom": {ended(137, shell, earlyoom(value.SIGKILL, "java"), oomd(value.SIGKILL, true, 30*ms)),
			value.Killed, certain, "systemd-oomd sent SIGKILL to all"},
		"earlyoom, another one first": {ended(137, program("java"), earlyoom(value.SIGKILL, "firefox"), earlyoom(value.SIGKILL, "java")),
			value.Killed, likely, "earlyoom sent SIGKILL to java (pid 7)"},
		"systemd-oomd, too late": {ended(3, oomd(value.SIGKILL, true, 30*ms)), value.Crashed, certain, ""},
		"systemd-oomd, and docker kill": {ended(137, oomd(value.SIGKILL, true, 30*ms), kill(9, ms)), value.Killed, certain,
			"a client requested SIGKILL"},
		"systemd-oomd, after the OOM killer chose a worker": {ended(137, chosen(Second, 5*time.Second), oomd(value.SIGKILL, true, 30*ms)),
			value.Killed, certain, "systemd-oomd"},
		"earlyoom": {ended(137, program("java"), earlyoom(value.SIGKILL, "java")), value.Killed, likely,
			"earlyoom sent SIGKILL to java (pid 7)"},
		"earlyoom, another program": {ended(137, program("java"), earlyoom(value.SIGKILL, "firefox")),
			value.Inconclusive, unsure, "SIGKILL of earlyoom ended it, which went to firefox"},
		"earlyoom, a shell": {ended(137, shell, earlyoom(value.SIGKILL, "java")),
			value.Inconclusive, unsure, "SIGKILL of earlyoom"},
		"earlyoom, removed": {ended(137, removed, earlyoom(value.SIGKILL, "java")),
			value.Inconclusive, unsure, "SIGKILL of earlyoom"},
		"earlyoom, a worker and more": {ended(137, shell, chosen(Later, time.Minute), chosen(Second, 5*time.Second),
			earlyoom(value.SIGKILL, "java")), value.Inconclusive, unsure, "after the OOM killer"},
		"earlyoom asks": {ended(0, program("java"), earlyoom(value.SIGTERM, "java")),
			value.Inconclusive, unsure, "SIGTERM of earlyoom"},
		"earlyoom asks a shell": {ended(143, shell, earlyoom(value.SIGTERM, "java")),
			value.Inconclusive, unsure, "SIGTERM of earlyoom"},
		"earlyoom asks another one": {ended(3, program("java"), earlyoom(value.SIGTERM, "firefox")), value.Crashed, likely, ""},
		"earlyoom asks what the program starts": {ended(0, program("npm"), earlyoom(value.SIGTERM, "node")),
			value.Inconclusive, unsure, "SIGTERM of earlyoom ended it, which went to node"},
		"earlyoom asks what the program became": {ended(143, program("start"), earlyoom(value.SIGTERM, "java")),
			value.Inconclusive, unsure, "SIGTERM of earlyoom ended it, which went to java"},
		"earlyoom asks another one, and Docker kills": {ended(137, program("java"), earlyoom(value.SIGTERM, "firefox"), kill(9, ms)),
			value.Killed, certain, ""},
		"earlyoom asks, and Docker": {ended(0, program("java"), earlyoom(value.SIGTERM, "java"), kill(15, ms), stop),
			value.Graceful, likely, ""},

		// Core dumps.
		"core dump":                 {ended(139, dumped(value.SIGSEGV)), value.Crashed, likely, "crash (pid 8) dumped core on SIGSEGV"},
		"core dump, another signal": {ended(139, dumped(value.SIGABRT)), value.Crashed, likely, "as on SIGSEGV"},
		"core dump of a worker":     {ended(0, dumped(value.SIGSEGV)), value.Exited, certain, ""},

		// Codes that Docker made up, or none.
		"the host went down": {ended(255, unseen, func(f *Facts) { f.BootAt = ptr(at(time.Second)) }), value.Inconclusive, unsure,
			"the host went down"},
		"the daemon was killed": {ended(0, unseen, func(f *Facts) { f.Starts = []time.Time{at(time.Second)} }), value.Inconclusive, unsure,
			"while dockerd did not run"},
		"the daemon started, and then it died": {ended(3, func(f *Facts) { f.Starts = []time.Time{at(time.Second)} }), value.Crashed,
			certain, ""},
		"no code": {ended(0, func(f *Facts) { f.Code, f.CodeMissing = nil, "it is gone" }), value.Inconclusive, unsure, "it is gone"},
		"no code, forced": {ended(0, forced, func(f *Facts) { f.Code = nil }), value.Forced, likely,
			"ran out"},
		"no code, its only process": {ended(0, chosen(Only, ms), func(f *Facts) { f.Code = nil }), value.OOMKilled, likely, "victim"},
		"no code, a worker": {ended(0, chosen(Later, ms), func(f *Facts) { f.Code, f.CodeMissing = nil, "it is gone" }), value.Inconclusive,
			unsure, "it is gone"},
		"no code, systemd-oomd": {ended(0, oomd(value.SIGKILL, true, ms), func(f *Facts) { f.Code = nil }), value.Killed, likely,
			"systemd-oomd"},
		"the clock was set back": {ended(3, func(f *Facts) { f.StartedAt = ptr(end.Add(time.Hour)); f.SeenFrom = ptr(start) }),
			value.Crashed,
			likely, ""},
		"an endless grace": {ended(0, func(f *Facts) { f.Container.Grace = -1 }, kill(15, 30*time.Minute), stop),
			value.Graceful, likely, ""},
	} {
		t.Run(name, func(t *testing.T) {
			v := Judge(c.facts)
			if v.Kind != c.kind || v.Confidence != c.sure || !strings.Contains(v.How+v.Missing, c.says) {
				t.Errorf("%s (%s), %q, missing %q; want %s (%s), %q; because %+v", v.Kind, v.Confidence, v.How, v.Missing, c.kind, c.sure,
					c.says, v.Because)
			}
			if (v.Kind == value.Inconclusive) != (v.Missing != "") || (v.Kind == value.Inconclusive) != (v.Confidence == value.Unsure) {
				t.Errorf("%s (%s), missing %q", v.Kind, v.Confidence, v.Missing)
			}
			if c.facts.Code != nil && len(v.Because) == 0 {
				t.Error("because of nothing")
			}
		})
	}
}

func TestPlaceOf(t *testing.T) {
	for _, c := range []struct {
		pid    int
		listed []int
		want   Place
	}{
		{1, []int{1}, Only}, {1, []int{1, 2}, First}, {2, []int{1, 2}, Second}, {2, []int{1, 2, 3}, Second}, {3, []int{1, 2, 3}, Later},
		{1, nil, PlaceUnknown}, {1, []int{2, 3}, PlaceUnknown},
		{9, []int{9, 2}, PlaceUnknown}, {2, []int{9, 2}, PlaceUnknown}, // PIDs have wrapped around
	} {
		if got := PlaceOf(c.pid, c.listed); got != c.want {
			t.Errorf("%d in %v: %d, want %d", c.pid, c.listed, got, c.want)
		}
	}
}

// TestCodeMeaning: each code has a meaning, and those of signals name them.
func TestCodeMeaning(t *testing.T) {
	for code, want := range map[int]string{0: "success", 1: "failure", 126: "may not execute", 127: "does not find", 137: "SIGKILL",
		139: "SIGSEGV", 143: "SIGTERM", 255: "Docker", 200: "failure"} {
		if got := CodeMeaning(code); !strings.Contains(got, want) {
			t.Errorf("%d: %q, want %q", code, got, want)
		}
	}
	for code, want := range map[int]string{126: "cannot be executed", 127: "not found", 128: "runtime", 0: "Docker"} {
		if got := StartCodeMeaning(code); !strings.Contains(got, want) {
			t.Errorf("%d: %q, want %q", code, got, want)
		}
	}
}

func TestLogHint(t *testing.T) {
	for _, c := range []struct {
		lines []string
		want  string
	}{
		{nil, ""}, {[]string{"listening", "GET /"}, ""},
		{[]string{"panic: no", "goroutine 1 [running]:", "exit"}, "panic: no"},
		{[]string{"Error: a", "java.lang.OutOfMemoryError: Java heap space", "bye"}, "java.lang.OutOfMemoryError: Java heap space"},
	} {
		if got := LogHint(c.lines); got != c.want {
			t.Errorf("%q: %q", c.lines, got)
		}
	}
}

// TestOtherName checks that a report shows a signal to a process of another name than the program's, and says so.
func TestOtherName(t *testing.T) {
	for name, c := range map[string]struct {
		facts Facts
		want  string
	}{
		"another name": {ended(0, program("npm"), earlyoom(value.SIGTERM, "node")),
			"sending (earlyoom does not log of which container; the container's program is npm)"},
		"its name":      {ended(0, program("npm"), earlyoom(value.SIGTERM, "npm")), "sending (earlyoom does not log of which container)"},
		"a name unread": {ended(0, removed, earlyoom(value.SIGTERM, "node")), "sending (earlyoom does not log of which container)"},
	} {
		v := Judge(c.facts)
		if !slices.ContainsFunc(v.Because, func(o Observation) bool { return o.Value == c.want }) {
			t.Errorf("%s: %+v, want %q", name, v.Because, c.want)
		}
	}
}
