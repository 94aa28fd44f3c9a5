package prediction

import (
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	"golang.org/x/sys/unix"

	"haltscope/cgroupfs/proc"
	"haltscope/compare/rules/verdict"
)

func set(signals ...unix.Signal) (s proc.SignalSet) {
	for _, n := range signals {
		s |= 1 << (n - 1)
	}
	return s
}

func ptr[T any](v T) *T { return &v }

// thread returns a thread that blocks some signals and waits without a timeout.
func thread(blocked proc.SignalSet) proc.Thread {
	return proc.Thread{State: 'S', Blocked: blocked, WaitKnown: true, NoTimeout: true}
}

const term, quit, intr, usr1 = unix.SIGTERM, unix.SIGQUIT, unix.SIGINT, unix.SIGUSR1

// first returns a process that is the first of its PID namespace.
func first(change ...func(*Process)) Process {
	p := Process{PID: 100, NSPID: []int{100, 1}, Name: "app", Program: "app", NamespaceInit: true, Threads: []proc.Thread{thread(0)}}
	for _, c := range change {
		c(&p)
	}
	return p
}

func plain(p *Process)                { p.NamespaceInit, p.NSPID = false, []int{100, 7} }
func catches(p *Process)              { p.Caught |= set(term) }
func ignores(p *Process)              { p.Ignored |= set(term) }
func blocksTerm(p *Process)           { p.Threads[0].Blocked = set(term) }
func halted(p *Process)               { p.Threads[0].State = 'T' }
func reads(p *Process)                { p.Threads[0].Wakes = true }
func awake(p *Process)                { p.Threads[0].NoTimeout = false }
func program(n string) func(*Process) { return func(p *Process) { p.Program = n } }
func fd(s unix.Signal) func(*Process) {
	return func(p *Process) { p.SignalFDs = append(p.SignalFDs, set(s)) }
}
func waits(s unix.Signal) func(*Process) {
	return func(p *Process) {
		t := thread(0)
		w := set(s)
		t.WaitsFor = &w
		p.Threads = append(p.Threads, t)
	}
}
func golang(notify *bool, wanted *proc.SignalSet) func(*Process) {
	return func(p *Process) {
		p.Caught = ^proc.SignalSet(0)
		p.Go = &proc.GoProgram{Version: "go1.26", Notify: notify, Wanted: wanted}
	}
}

func facts(p Process, change ...func(*Facts)) Facts {
	f := Facts{Signal: term, SignalFrom: "docker's default", Grace: 10 * time.Second, GraceFrom: "docker's default",
		CgroupVersion: 2, Target: SignalTarget{First: p}, Frozen: ptr(false), Requested: ptr(false)}
	for _, c := range change {
		c(&f)
	}
	return f
}

func signal(s unix.Signal) func(*Facts)  { return func(f *Facts) { f.Signal = s } }
func grace(d time.Duration) func(*Facts) { return func(f *Facts) { f.Grace = d } }
func underInit(init string, p *Process) func(*Facts) {
	return func(f *Facts) {
		r := &f.Target
		r.Init, r.Child = init, p
		switch known := Inits[init]; {
		case known.Behavior == StopsServices:
			r.Supervisor = init
			r.First.Caught = ^proc.SignalSet(0)
		case known.Waits:
			r.First.Threads[0].WaitsFor = ptr(^proc.SignalSet(0))
			if init != "dumb-init" {
				r.First.Threads[0].WaitsFor = ptr(^set(unix.SIGABRT, unix.SIGSEGV))
			}
			r.Forwarders = []Forwarder{{Name: init, Process: r.First}}
		default:
			r.First.Caught = set(term, intr, quit)
			r.Forwarders = []Forwarder{{Name: init, Process: r.First}}
		}
	}
}
func stuck(pid int) func(*Facts) {
	return func(f *Facts) { f.Stuck = []Stuck{{PID: pid, TID: pid, Name: "dd", Wchan: "folio_wait_bit"}} }
}
func paused(f *Facts) { f.Paused, f.Requested, f.Frozen = true, ptr(true), ptr(true) }
func frozen(f *Facts) { f.Requested, f.Frozen = ptr(true), ptr(true) }
func above(f *Facts)  { f.Requested, f.Frozen = ptr(false), ptr(true) }
func v1(f *Facts)     { f.CgroupVersion = 1 }

