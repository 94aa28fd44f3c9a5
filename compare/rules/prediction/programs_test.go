package prediction

import (
	"slices"
	"strings"
	"testing"
	"time"

	"haltscope/cgroupfs/proc"
	"haltscope/compare/rules/verdict"
	"haltscope/compare/value"
)

// process returns one to which a habit applies, with a handler for all signals.
func (h *habit) process() Process {
	p := first()
	name := strings.TrimSuffix(h.programs[0], "*")
	if applet, ok := strings.CutPrefix(name, "busybox "); ok {
		p.Program, p.Applet = "busybox", applet
	} else {
		p.Program = name
	}
	p.Name, p.Arguments = name, []string{name}
	if len(h.on) > 0 {
		p.Program = strings.TrimSuffix(h.on[0], "*")
		p.Arguments = []string{p.Program, "/usr/bin/" + name}
	}
	if !h.childless {
		p.Children = 2
		p.Arguments = append(p.Arguments, "--die-on-term") // of uWSGI
	}
	for s := value.Signal(1); s <= value.SIGRTMAX; s++ {
		if s != value.SIGKILL && s != value.SIGSTOP {
			p.Caught |= set(s)
		}
	}
	return p
}

// TestHabits checks of each row of the table that it is found, that it decides for each of its signals what it says, that clients and
// the grace count as it says, and that it decides nothing against the masks.
func TestHabits(t *testing.T) {
	rows := map[knowledge]int{}
	for i := range habits() {
		h := &habits()[i]
		p := h.process()
		if got := habitOf(&p); got != h {
			t.Errorf("%s: its row is not found, but %+v", h.programs[0], got)
			continue
		}
		rows[h.known]++
		if h.known != documented && h.known != run && h.known != read || h.source == "" || (h.known == run) != (h.version != "") {
			t.Errorf("%s: known %q, source %q, version %q", h.programs[0], h.known, h.source, h.version)
		}
		if h.known == read && len(h.endsOn)+len(h.idleEndsOn)+len(h.failsOn)+len(h.limitOn) > 0 {
			t.Errorf("%s: what was only read decides that it ends", h.programs[0])
		}
		if !strings.ContainsAny(h.text, " ") || strings.Contains(h.text, "  ") {
			t.Errorf("%s: %q", h.programs[0], h.text)
		}
		for _, c := range []struct {
			list   string
			on     []value.Signal
			change func(*Facts)
			want   string
		}{
			{"endsOn", h.endsOn, withClient, "graceful"},
			{"idleEndsOn", h.idleEndsOn, noClient, "graceful"},
			{"idleEndsOn", h.idleEndsOn, withClient, "graceful|forced"},
			{"idleEndsOn", h.idleEndsOn, clientsUnknown, "graceful|forced"},
			{"failsOn", h.failsOn, noClient, "failed-stopping"},
			{"drainsOn", h.drainsOn, noClient, "graceful|forced"},
			{"drainsOn", h.drainsOn, withClient, "forced|graceful"},
			{"limitOn", h.limitOn, grace(h.limit + time.Second), "graceful"},
			{"limitOn", h.limitOn, grace(h.limit), "graceful|forced"},
			{"finishesOn", h.finishesOn, withClient, "graceful|forced"},
			{"slowOn", h.slowOn, grace(h.slow), "forced|graceful"},
			{"slowOn", h.slowOn, grace(h.slow + time.Second), "graceful|forced"},
			{"seldomOn", h.seldomOn, noClient, "forced|graceful"},
			{"survives", h.survives, noClient, "forced"},
		} {
			if c.list == "survives" && h.known == read {
				c.want = "forced|graceful" // what was only read decides nothing
			}
			for _, s := range c.on {
				f := facts(p, signal(s), c.change)
				o := f.stop()
				if got := kinds(o.candidates()); got != c.want {
					t.Errorf("%s: %s, %s: %s, wanted %s", h.programs[0], c.list, value.SignalName(s), got, c.want)
				}
				if !slices.ContainsFunc(o.Because, func(e Evidence) bool { return e.Source == h.source }) {
					t.Errorf("%s, %s: its source is not named: %v", h.programs[0], value.SignalName(s), o.Because)
				}
				unhandled := p
				unhandled.Caught = 0
				f = facts(unhandled, signal(s), c.change)
				if o := f.stop(); o.Kind != verdict.Forced {
					t.Errorf("%s, %s, not handled: %s", h.programs[0], value.SignalName(s), kinds(o.candidates()))
				}
			}
		}
	}
	t.Logf("rows: %v", rows)
	if n := len(habits()); n < 110 {
		t.Errorf("the table has %d rows", n)
	}
}

func noClient(*Facts)         {}
func withClient(f *Facts)     { f.Work = Work{Connections: 1, Ports: []uint16{80}} }
func clientsUnknown(f *Facts) { f.Work = Work{Error: "denied"} }

