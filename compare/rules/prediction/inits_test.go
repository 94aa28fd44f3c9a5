package prediction

import (
	"fmt"
	"maps"
	"reflect"
	"slices"
	"strings"
	"testing"
	"time"

	"golang.org/x/sys/unix"

	"haltscope/cgroupfs/proc"
	"haltscope/compare/rules/verdict"
)

// The arguments of dumb-init can make it forward another signal, or none.
func TestDumbInitRewrites(t *testing.T) {
	for line, want := range map[string]map[unix.Signal]unix.Signal{
		"dumb-init --rewrite 15:2 -- app":        {15: 2},
		"dumb-init -r 15:3 -c --rewrite=1:0 app": {15: 3, 1: 0},
		"dumb-init -r15:3 app":                   {15: 3},
		"dumb-init -vr15:3 app":                  {15: 3},
		"dumb-init --rew 15:3 app":               {15: 3},
		"dumb-init app --rewrite 15:2":           {},
		"dumb-init -c -- app -r 15:2":            {},
		"dumb-init -r":                           {},
		"dumb-init -r fifteen:two app":           {},
	} {
		got := ReadOptions("dumb-init", strings.Fields(line), nil).Rewrites
		maps.DeleteFunc(got, func(_, to unix.Signal) bool { return to == unix.SIGSTOP })
		if !maps.Equal(got, want) {
			t.Errorf("%s: %v, wanted %v", line, got, want)
		}
	}
	child := first(plain, func(p *Process) { p.Caught = set(intr) })
	for to, want := range map[unix.Signal]verdict.Kind{intr: verdict.Graceful, 0: verdict.Forced, usr1: verdict.Terminated} {
		f := facts(first(program("dumb-init")), underInit("dumb-init", &child))
		f.Target.Forwarders[0].Options.Rewrites = map[unix.Signal]unix.Signal{term: to}
		if o := Predict(f).Stop; o.likeliest() != want {
			t.Errorf("TERM becomes %d: %s, wanted %s; %v", to, o.likeliest(), want, o.Because)
		}
	}
}

// TestReadOptions checks what the arguments and the environment of inits and wrappers are read to mean.
func TestReadOptions(t *testing.T) {
	for _, c := range []struct {
		line        string
		environment map[string]string
		want        Options
	}{
		{"tini -- app", nil, Options{}},
		{"tini -g -- app", nil, Options{Group: true, From: "-g"}},
		{"tini -sg -e 143 -e7 -- app -e 5", nil, Options{Group: true, From: "-g", ZeroFor: []int{143, 7}}},
		{"tini app -- -g", nil, Options{}},
		{"tini -p SIGKILL -w -- app -g", nil, Options{}},
		{"tini app -g", nil, Options{Group: true, From: "-g"}}, // its getopt permutes
		{"docker-init -- app", map[string]string{"TINI_KILL_PROCESS_GROUP": ""}, Options{Group: true, From: "TINI_KILL_PROCESS_GROUP"}},
		{"catatonit -g -- app", nil, Options{Group: true, From: "-g"}},
		{"catatonit -- app -g", nil, Options{}},
		{"timeout 5 app -k 3", nil, Options{OwnGroup: true}},
		{"timeout -k 1m --foreground 5 app", nil, Options{From: "--foreground", KillAfter: time.Minute}},
		{"timeout --kill-after=0.5 -s INT 5 app", nil, Options{OwnGroup: true, KillAfter: time.Second / 2}},
		{"sudo -u nobody app", nil, Options{}},
	} {
		fields := strings.Fields(c.line)
		got := ReadOptions(fields[0], fields, c.environment)
		got.Rewrites = nil
		if !reflect.DeepEqual(got, c.want) {
			t.Errorf("%s: %+v, wanted %+v", c.line, got, c.want)
		}
	}
	for line, want := range map[string]bool{"dumb-init app": true, "dumb-init -c app": false, "dumb-init --single-child -- app": false} {
		if got := ReadOptions("dumb-init", strings.Fields(line), nil); got.Group != want {
			t.Errorf("%s: %+v", line, got)
		}
	}
	if got := ReadOptions("dumb-init", []string{"dumb-init", "app"}, map[string]string{"DUMB_INIT_SETSID": "0"}); got.Group {
		t.Errorf("%+v", got)
	}
}