// TestNoSuchSignal checks what is said of a stop signal that does not exist.
func TestNoSuchSignal(t *testing.T) {
	f := facts(first(catches), signal(-1), func(f *Facts) { f.SignalText = "SIGFOO" })
	if said := fmt.Sprint(Predict(f).Stop.Because); !strings.Contains(said, "the stop signal is SIGFOO, which is not a valid signal") ||
		strings.Contains(said, "the kernel drops") {
		t.Error(said)
	}
}

// A frozen process with a SIGKILL pending ends on the thaw.
func TestPendingKill(t *testing.T) {
	f := facts(first(catches), paused, func(f *Facts) { f.PendingKill = "/proc/42/status: ShdPnd" })
	if o := PredictAction(f, Action{Verb: "unpause"}); o.Kind != verdict.Killed || !slices.Equal(o.ExitCodes, []int{137}) {
		t.Errorf("%+v", o)
	}
	if said := fmt.Sprint(Predict(f).Consequences); !strings.Contains(said, "a SIGKILL is pending") {
		t.Error(said)
	}
}

func TestStop(t *testing.T) {
	child := func(change ...func(*Process)) *Process {
		p := first(append([]func(*Process){plain}, change...)...)
		return &p
	}
	for name, c := range map[string]struct {
		facts Facts
		want  string // "a|b" for an undecided one
		codes []int
		own   bool
		after time.Duration // −1: the program decides
	}{
		"default, first":     {facts(first()), "forced", []int{137}, false, 10 * time.Second},
		"default, not first": {facts(first(plain)), "terminated", []int{143}, false, 0},
		"default, WINCH":     {facts(first(plain), signal(unix.SIGWINCH)), "forced", []int{137}, false, 10 * time.Second},
		"blocks all, STOP": {facts(first(func(p *Process) { p.Threads[0].Blocked = ^proc.SignalSet(0) }),
			signal(unix.SIGSTOP)), "forced", []int{137}, false, 10 * time.Second},
		"default, STOP": {facts(first(), signal(unix.SIGSTOP)), "forced", []int{137}, false, 10 * time.Second},
		"default, ABRT": {facts(first(plain), signal(unix.SIGABRT)), "terminated|crashed", []int{134}, true,
			10 * time.Second},
		"no such signal":                  {facts(first(catches), signal(99)), "forced", []int{137}, false, 2 * time.Second},
		"no such signal, below 0, paused": {facts(first(catches), signal(-1), paused), "forced", []int{137}, false, 2 * time.Second},
		"no such signal, for ever": {facts(first(catches), signal(99), grace(-time.Second)), "forced", []int{137}, false,
			2 * time.Second},
		"default, RTMIN+3":   {facts(first(plain), signal(37)), "terminated", []int{165}, false, 0},
		"caught":             {facts(first(catches)), "graceful|forced", []int{137}, true, 10 * time.Second},
		"caught, grace 0":    {facts(first(catches), grace(0)), "forced|graceful", []int{137}, true, 0},
		"caught, for ever":   {facts(first(catches), grace(-time.Second)), "graceful|inconclusive", nil, true, -1},
		"default, for ever":  {facts(first(), grace(-time.Second)), "inconclusive", nil, false, -1},
		"ignored":            {facts(first(ignores)), "forced", []int{137}, false, 10 * time.Second},
		"ignored, not first": {facts(first(plain, ignores)), "forced", []int{137}, false, 10 * time.Second},
		"ignored, but signalfd": {facts(first(ignores, blocksTerm, fd(term))), "graceful|forced", []int{137}, true,
			10 * time.Second},
		"blocked":                 {facts(first(blocksTerm)), "forced", []int{137}, false, 10 * time.Second},
		"blocked, caught":         {facts(first(blocksTerm, catches)), "forced", []int{137}, false, 10 * time.Second},
		"blocked, reads":          {facts(first(blocksTerm, reads)), "forced|graceful", []int{137}, true, 10 * time.Second},
		"blocked, caught, reads":  {facts(first(blocksTerm, catches, reads)), "forced|graceful", []int{137}, true, 10 * time.Second},
		"blocked, caught, polls":  {facts(first(blocksTerm, catches, awake)), "graceful|forced", []int{137}, true, 10 * time.Second},
		"blocked, caught, paused": {facts(first(blocksTerm, catches), paused), "graceful|forced", []int{137}, true, 10 * time.Second},
		"emulated, caught": {facts(first(catches, program("qemu-aarch64-static"))), "graceful|terminated|forced", []int{137, 143}, true,
			10 * time.Second},
		"caught, perhaps by Go": {facts(first(catches, func(p *Process) { p.GoError = "no" })), "graceful|terminated|forced",
			[]int{137, 143}, true, 10 * time.Second},
		"emulated, ignored": {facts(first(ignores, program("qemu-arm"))), "forced", []int{137}, false, 10 * time.Second},
		"a virtual machine": {facts(first(catches, program("qemu-system-aarch64"))), "graceful|forced", []int{137}, true, 10 * time.Second},
		"blocked, awake":    {facts(first(blocksTerm, awake)), "forced|graceful", []int{137}, true, 10 * time.Second},
		"blocked, sleeps on": {facts(first(blocksTerm, awake, func(p *Process) { p.Threads[0].TimeLeft = ptr(time.Hour) })),
			"forced", []int{137}, false, 10 * time.Second},
		"blocked, wakes in time": {facts(first(blocksTerm, awake, func(p *Process) { p.Threads[0].TimeLeft = ptr(time.Second) })),
			"forced|graceful", []int{137}, true, 10 * time.Second},
		"blocked, wait not seen": {facts(first(blocksTerm, func(p *Process) { p.Threads[0].WaitKnown = false })),
			"forced|graceful", []int{137}, true, 10 * time.Second},
		"blocked, fds not seen": {facts(first(blocksTerm, func(p *Process) { p.SignalFDError = "no" })), "forced|graceful",
			[]int{137}, true, 10 * time.Second},
		"blocked, paused":                      {facts(first(blocksTerm), paused), "forced|graceful", []int{137}, true, 10 * time.Second},
		"blocked, signalfd":                    {facts(first(blocksTerm, fd(term))), "graceful|forced", []int{137}, true, 10 * time.Second},
		"blocked, another's fd":                {facts(first(blocksTerm, fd(usr1))), "forced", []int{137}, false, 10 * time.Second},
		"signalfd, not blocked":                {facts(first(fd(term))), "forced", []int{137}, false, 10 * time.Second},
		"signalfd, not first":                  {facts(first(plain, fd(term))), "terminated", []int{143}, false, 0},
		"sigwait in a thread":                  {facts(first(blocksTerm, waits(term))), "graceful|forced", []int{137}, true, 10 * time.Second},
		"sigwait in a thread alone, first":     {facts(first(waits(term))), "forced", []int{137}, false, 10 * time.Second},
		"sigwait in a thread alone, not first": {facts(first(plain, waits(term))), "terminated", []int{143}, false, 0},
		"sigwait unread": {facts(first(func(p *Process) {
			p.Threads[0].WaitKnown, p.Threads[0].WaitUnread = false,
				true
		})), "graceful|terminated|forced", []int{137, 143}, true, 10 * time.Second},
		"sigwait unread, caught": {facts(first(func(p *Process) { p.Threads[0].WaitUnread, p.Caught = true, set(term) })),
			"graceful|forced", []int{137}, true, 10 * time.Second},
		"sigwait unread, blocked": {facts(first(blocksTerm, func(p *Process) {
			p.Threads[0].WaitKnown,
				p.Threads[0].WaitUnread = false, true
		})), "forced|graceful", []int{137}, true, 10 * time.Second},
		"sigwait for another": {facts(first(blocksTerm, func(p *Process) { p.Threads[0].WaitsFor = ptr(set(usr1)) })), "forced",
			[]int{137}, false, 10 * time.Second},
		"a thread handles it": {facts(first(blocksTerm, catches,
			func(p *Process) { p.Threads = append(p.Threads, thread(0)) })), "graceful|forced", []int{137}, true, 10 * time.Second},
		"stopped":                  {facts(first(catches, halted)), "forced", []int{137}, false, 10 * time.Second},
		"stopped, default":         {facts(first(plain, halted)), "forced", []int{137}, false, 10 * time.Second},
		"stopped, default, frozen": {facts(first(plain, halted), frozen), "forced", []int{137}, false, 10 * time.Second},
		"stopped, CONT": {facts(first(plain, halted, func(p *Process) { p.Caught = set(unix.SIGCONT) }),
			signal(unix.SIGCONT)), "forced|graceful", []int{137}, true, 10 * time.Second},
		"a tracer holds one thread of two": {facts(first(plain, func(p *Process) {
			p.Threads[0].State = 't'
			p.Threads = append(p.Threads,
				thread(0))
		})), "terminated", []int{143}, false, 0},
		"a tracer holds it": {facts(first(plain, func(p *Process) { p.Threads[0].State = 't' })), "forced", []int{137}, false,
			10 * time.Second},
		"stop signal KILL": {facts(first(catches), signal(unix.SIGKILL)), "killed", []int{137}, false, 0},
		"nginx, QUIT": {facts(first(program("nginx"), func(p *Process) { p.Caught = set(quit, term) }), signal(quit)),
			"graceful|forced", []int{137}, true, 10 * time.Second},
		"nginx, TERM": {facts(first(program("nginx"), func(p *Process) { p.Caught = set(quit, term) })), "graceful",
			nil, true, -1},
		"python, INT": {facts(first(program("python3.11"), func(p *Process) { p.Caught = set(intr) }), signal(intr)),
			"graceful|forced", []int{137}, true, 10 * time.Second},
		"java, QUIT": {facts(first(program("java"), func(p *Process) { p.Caught = set(quit) }), signal(quit)),
			"forced", []int{137}, false, 10 * time.Second},
		"go, SEGV": {facts(first(golang(ptr(false), nil)), signal(unix.SIGSEGV)), "terminated", []int{2}, false, 0},
		"nginx, USR1": {facts(first(program("nginx"), func(p *Process) { p.Caught = set(usr1) }), signal(usr1)),
			"forced", []int{137}, false, 10 * time.Second},
		"node, first": {facts(first(program("node"), catches)), "graceful|forced", []int{137}, true, 10 * time.Second},
		"node, not first": {facts(first(program("node"), catches, plain)), "graceful|terminated|forced", []int{137, 143},
			true, 10 * time.Second},
		"java": {facts(first(program("java"), catches)), "graceful|forced", []int{137, 143}, true,
			10 * time.Second},
		"python, no handler": {facts(first(program("python3.11"))), "forced", []int{137}, false, 10 * time.Second},
		"shell, foreground": {facts(first(program("dash"), catches, func(p *Process) { p.Children, p.InWait4 = 1, true }),
			func(f *Facts) { f.Target.Jobs = []Process{{PID: 200, Parent: 100}} }), "forced|graceful", []int{137}, true, 10 * time.Second},
		"bash, who knows": {facts(first(program("bash"), catches, func(p *Process) { p.Children, p.InWait4 = 1, true })),
			"graceful|forced", []int{137}, true, 10 * time.Second},
		"go, asked for": {facts(first(golang(ptr(true), ptr(set(term))))), "graceful|forced", []int{137}, true,
			10 * time.Second},
		"go, not asked for":     {facts(first(golang(ptr(true), ptr(set(usr1))))), "terminated", []int{2}, false, 0},
		"go, Notify not linked": {facts(first(golang(ptr(false), nil))), "terminated", []int{2}, false, 0},
		"go, not first":         {facts(first(plain, golang(ptr(false), nil))), "terminated", []int{143}, false, 0},
		"go, QUIT, not first":   {facts(first(plain, golang(ptr(false), nil)), signal(quit)), "terminated", []int{2}, false, 0},
		"go, USR1": {facts(first(golang(ptr(false), nil)), signal(usr1)), "forced", []int{137}, false,
			10 * time.Second},
		"go, stripped": {facts(first(golang(ptr(true), nil))), "graceful|terminated|forced", []int{2, 137, 143}, true,
			10 * time.Second},
		"go, nothing known": {facts(first(golang(nil, nil)), signal(usr1)), "forced|graceful", []int{137}, true,
			10 * time.Second},
		"init, default": {facts(first(), underInit("docker-init", child())), "terminated", []int{143}, false, 0},
		"init, caught": {facts(first(), underInit("tini", child(catches))), "graceful|forced", []int{137}, true,
			10 * time.Second},
		"init, ignored": {facts(first(), underInit("tini", child(ignores))), "forced", []int{137}, false, 10 * time.Second},
		"init, stopped": {facts(first(halted), underInit("tini", child(catches))), "forced", []int{137}, false,
			10 * time.Second},
		"init, a signal that it keeps": {facts(first(), underInit("tini", child()), signal(unix.SIGABRT)), "forced", []int{137}, false,
			10 * time.Second},
		"the same, not first": {facts(first(plain), underInit("tini", child()), signal(unix.SIGABRT)), "terminated|crashed",
			[]int{134}, true, 10 * time.Second},
		"another init, the same signal": {facts(first(), underInit("dumb-init", child()), signal(unix.SIGABRT)), "terminated|crashed",
			[]int{134}, true, 10 * time.Second},
		"init, STOP": {facts(first(), underInit("dumb-init", child()), signal(unix.SIGSTOP)), "forced", []int{137}, false,
			10 * time.Second},
		"init without a child": {facts(first(), underInit("tini", nil)), "graceful|terminated|forced", []int{137, 143}, true,
			10 * time.Second},
		"systemd, TERM": {facts(first(), underInit("systemd", nil)), "forced", []int{137}, false, 10 * time.Second},
		"systemd, RTMIN+3": {facts(first(), underInit("systemd", nil), signal(37)), "graceful|forced", []int{137}, true,
			10 * time.Second},
		"supervisord": {facts(first(), underInit("supervisord", nil)), "graceful|forced", []int{137}, true,
			10 * time.Second},
		"masks not known": {Facts{Signal: 15, Grace: time.Second, Target: SignalTarget{Error: "denied"}},
			"graceful|terminated|forced", []int{137, 143}, true, time.Second},
		"threads not known": {facts(first(func(p *Process) { p.Threads = nil })), "graceful|terminated|forced",
			[]int{137, 143}, true, 10 * time.Second},
		"paused, caught":            {facts(first(catches), paused), "graceful|forced", []int{137}, true, 10 * time.Second},
		"paused, default":           {facts(first(), paused), "forced", []int{137}, false, 10 * time.Second},
		"frozen outside":            {facts(first(catches), frozen), "forced", []int{137}, false, 10 * time.Second},
		"frozen outside, not first": {facts(first(plain), frozen), "terminated", []int{143}, false, 0},
		"frozen from above, v2":     {facts(first(catches), above), "forced", []int{137}, false, 10 * time.Second},
		"frozen from above, v1":     {facts(first(catches), above, v1), "frozen-outside-docker|forced", []int{137}, false, -1},
	} {
		o := Predict(c.facts).Stop
		got := string(o.Kind)
		if o.Kind == Undecided {
			var all []string
			for _, k := range o.Candidates {
				all = append(all, string(k))
			}
			got = strings.Join(all, "|")
			if o.DecidedBy == "" {
				t.Errorf("%s: nothing is said to decide it", name)
			}
		}
		after := time.Duration(-1)
		if o.After != nil {
			after = *o.After
		}
		if got != c.want || !slices.Equal(o.ExitCodes, c.codes) || o.OwnExitCode != c.own || after != c.after {
			t.Errorf("%s: %s, codes %v, own %t, after %s; wanted %s, %v, %t, %s\n%v", name, got, o.ExitCodes, o.OwnExitCode, after, c.want, c.codes,
				c.own, c.after, o.Because)
		}
		if len(o.Because) < 2 {
			t.Errorf("%s: because %v", name, o.Because)
		}
	}
}

