package prediction

import (
	"fmt"
	"strings"
	"testing"
	"time"

	"golang.org/x/sys/unix"

	"haltscope/compare/rules/verdict"
	"haltscope/compare/value"
)

// brief returns an advice in a few words, such as "exec habits +init: terminated".
func brief(a Advice) string {
	text := string(a.Change)
	switch a.Change {
	case UseSignal:
		text += " " + value.SignalName(a.Signal)
	case Handle:
		text += " " + value.SignalName(a.Signal) + " " + a.Runtime
	case ExecForm, TrapForm, TrapExit, LookAgain:
		text += " " + a.Command
	}
	text = strings.TrimSpace(text)
	for _, change := range a.With {
		text += " +" + string(change)
	}
	if a.Ends != "" {
		text += ": " + string(a.Ends)
	}
	return text
}

// child returns a process that is not the first of its namespace, as a pointer.
func child(change ...func(*Process)) *Process {
	p := first(append([]func(*Process){plain}, change...)...)
	return &p
}

// sh is a shell, as /proc shows it: it catches SIGINT and SIGCHLD itself, and runs commands.
func sh(name string, commands ...*Process) func(*Process) {
	return func(p *Process) {
		p.Program, p.Name = name, name
		p.Caught |= set(intr, unix.SIGCHLD)
		if name == "bash" || name == "busybox" {
			p.Ignored |= set(quit)
		}
		p.Commands = []Process{}
		for _, c := range commands {
			p.Commands = append(p.Commands, *c)
		}
		p.Children, p.InWait4 = len(commands), true
		old := time.Hour
		p.Age = &old
	}
}

func named(name string) func(*Process) { return func(p *Process) { p.Name, p.Program = name, name } }

// job is a command that a shell started with &.
func job(p *Process) { p.Ignored |= set(intr, quit) }

// suspended: dash and busybox wait for a background job in rt_sigsuspend.
func suspended(p *Process) { p.InWait4 = false }

func aged(d time.Duration) func(*Process) { return func(p *Process) { p.Age = &d } }

func sleep(arguments ...string) *Process {
	return child(named("sleep"), aged(0), func(p *Process) { p.Arguments = append([]string{"sleep"}, arguments...) })
}

func strain(s Strain) func(*Facts) { return func(f *Facts) { f.Strain = s } }