// TestInitName checks that the name alone makes no init of a program.
func TestInitName(t *testing.T) {
	for name, c := range map[string]struct {
		p    Process
		want string
	}{
		"tini":                            {Process{Program: "tini"}, "tini"},
		"another build of tini":           {Process{Program: "tini-static-muslc-amd64"}, "tini"},
		"a Go program called tini":        {Process{Program: "tini", Go: &proc.GoProgram{}}, ""},
		"supervisord":                     {Process{Program: "python3.11", Name: "supervisord"}, "supervisord"},
		"python supervisord.py":           {Process{Program: "python3", Name: "python3", Arguments: []string{"python3", "/x/supervisord.py"}}, "supervisord"},
		"a Go program called supervisord": {Process{Program: "supervisord", Name: "supervisord", Go: &proc.GoProgram{}}, ""},
		"a shell script called tini":      {Process{Program: "dash", Name: "tini"}, ""},
		"npm":                             {Process{Program: "node", Name: "npm start", Arguments: []string{"npm start"}}, "npm"},
		"npm run":                         {Process{Program: "node", Name: "npm run start:pr", Arguments: []string{"npm run start:prod"}}, "npm"},
		"yarn":                            {Process{Program: "node", Name: "node", Arguments: []string{"node", "/usr/bin/yarn.js", "start"}}, "yarn"},
		"node":                            {Process{Program: "node", Name: "node", Arguments: []string{"node", "server.js"}}, ""},
		"busybox init":                    {Process{Program: "busybox", Applet: "init"}, "busybox init"},
		"GNU timeout":                     {Process{Program: "timeout"}, "timeout"},
		"timeout of coreutils":            {Process{Program: "coreutils", Applet: "timeout"}, "timeout"},
		"busybox timeout":                 {Process{Program: "busybox", Applet: "timeout"}, ""}, // the timer; the program is its parent
		"a program called init":           {Process{Program: "init", Name: "init"}, ""},
	} {
		if got := InitName(&c.p); got != c.want {
			t.Errorf("%s: %q, wanted %q", name, got, c.want)
		}
	}
}

// TestApplet checks that one executable with many programs is told by its arguments.
func TestApplet(t *testing.T) {
	for _, c := range []struct{ program, line, want string }{
		{"busybox", "busybox tail -f /dev/null", "tail"}, {"busybox", "sleep 3", "sleep"}, {"busybox", "/bin/sh /start.sh", "sh"},
		{"busybox", "-sh", "sh"}, {"busybox", "/bin/busybox httpd -f", "httpd"}, {"busybox", "", ""}, {"busybox", "busybox", ""},
		{"dash", "sh -c x", ""}, {"coreutils", "/usr/bin/sleep 5", "sleep"}, {"toybox", "toybox sleep 5", "sleep"},
	} {
		if got := Applet(c.program, strings.Fields(c.line)); got != c.want {
			t.Errorf("%s, %s: %q, wanted %q", c.program, c.line, got, c.want)
		}
	}
}

// chain returns the facts of a container whose signal passes through inits and wrappers. Each catches the usual signals.
func chain(child Process, forwarders ...Forwarder) func(*Facts) {
	return func(f *Facts) {
		r := &f.Target
		r.First, r.Init, r.Child, r.Forwarders = forwarders[0].Process, forwarders[0].Name, &child, forwarders
	}
}

func forwarder(name string, options Options, change ...func(*Process)) Forwarder {
	w := Forwarder{Name: name, Process: first(program(name)), Options: options}
	if Inits[name].Waits {
		w.Process.Threads[0].WaitsFor = ptr(^set(unix.SIGABRT))
	} else {
		w.Process.Caught = set(term, intr, quit, unix.SIGHUP)
	}
	for _, c := range change {
		c(&w.Process)
	}
	return w
}