func TestKillAndPause(t *testing.T) {
	for name, c := range map[string]struct {
		facts       Facts
		kill, pause verdict.Kind
	}{
		"runs":                  {facts(first()), verdict.Killed, verdict.Paused},
		"paused":                {facts(first(), paused), verdict.Killed, verdict.Paused},
		"frozen outside docker": {facts(first(), frozen), verdict.Killed, verdict.FrozenOutsideDocker},
		"frozen from above":     {facts(first(), above), verdict.Killed, verdict.Paused},
		"the same on v1":        {facts(first(), above, v1), Undecided, verdict.Paused},
		"D state on v2":         {facts(first(), stuck(100)), Undecided, Undecided},
		"D state on v1":         {facts(first(), stuck(100), v1), Undecided, Undecided},
		"another in D":          {facts(first(), stuck(200)), Undecided, Undecided},
		"another in D, no init": {facts(first(plain), stuck(200)), verdict.Killed, Undecided},
	} {
		p := Predict(c.facts)
		if p.Kill.Kind != c.kill || p.Pause.Kind != c.pause {
			t.Errorf("%s: kill %s, pause %s; wanted %s, %s", name, p.Kill.Kind, p.Pause.Kind, c.kill, c.pause)
		}
	}
}

func TestConsequences(t *testing.T) {
	f := facts(first())
	f.Unsignaled = []UnsignaledProcess{{PID: 200, Name: "sleep"}}
	f.AutoRemove, f.RestartPolicy, f.StopSignalSet = true, "always", true
	f.Tmpfs, f.AnonymousVolumes, f.Health = []string{"/run"}, []string{"/data"}, "healthy"
	f.OOMKillDisable, f.DirtyBytes, f.Unread = true, ptr(uint64(4096)), []string{"thread 7: denied"}
	text := ""
	for _, c := range Predict(f).Consequences {
		text += c.Value + "\n"
	}
	for _, want := range []string{"sleep (200)", "--rm", "other than SIGTERM", "/run", "unhealthy at once", "OOM killer is disabled",
		"4 KiB", "may be missing here: thread 7: denied"} {
		if !strings.Contains(text, want) {
			t.Errorf("no %q in\n%s", want, text)
		}
	}
	if strings.Contains(text, "/data") {
		t.Error("--rm removes anonymous volumes")
	}
	if n := len(Predict(facts(first())).Consequences); n != 0 {
		t.Errorf("%d consequences of nothing", n)
	}
}