// No signal may be in two lists of a row, and no name in two rows.
func TestHabitsAreClear(t *testing.T) {
	names := map[string]bool{}
	for i := range habits() {
		h := &habits()[i]
		seen := map[value.Signal]bool{}
		for _, list := range [][]value.Signal{h.endsOn, h.idleEndsOn, h.failsOn, h.drainsOn, h.limitOn, h.finishesOn, h.slowOn, h.seldomOn,
			h.survives, h.runtimeCatches} {
			for _, s := range list {
				if seen[s] {
					t.Errorf("%s: %s is in two lists", h.programs[0], value.SignalName(s))
				}
				seen[s] = true
			}
		}
		for _, name := range h.programs {
			if names[name] && !h.childless && name != "uwsgi*" {
				t.Errorf("%s is in two rows", name)
			}
			names[name] = true
		}
	}
}

// A script is known by its name or its title, and only under its interpreter; the rest of what an interpreter runs is not.
func TestHabitOf(t *testing.T) {
	script := func(program, name string, arguments ...string) Process {
		return Process{Program: program, Name: name, Arguments: arguments}
	}
	for name, c := range map[string]struct {
		process Process
		want    string // the first program of its row; "" for none
	}{
		"a server":                     {Process{Program: "memcached"}, "memcached"},
		"a version in its name":        {Process{Program: "php-fpm8.2"}, "php-fpm*"},
		"a script":                     {script("python3.11", "gunicorn", "python3", "/usr/bin/gunicorn", "a:b"), "gunicorn*"},
		"a module":                     {script("python3.11", "python3", "python3", "-m", "uvicorn", "a:b"), "uvicorn"},
		"a title":                      {script("python3.11", "gunicorn: maste", "gunicorn: master [a:b]"), "gunicorn*"},
		"puma's title":                 {script("ruby3.1", "ruby3.1", "puma 5.6.5 (tcp://0.0.0.0:9292) [srv]"), "puma"},
		"another script":               {script("python3.11", "python3", "python3", "app.py"), "python*"},
		"another interpreter":          {script("ruby3.1", "gunicorn", "ruby", "gunicorn"), "ruby*"},
		"a program named as a script":  {Process{Program: "gunicorn"}, ""},
		"busybox, an applet":           {Process{Program: "busybox", Applet: "syslogd"}, "busybox syslogd"},
		"busybox, another one":         {Process{Program: "busybox", Applet: "tail"}, ""},
		"the same name, not busybox's": {Process{Program: "syslogd"}, ""},
		"a uwsgi without a master":     {Process{Program: "uwsgi-core"}, "uwsgi*"},
	} {
		got := ""
		if h := habitOf(&c.process); h != nil {
			got = h.programs[0]
		}
		if got != c.want {
			t.Errorf("%s: %q, wanted %q", name, got, c.want)
		}
	}
}

// Which way a program goes that nothing is known of, but that it has a handler.
func TestUnknownHandler(t *testing.T) {
	catchesAll := func(p *Process) { p.Caught = ^proc.SignalSet(0) }
	for name, c := range map[string]struct {
		facts Facts
		want  string
	}{
		"TERM":                          {facts(first(catchesAll)), "graceful|forced"},
		"QUIT":                          {facts(first(catchesAll), signal(quit)), "graceful|forced"},
		"HUP":                           {facts(first(catchesAll), signal(value.SIGHUP)), "forced|graceful"},
		"USR1":                          {facts(first(catchesAll), signal(usr1)), "forced|graceful"},
		"WINCH":                         {facts(first(catchesAll), signal(value.SIGWINCH)), "forced|graceful"},
		"TERM, with a client":           {facts(first(catchesAll), withClient), "forced|graceful"},
		"node, INT":                     {facts(first(program("node"), plainNode), signal(intr)), "forced|graceful"},
		"node, INT, not first":          {facts(first(program("node"), plainNode, plain), signal(intr)), "terminated|graceful|forced"},
		"node, INT, and it handles HUP": {facts(first(program("node"), catchesAll), signal(intr)), "graceful|forced"},
		"python, a script, INT": {facts(first(program("python3.11"), catchesAll, arguments("python3", "app.py")), signal(intr)),
			"graceful|forced"},
		"python, at a terminal, INT": {facts(first(program("python3.11"), catchesAll, arguments("python3")), signal(intr)), "forced|graceful"},
		"python -i, INT": {facts(first(program("python3.11"), catchesAll, arguments("python3", "-i", "app.py")), signal(intr)),
			"forced|graceful"},
		"redis, at work for a client": {facts(first(program("redis-server"), catchesAll, running), withClient), "forced|graceful"},
		"redis, with a client":        {facts(first(program("redis-server"), catchesAll), withClient), "graceful|forced"},
	} {
		if o := c.facts.stop(); kinds(o.candidates()) != c.want {
			t.Errorf("%s: %s, wanted %s", name, kinds(o.candidates()), c.want)
		}
	}
}