// TestForwarders checks what becomes of the stop signal behind inits and wrappers. The codes and kinds are those that the real ones
// came out with.
func TestForwarders(t *testing.T) {
	deaf := func(p *Process) { p.Caught = 0 }
	blocksHUP := func(p *Process) {
		p.Caught, p.Threads[0].Blocked, p.Threads[0].Wakes = set(term), set(unix.SIGHUP), true // it waits for its child
	}
	app := first(plain)
	handles := first(plain, catches)
	ignorer := first(plain, ignores)
	golang134 := first(plain, golang(ptr(false), nil), func(p *Process) { p.Environment = map[string]string{"GOTRACEBACK": "crash"} })
	for name, c := range map[string]struct {
		facts Facts
		want  string
		codes []int
		own   bool
		after time.Duration // −1: the program decides
	}{
		"tini -e 143": {facts(app, chain(app, forwarder("tini", Options{ZeroFor: []int{143}}))), "terminated", []int{0}, false, 0},
		"tini -e 143, handled": {facts(app, chain(handles, forwarder("tini", Options{ZeroFor: []int{143}}))), "graceful|forced", []int{137}, true,
			10 * time.Second},
		"tini, GOTRACEBACK=crash, QUIT": {facts(app, chain(golang134, forwarder("tini", Options{})), signal(quit)), "terminated", []int{134},
			false, 0},
		"tini, debug.SetTraceback, QUIT": {facts(app, chain(first(plain, golang(ptr(false), nil), func(p *Process) { p.Go.SetsTraceback = true }),
			forwarder("tini", Options{})), signal(quit)), "terminated", []int{2, 134}, false, 0},
		"tini, CHLD": {facts(app, chain(handles, forwarder("tini", Options{})), signal(unix.SIGCHLD)), "forced", []int{137}, false,
			10 * time.Second},
		"su": {facts(app, chain(app, forwarder("su", Options{}))), "terminated", []int{143}, false, 2 * time.Second},
		"su, INT": {facts(app, chain(app, forwarder("su", Options{})), signal(intr)), "terminated", []int{130}, false,
			2 * time.Second},
		"su, handled": {facts(app, chain(handles, forwarder("su", Options{}))), "graceful|killed", []int{143}, false, 2 * time.Second},
		"su, ignored": {facts(app, chain(ignorer, forwarder("su", Options{}))), "killed", []int{143}, false, 2 * time.Second},
		"su, a short grace": {facts(app, chain(app, forwarder("su", Options{})), grace(time.Second)), "forced", []int{137}, false,
			time.Second},
		"su, HUP is blocked": {facts(app, chain(app, forwarder("su", Options{}, blocksHUP)), signal(unix.SIGHUP)), "forced", []int{137}, false,
			10 * time.Second},
		"script": {facts(app, chain(app, forwarder("script", Options{}))), "terminated", []int{0}, false, 2 * time.Second},
		"tini, su": {facts(app, chain(app, forwarder("tini", Options{}), forwarder("su", Options{}, plain))), "terminated", []int{143}, false,
			2 * time.Second},
		"tini, script": {facts(app, chain(app, forwarder("tini", Options{}), forwarder("script", Options{}, plain))), "terminated", []int{143},
			false, 2 * time.Second},
		"sudo, first":     {facts(app, chain(app, forwarder("sudo", Options{}))), "terminated", []int{0}, false, 0},
		"sudo, not first": {facts(app, chain(app, forwarder("tini", Options{}), forwarder("sudo", Options{}, plain))), "terminated", []int{143}, false, 0},
		"timeout":         {facts(app, chain(app, forwarder("timeout", Options{OwnGroup: true}))), "terminated", []int{143}, false, 0},
		"timeout -k 1, handled": {facts(app, chain(handles, forwarder("timeout", Options{KillAfter: time.Second}))), "graceful|killed", []int{137}, true,
			time.Second},
		"timeout -k 1, ignored": {facts(app, chain(ignorer, forwarder("timeout", Options{KillAfter: time.Second}))), "killed", []int{137}, false,
			time.Second},
		"timeout -k 60, ignored": {facts(app, chain(ignorer, forwarder("timeout", Options{KillAfter: time.Minute}))), "forced", []int{137}, false,
			10 * time.Second},
		"timeout, a signal that it does not catch": {facts(app, chain(app, forwarder("timeout", Options{}, deaf)), signal(usr1)), "forced",
			[]int{137}, false, 10 * time.Second},
		"tini, timeout that does not catch it": {facts(app, chain(handles, forwarder("tini", Options{}), forwarder("timeout", Options{}, deaf, plain)),
			signal(usr1)), "terminated", []int{138}, false, 0},
		"called tini, but it catches nothing": {facts(app, chain(app, forwarder("tini", Options{}, func(p *Process) { p.Threads[0].WaitsFor = nil }))),
			"forced", []int{137}, false, 10 * time.Second},
	} {
		o := Predict(c.facts).Stop
		after := time.Duration(-1)
		if o.After != nil {
			after = *o.After
		}
		if text(&o) != c.want || !slices.Equal(o.ExitCodes, c.codes) || o.OwnExitCode != c.own || after != c.after {
			t.Errorf("%s: %s, codes %v, own %t, after %s; wanted %s, %v, %t, %s\n%v", name, text(&o), o.ExitCodes, o.OwnExitCode, after, c.want,
				c.codes, c.own, c.after, o.Because)
		}
	}
}