func TestUnsignaledConsequences(t *testing.T) {
	for _, c := range []struct {
		n       int
		pidMode string
		want    string
	}{
		{1, "", "p0 (200) gets no signal unless PID 1 forwards it, and is killed when PID 1 exits: Docker"},
		{2, "", "p0 (200), p1 (201) get no signal unless PID 1 forwards it, and are killed when PID 1 exits: Docker"},
		{7, "", "p4 (204), and 2 more get no signal"},
		{1, "host", "p0 (200) gets no signal unless the main process forwards it, and is killed by containerd's shim"},
	} {
		f := facts(first())
		f.PIDMode = c.pidMode
		for i := range c.n {
			f.Unsignaled = append(f.Unsignaled, UnsignaledProcess{PID: 200 + i, Name: fmt.Sprintf("p%d", i)})
		}
		if all := fmt.Sprint(Predict(f).Consequences); !strings.Contains(all, c.want) {
			t.Errorf("no %q in %s", c.want, all)
		}
	}
	f := facts(first(), underInit("s6-svscan", nil))
	f.Unsignaled = []Member{{PID: 200, Name: "p0"}}
	want := "Docker signals none of p0 (200); what has not ended by then is killed"
	if all := fmt.Sprint(Predict(f).Consequences); !strings.Contains(all, want) {
		t.Error(all)
	}
}