func plainNode(p *Process)                   { p.Caught = set(intr, term) }
func arguments(all ...string) func(*Process) { return func(p *Process) { p.Arguments = all } }
func running(p *Process)                     { p.Threads[0].State, p.Threads[0].WaitKnown = 'R', false }

// What a program works on is said, and that a twin has none of it.
func TestWorkIsSaid(t *testing.T) {
	f := facts(first(program("postgres"), catches), func(f *Facts) {
		f.Work = Work{Connections: 2, Ports: []uint16{5432, 5433}, Sessions: []string{"postgres: u d 127.0.0.1(34216) SELECT"},
			Error: "denied"}
	})
	o := f.stop()
	said := strings.ReplaceAll(strings.Join(evidence(o.Because), "\n"), "\u00a0", " ")
	for _, want := range []string{"it has clients: 2 established connections to port 5432, 5433",
		"1 process works for a client: postgres: u d 127.0.0.1(34216) SELECT",
		"not all known: denied"} {
		if !strings.Contains(said, want) {
			t.Errorf("no %q in\n%s", want, said)
		}
	}
	if kinds(o.candidates()) != "forced|graceful" || !strings.Contains(o.DecidedBy, "a twin, which has no clients") {
		t.Errorf("%s: %s", kinds(o.candidates()), o.DecidedBy)
	}
}

// On a twin it is said that clients are missing.
func TestTwinHasNoClients(t *testing.T) {
	const want = "a twin has no clients"
	f := facts(first(program("nginx"), func(p *Process) { p.Caught = set(quit, term) }), signal(quit), func(f *Facts) { f.Twin = true })
	o := f.stop()
	if said := strings.Join(evidence(o.Because), "\n"); !strings.Contains(said, want) || strings.Contains(o.DecidedBy, "--verify") {
		t.Errorf("%s\n%s", said, o.DecidedBy)
	}
	f.Twin = false
	if o := f.stop(); strings.Contains(strings.Join(evidence(o.Because), "\n"), want) {
		t.Error(o.Because)
	}
}

func evidence(all []Evidence) (text []string) {
	for _, e := range all {
		text = append(text, e.Value)
	}
	return text
}

// A program that is young and not at rest may still set handlers.
func TestStarting(t *testing.T) {
	aged := func(age time.Duration) func(*Process) { return func(p *Process) { p.Age = &age } }
	for name, c := range map[string]struct {
		facts Facts
		want  string
	}{
		"young, computing":            {facts(first(aged(400*time.Millisecond), running)), "forced|graceful"},
		"young, computing, not first": {facts(first(plain, aged(400*time.Millisecond), running)), "terminated|graceful|forced"},
		"young, at rest":              {facts(first(aged(400 * time.Millisecond))), "forced"},
		"young, sleeps":               {facts(first(aged(400*time.Millisecond), awake)), "forced"},
		"young, reads a disk": {facts(first(aged(400*time.Millisecond), func(p *Process) { p.Threads[0].State = 'D' })),
			"forced|graceful"},
		"old, computing":    {facts(first(aged(time.Minute), running)), "forced"},
		"age not known":     {facts(first(running)), "forced"},
		"young, ignores it": {facts(first(aged(time.Second), running, ignores)), "forced"},
		"young, handles it": {facts(first(aged(time.Second), running, catches)), "graceful|forced"},
		"young, STOP":       {facts(first(aged(time.Second), running), signal(value.SIGSTOP)), "forced"},
		"young, a server":   {facts(first(program("memcached"), aged(time.Second), running, catches)), "graceful|forced"},
		"young, a server, HUP": {facts(first(program("memcached"), aged(time.Second), running,
			func(p *Process) { p.Caught = set(value.SIGHUP) }), signal(value.SIGHUP)), "forced|graceful"},
		"the runtime":            {facts(first(func(p *Process) { p.Name = "runc:[2:INIT]" })), "forced|graceful"},
		"young, CHLD, not first": {facts(first(plain, aged(time.Second), running), signal(value.SIGCHLD)), "forced|graceful"},
	} {
		o := c.facts.stop()
		if kinds(o.candidates()) != c.want {
			t.Errorf("%s: %s, wanted %s", name, kinds(o.candidates()), c.want)
		}
	}
	o := facts(first(aged(420*time.Millisecond), running))
	const want = "app has run for 420ms and is at work: it may still set handlers"
	if got := o.stop(); !strings.Contains(strings.Join(evidence(got.Because), "\n"), want) {
		t.Error(got.Because)
	}
}