// TestSupervisors checks which signals end a supervisor.
func TestSupervisors(t *testing.T) {
	supervised := func(name string, s unix.Signal, change ...func(*Facts)) Facts {
		return facts(first(), append([]func(*Facts){underInit(name, nil), signal(s)}, change...)...)
	}
	script := func(f *Facts) { f.Target.Scripts = map[unix.Signal]string{quit: "/run/service/.s6-svscan/SIGQUIT"} }
	deaf := func(f *Facts) { f.Target.First.Caught = 0 }
	for name, c := range map[string]struct {
		facts Facts
		want  string
		why   string
	}{
		"s6-svscan, TERM":        {supervised("s6-svscan", term), "graceful|forced", "ends on TERM"},
		"s6-svscan, HUP":         {supervised("s6-svscan", unix.SIGHUP), "forced", "does not end it"},
		"s6-svscan, WINCH":       {supervised("s6-svscan", unix.SIGWINCH), "forced", "does not end it"},
		"s6-svscan, RTMIN+3":     {supervised("s6-svscan", 37, deaf), "forced", "drops SIGRTMIN+3"},
		"s6-svscan with SIGQUIT": {supervised("s6-svscan", quit, script), "graceful|forced", "/run/service/.s6-svscan/SIGQUIT"},
		"supervisord, INT":       {supervised("supervisord", intr), "graceful|forced", "stopwaitsecs"},
		"supervisord, HUP":       {supervised("supervisord", unix.SIGHUP), "forced", "does not end it"},
		"supervisord, USR2":      {supervised("supervisord", unix.SIGUSR2), "forced", "does not end it"},
		"systemd, TERM":          {supervised("systemd", term), "forced", "re-executes"},
		"systemd, RTMIN+4":       {supervised("systemd", 38), "graceful|forced", "RTMIN+3"},
		"systemd, INT":           {supervised("systemd", intr), "graceful|forced", "INT"},
		"runsvdir, TERM":         {supervised("runsvdir", term), "graceful", "signals none of its services"},
		"busybox init, TERM":     {supervised("busybox init", term), "graceful|forced", "CAP_SYS_BOOT"},
		"busybox init, between two waits": {supervised("busybox init", term, func(f *Facts) {
			f.Target.First.Threads[0] = proc.Thread{State: 'S', Blocked: set(term), WaitKnown: true}
		}), "graceful|forced", "CAP_SYS_BOOT"},
		"busybox init, INT": {supervised("busybox init", intr), "forced", "does not end it"},
	} {
		o := Predict(c.facts).Stop
		if text(&o) != c.want || !slices.ContainsFunc(o.Because, func(e Evidence) bool { return strings.Contains(e.Value, c.why) }) {
			t.Errorf("%s: %s, %v", name, text(&o), o.Because)
		}
	}
}

// TestShellJobs checks what becomes of a shell that waits for a command in the foreground.
func TestShellJobs(t *testing.T) {
	shell := func(name string, change ...func(*Process)) Process {
		return first(append([]func(*Process){program(name), plain, func(p *Process) { p.Children, p.InWait4 = 1, true }}, change...)...)
	}
	job := func(change ...func(*Process)) Process {
		p := first(append([]func(*Process){plain}, change...)...)
		p.PID, p.Parent = 200, 100
		return p
	}
	sleeps := func(p *Process) { p.Program, p.Arguments, p.Age = "sleep", []string{"sleep", "3"}, ptr(time.Second) }
	background := func(p *Process) { p.Ignored = set(intr, quit) }
	of := func(sh, j Process, change ...func(*Facts)) Facts {
		f := facts(sh)
		f.Target.Jobs = []Process{j}
		for _, c := range change {
			c(&f)
		}
		return f
	}
	group := func(f *Facts) { f.Target.Group = []Member{{PID: 200, Name: "app"}} }
	init1 := func(p *Process) { p.NamespaceInit = true }
	for name, c := range map[string]struct {
		facts Facts
		want  string
	}{
		"dash with a trap":                        {of(shell("dash", catches), job()), "forced|graceful"},
		"dash with a trap, and a short sleep":     {of(shell("dash", catches), job(sleeps)), "graceful|forced"},
		"bash with a trap":                        {of(shell("bash", catches), job()), "forced|graceful"},
		"bash that waits for a background job":    {of(shell("bash", catches), job(background)), "graceful|forced"},
		"a trap, the command is signaled too":     {of(shell("dash", catches), job(), group), "graceful|forced"},
		"the command ignores it":                  {of(shell("dash", catches), job(ignores), group), "forced|graceful"},
		"the shell ignores it, the command not":   {of(shell("dash", ignores), job(), group), "graceful|forced"},
		"both ignore it":                          {of(shell("dash", ignores), job(ignores), group), "forced"},
		"first, no trap":                          {of(shell("dash", init1), job()), "forced"},
		"first, no trap, a short sleep":           {of(shell("dash", init1), job(sleeps)), "forced|exited"},
		"first, no trap, a sleep for too long":    {of(shell("dash", init1), job(sleeps), grace(time.Second)), "forced"},
		"a shell that no signal but its own ends": {of(shell("dash"), job(), group), "terminated"},
		"sleep as the first process":              {facts(first(sleeps)), "exited|forced"},
		"busybox sleep":                           {facts(first(sleeps, program("busybox"), func(p *Process) { p.Applet = "sleep" })), "exited|forced"},
		"sleep 1000":                              {facts(first(sleeps, func(p *Process) { p.Arguments[1] = "1000" })), "forced"},
		"sleep infinity":                          {facts(first(sleeps, func(p *Process) { p.Arguments[1] = "infinity" })), "forced"},
	} {
		if o := Predict(c.facts).Stop; text(&o) != c.want {
			t.Errorf("%s: %s, wanted %s; %v", name, text(&o), c.want, o.Because)
		}
	}
}