// TestAdvise checks what is advised, by what was observed.
func TestAdvise(t *testing.T) {
	interactive := func(p *Process) { p.Ignored |= set(term, quit, unix.SIGTSTP, unix.SIGTTOU) }
	catchesHUP := func(p *Process) { p.Caught |= set(unix.SIGHUP) }
	catchesInt := func(p *Process) { p.Caught |= set(intr) }
	small := 0.01
	seconds, forks := 4800*time.Millisecond, uint64(1)
	const forced, terminated = verdict.Forced, verdict.Terminated
	for name, c := range map[string]struct {
		facts Facts
		stop  verdict.Kind
		want  string // the advice in brief, separated by "; "
	}{
		"graceful":        {facts(first(catches)), verdict.Graceful, ""},
		"unknown process": {Facts{Signal: 15, Target: SignalTarget{Error: "denied"}}, forced, ""},

		// The stop signal.
		"no such signal":     {facts(first(catches), signal(-1)), forced, "stop-signal SIGTERM"},
		"KILL":               {facts(first(catches), signal(unix.SIGKILL)), verdict.Killed, "stop-signal SIGTERM"},
		"KILL, no handler":   {facts(first(), signal(unix.SIGKILL)), verdict.Killed, "stop-signal SIGTERM +init: terminated"},
		"KILL, ignores TERM": {facts(first(ignores), signal(unix.SIGKILL)), verdict.Killed, "handle SIGTERM +stop-signal"},
		"STOP":               {facts(first(catches), signal(unix.SIGSTOP)), forced, "stop-signal SIGTERM"},
		"CHLD under an init": {facts(first(), underInit("docker-init", child()), signal(unix.SIGCHLD)), forced,
			"stop-signal SIGTERM: terminated"},
		"CONT":                {facts(first(), signal(unix.SIGCONT)), forced, "stop-signal SIGTERM +init: terminated"},
		"WINCH, handles TERM": {facts(first(catches), signal(unix.SIGWINCH)), forced, "stop-signal SIGTERM"},
		"ABRT under tini": {facts(first(), underInit("tini", child(catches)), signal(unix.SIGABRT)), forced,
			"stop-signal SIGTERM"},
		"handles INT":        {facts(first(catchesInt)), forced, "stop-signal SIGINT; handle SIGTERM; init: terminated"},
		"handles HUP":        {facts(first(catchesHUP)), forced, "handle SIGTERM; init: terminated"},
		"python handles INT": {facts(first(named("python3.12"), catchesInt)), forced, "handle SIGTERM python; init: terminated"},
		"nginx, HUP": {facts(first(named("nginx"), catches, catchesHUP), signal(unix.SIGHUP)), forced,
			"stop-signal SIGTERM: graceful"},
		"java, QUIT": {facts(first(named("java"), catches, func(p *Process) { p.Caught |= set(quit) }), signal(quit)), forced,
			"stop-signal SIGTERM"},
		"nginx, QUIT, is slow": {facts(first(named("nginx"), func(p *Process) { p.Caught = set(quit, term) }), signal(quit)), forced,
			"grace"},
		"systemd, TERM": {facts(first(), underInit("systemd", nil)), forced, "stop-signal SIGRTMIN+3: graceful"},
		"supervisord, HUP": {facts(first(), underInit("supervisord", nil), signal(unix.SIGHUP)), forced,
			"stop-signal SIGTERM: graceful"},
		"supervisord is slow":  {facts(first(), underInit("supervisord", nil)), forced, "grace"},
		"rewritten":            {facts(first(), underInit("dumb-init", child(catches)), rewriting(15, 3)), terminated, "drop-option"},
		"rewritten to nothing": {facts(first(), underInit("dumb-init", child(catches)), rewriting(15, 0)), forced, "drop-option"},
		"rewritten, no better": {facts(first(), underInit("dumb-init", child()), rewriting(15, 3)), terminated, "handle SIGQUIT"},

		// A program.
		"no handler": {facts(first()), forced, "handle SIGTERM; init: terminated"},
		"sleep":      {facts(first(named("sleep"))), forced, "init: terminated; handle SIGTERM"},
		"tail of busybox": {facts(first(named("busybox"), func(p *Process) { p.Name, p.Applet = "tail", "tail" })), forced,
			"init: terminated; handle SIGTERM"},
		"no handler, young":      {facts(first(aged(time.Second))), forced, "handle SIGTERM; init: terminated; look-again"},
		"no handler, under init": {facts(first(), underInit("tini", child())), terminated, "handle SIGTERM"},
		"not the first":          {facts(first(plain)), terminated, "handle SIGTERM"},
		"go":                     {facts(first(golang(ptr(false), nil))), terminated, "handle SIGTERM go"},
		"go, unknown":            {facts(first(golang(ptr(true), nil))), forced, "handle SIGTERM go; grace"},
		"go, asks":               {facts(first(golang(ptr(true), ptr(set(term))))), forced, "grace; end-in-handler"},
		"node":                   {facts(first(named("node"), catches)), forced, "handle SIGTERM node; grace"},
		"ignores":                {facts(first(ignores)), forced, "handle SIGTERM"},
		"blocks":                 {facts(first(blocksTerm)), forced, "unblock"},
		"slow":                   {facts(first(catches)), forced, "grace; end-in-handler"},
		"stopped":                {facts(first(catches, halted)), forced, "continue"},
		"its init is stopped":    {facts(first(halted), underInit("tini", child(catches))), forced, "continue"},
		"traced":                 {facts(first(catches, func(p *Process) { p.Threads[0].State = 't' })), forced, "detach"},
		"quota":                  {facts(first(catches), strain(Strain{CPUs: &small})), forced, "cpu; grace; end-in-handler"},
		"throttled": {facts(first(catches), strain(Strain{CPUs: &small, During: &During{5 * time.Second, &seconds, nil}})), forced,
			"cpu"},
		"a fork failed": {facts(first(catches), strain(Strain{During: &During{5 * time.Second, nil, &forks}})), forced,
			"pids"},

		"runuser kills": {facts(first(), chain(first(plain, catches), forwarder("runuser", Options{}))), verdict.Killed,
			"no-wrapper; end-in-handler"},
		"runuser, a longer grace": {facts(first(), chain(first(plain, catches), forwarder("runuser", Options{}))), forced,
			"no-wrapper; end-in-handler"},
		"timeout kills what ignores it": {facts(first(), chain(first(plain, ignores), forwarder("timeout", Options{KillAfter: time.Second}))),
			verdict.Killed, "handle SIGTERM"},
		"uwsgi":             {facts(first(named("uwsgi"), catches)), forced, "stop-signal SIGINT: graceful; add-option"},
		"runsvdir":          {facts(first(), underInit("runsvdir", nil)), verdict.Graceful, "services"},
		"a full pids limit": {facts(first(catches), full), forced, "pids; reap"},
		"above memory.high": {facts(first(catches), func(f *Facts) { f.OverHigh = &OverHigh{By: "/cg"} }), forced,
			"memory-high; grace; end-in-handler"},
		"frozen":             {facts(first(catches), frozen, func(f *Facts) { f.FrozenBy = "/cg" }), forced, "thaw"},
		"first thread ended": {facts(first(catches, firstEnded)), verdict.RunsOn, "host-kill"},

		// A shell without a trap. Its background jobs ignore INT and QUIT, but not if they are started in exec form.
		"shell, handler": {facts(first(sh("dash", child(named("app"), catches)))), forced, "exec app; trap app"},
		"shell, no handler": {facts(first(sh("dash", child(named("app"))))), forced,
			"exec app +init: terminated; trap app: terminated; handle SIGTERM +exec"},
		"shell, QUIT": {facts(first(sh("bash", child(named("app"), catches))), signal(quit)), forced,
			"exec app +init: terminated; trap app"},
		"shell, INT, a job": {facts(first(sh("bash", child(named("app"), catches, catchesInt, job))), signal(intr)), forced,
			"exec app; trap app"},
		"shell, ignores": {facts(first(sh("dash", child(named("app"), ignores)))), forced, "handle SIGTERM +exec"},
		"shell under an init": {facts(first(), underInit("docker-init", child(sh("dash", child(named("app"), catches))))), terminated,
			"exec app; trap app"},
		"shell under an init, no handler": {facts(first(), underInit("docker-init", child(sh("dash", child(named("app")))))), terminated,
			"handle SIGTERM +exec"},
		"shells": {facts(first(sh("dash", child(sh("bash", child(named("app"), catches)))))), forced,
			"exec app; trap app"},
		"commands unknown":             {facts(first(named("dash"), func(p *Process) { p.Children = 1 })), forced, "exec; trap"},
		"shell, no command":            {facts(first(sh("dash"))), forced, "trap-loop; init: terminated"},
		"young shell":                  {facts(first(sh("dash", sleep("5")), aged(time.Second))), forced, "look-again sleep"},
		"young shell, sleeps for long": {facts(first(sh("dash", sleep("1h")), aged(time.Second))), forced, "trap-loop"},
		"young shell, sleeps for ever": {facts(first(sh("dash", sleep("infinity")), aged(time.Second))), forced, "trap-loop"},
		"old shell, sleeps":            {facts(first(sh("dash", sleep("5")))), forced, "trap-loop"},
		"young shell, a program": {facts(first(sh("dash", child(named("app"), catches)), aged(time.Second))), forced,
			"exec app; trap app; look-again app"},
		"interactive bash": {facts(first(sh("bash"), interactive, catchesHUP)), forced, "stop-signal SIGHUP"},
		"interactive dash": {facts(first(sh("dash"), interactive)), forced, "stop-signal SIGHUP +init: terminated"},
		"interactive, under init": {facts(first(), underInit("docker-init", child(sh("dash"), interactive))), forced,
			"stop-signal SIGHUP: terminated"},

		// A shell with a trap. dash and busybox wait for a background job elsewhere, bash does not.
		"trap waits": {facts(first(sh("dash", child(named("app"), catches)), catches)), forced, "exec app; trap app"},
		"trap, above memory.high": {facts(first(sh("busybox"), catches), func(f *Facts) { f.OverHigh = &OverHigh{By: "/cg"} }), forced,
			"memory-high; grace; end-in-handler"},
		"trap did not exit":   {facts(first(sh("dash", child(named("app"), job)), catches, suspended)), forced, "trap-exit app; grace"},
		"the same, bash":      {facts(first(sh("bash", child(named("app"), job)), catches)), forced, "trap-exit app; grace"},
		"mksh catches it all": {facts(first(sh("mksh", child(named("app"), catches)), catches)), forced, "exec app; trap app"},
	} {
		var all []string
		for _, a := range Advise(c.facts, c.stop) {
			all = append(all, brief(a))
		}
		if got := strings.Join(all, "; "); got != c.want {
			t.Errorf("%s: %q, wanted %q", name, got, c.want)
		}
	}
}