// A docker kill turns off a restart policy, whether or not it ends anything.
func TestDisabledPolicy(t *testing.T) {
	for name, c := range map[string]struct {
		policy string
		thaws  unix.Signal // the configured stop signal
		signal unix.Signal
		want   bool
	}{
		"unless-stopped":             {"unless-stopped", term, unix.SIGHUP, true},
		"always, no stop signal":     {"always", 0, unix.SIGHUP, true},
		"on-failure, no stop signal": {"on-failure", 0, unix.SIGHUP, true},
		"always, another signal":     {"always", term, unix.SIGHUP, false},
		"on-failure, another signal": {"on-failure", intr, unix.SIGHUP, false},
		"always, its stop signal":    {"always", term, term, true},
		"always, SIGKILL":            {"always", term, unix.SIGKILL, true},
		"no policy":                  {"no", 0, unix.SIGHUP, false},
		"no value, as with podman":   {"", 0, unix.SIGHUP, false},
	} {
		f := facts(first())
		f.RestartPolicy, f.StopSignalSet, f.ConfiguredSignal = c.policy, c.thaws != 0, c.thaws
		got := f.DisabledPolicyConsequences(c.signal)
		if (len(got) > 0) != c.want || c.want && !strings.Contains(got[0].Value, c.policy+": ") {
			t.Errorf("%s: %v", name, got)
		}
	}
}

// A policy that a signal has turned off is off, whatever docker inspect shows.
func TestPolicyOff(t *testing.T) {
	f := facts(first())
	f.RestartPolicy = "always"
	at := time.Date(2026, 5, 20, 12, 0, 0, 0, time.UTC)
	if all := fmt.Sprint(Predict(f).Consequences); strings.Contains(all, "is off") {
		t.Error(all)
	}
	f.PolicyOff = &PolicyOff{Policy: "always", Signal: unix.SIGURG, At: at}
	if all := fmt.Sprint(Predict(f).Consequences); !strings.Contains(all,
		"always is off: Docker sent signal 23 (SIGURG) at 2026-05-20T12:00:00Z, and takes it for a request to stop") {
		t.Error(all)
	}
	f.PolicyOff, f.PolicyOffError = nil, "no answer"
	if all := fmt.Sprint(Predict(f).Consequences); !strings.Contains(all, "whether always is off is not known: no answer") {
		t.Error(all)
	}
}