// TestGroups checks what is said of the processes besides the signal target: those of a process group get the signal, too.
func TestGroups(t *testing.T) {
	python := Member{PID: 200, Name: "python3"}
	apart := Member{PID: 200, Name: "python3", Apart: true}
	group, single := Options{Group: true, From: "-g"}, Options{}
	of := func(name string, o Options, signaled, unsignaled []Member) Facts {
		f := facts(first(), chain(first(plain, func(p *Process) { p.Name = "sh" }), forwarder(name, o)))
		f.Target.Group, f.Unsignaled = signaled, unsignaled
		return f
	}
	for name, c := range map[string]struct {
		facts               Facts
		consequence, advice string
	}{
		"tini -g": {of("tini", group, []Member{python}, nil),
			"tini signals the whole process group of its child (-g). python3 (200) gets SIGTERM as well, has time until sh has ended", "end-children"},
		"tini": {of("tini", single, nil, []Member{python}), "tini signals its child only. python3 (200) gets no signal, and is killed when tini exits",
			"end-children"},
		"dumb-init -c": {of("dumb-init", Options{From: "-c"}, nil, []Member{python}), "dumb-init signals its child only (-c). python3 (200) gets no",
			"drop-option -c"},
		"another session": {of("dumb-init", Options{Group: true}, nil, []Member{apart}), "has left it for a group or a session of its own. python3",
			"end-children apart"},
	} {
		text := ""
		for _, e := range Predict(c.facts).Consequences {
			text += e.Value + "\n"
		}
		if !strings.Contains(text, c.consequence) {
			t.Errorf("%s: %s", name, text)
		}
		all := AdviseOrphans(c.facts)
		if got := fmt.Sprintf("%s %s%s", all[0].Change, all[0].Option, all[0].Why); len(all) != 1 || !strings.HasPrefix(got, c.advice) {
			t.Errorf("%s: %s", name, got)
		}
	}
}

// TestUWSGI checks that its arguments decide what SIGTERM does.
func TestUWSGI(t *testing.T) {
	for line, want := range map[string]string{
		"uwsgi --master --http-socket :80":               "forced",
		"uwsgi -M --http-socket :80":                     "forced",
		"uwsgi --master --die-on-term --http-socket :80": "graceful|forced",
		"uwsgi --http-socket :80":                        "graceful|forced",
		"uwsgi --ini /app.ini":                           "forced|graceful",
		"uwsgi /app.ini":                                 "forced|graceful",
		"uwsgi --ini=/app.ini --die-on-term":             "graceful|forced",
	} {
		p := first(program("uwsgi-core"), catches, func(p *Process) { p.Arguments = strings.Fields(line) })
		if o := Predict(facts(p)).Stop; text(&o) != want {
			t.Errorf("%s: %s, wanted %s", line, text(&o), want)
		}
		p.Caught = set(unix.SIGHUP, intr)
		if o := Predict(facts(p, signal(unix.SIGHUP))).Stop; text(&o) != "forced" {
			t.Errorf("%s, HUP: %s", line, text(&o))
		}
		if o := Predict(facts(p, signal(intr))).Stop; text(&o) != "graceful|forced" {
			t.Errorf("%s, INT: %s", line, text(&o))
		}
	}
	p := first(program("uwsgi-core"), catches, func(p *Process) { p.Arguments = []string{"uwsgi", "--master"} })
	p.Environment = map[string]string{"UWSGI_DIE_ON_TERM": "1"}
	if o := Predict(facts(p)).Stop; text(&o) != "graceful|forced" {
		t.Errorf("UWSGI_DIE_ON_TERM: %s", text(&o))
	}
}