func rewriting(from, to value.Signal) func(*Facts) {
	return func(f *Facts) { f.Target.Forwarders[0].Options.Rewrites = map[value.Signal]value.Signal{from: to} }
}

// TestStrainConsequences checks what is said of a quota before a stop.
func TestStrainConsequences(t *testing.T) {
	for name, c := range map[string]struct {
		strain Strain
		want   string // "" for nothing
	}{
		"none":        {Strain{}, ""},
		"a small one": {Strain{CPUs: ptr(0.01)}, "at most 100 ms of CPU time in a grace of 10.00 s"},
		"a large one": {Strain{CPUs: ptr(2.0)}, ""},
	} {
		all := Predict(facts(first(catches), strain(c.strain))).Consequences
		if got := fmt.Sprint(all); c.want == "" && len(all) > 0 || !strings.Contains(got, c.want) {
			t.Errorf("%s: %s, wanted %q", name, got, c.want)
		}
	}
}

// TestEarly checks which container may have been looked at too early.
func TestEarly(t *testing.T) {
	for name, c := range map[string]struct {
		facts Facts
		want  bool
	}{
		"a young shell, a program":        {facts(first(sh("dash", child(named("app"), catches)), aged(time.Second))), true},
		"a young shell, a short sleep":    {facts(first(sh("dash", sleep("5")), aged(time.Second))), true},
		"a young shell, a long sleep":     {facts(first(sh("dash", sleep("1h")), aged(time.Second))), false},
		"an old shell":                    {facts(first(sh("dash", child(named("app"), catches)))), false},
		"a young shell with a job":        {facts(first(sh("dash", child(named("app"), job)), suspended, aged(time.Second))), false},
		"a young program":                 {facts(first(aged(time.Second))), false},
		"the age of the shell is unknown": {facts(first(sh("dash", sleep("5")), func(p *Process) { p.Age = nil })), false},
	} {
		if got := Early(c.facts); (len(got) > 0) != c.want {
			t.Errorf("%s: %v", name, got)
		}
	}
}

// TestAdviseOrphans checks what is advised where processes are left to be killed.
func TestAdviseOrphans(t *testing.T) {
	for name, c := range map[string]struct {
		facts Facts
		want  string
	}{
		"program": {facts(first(catches)), "end-children"},
		"shell":   {facts(first(sh("dash", child(named("app"), catches)))), "exec app"},
	} {
		if all := AdviseOrphans(c.facts); len(all) == 0 || brief(all[0]) != c.want {
			t.Errorf("%s: %v, wanted %s", name, all, c.want)
		}
	}
}

// TestAdviseOn checks what is advised if the verdict is about a program under a wrapper that the facts do not look through.
func TestAdviseOn(t *testing.T) {
	under := func(kind verdict.Kind) verdict.Verdict {
		return verdict.Verdict{Kind: kind, Of: "app", Under: []string{"sh"}}
	}
	f := facts(first(sh("dash", child(named("app"), job)), catches, suspended))
	for name, c := range map[string]struct {
		verdict verdict.Verdict
		want    string
	}{
		"terminated": {under(verdict.Terminated), "handle SIGTERM"},
		"killed":     {under(verdict.Killed), "no-wrapper"},
		"graceful":   {under(verdict.Graceful), ""},
		"the shell":  {verdict.Verdict{Kind: verdict.Forced}, "trap-exit app"},
	} {
		got := ""
		if all := AdviseOn(f, &c.verdict); len(all) > 0 {
			got = brief(all[0])
		}
		if got != c.want {
			t.Errorf("%s: %q, wanted %q", name, got, c.want)
		}
	}
}
