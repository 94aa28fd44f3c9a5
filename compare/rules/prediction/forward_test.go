package prediction

import (
	"slices"
	"testing"
	"time"

	"golang.org/x/sys/unix"
)

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
		"tini -e 143, handled": {facts(app, chain(handles, forwarder("tini", Options{ZeroFor: []int{143}}))), "graceful|forced", []int{137},
			true,
			10 * time.Second},
		"tini, GOTRACEBACK=crash, QUIT": {facts(app, chain(golang134, forwarder("tini", Options{})), signal(quit)), "terminated", []int{134},
			false, 0},
		"tini, debug.SetTraceback, QUIT": {facts(app, chain(first(plain, golang(ptr(false), nil),
			func(p *Process) { p.Go.SetsTraceback = true }),
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
		"sudo, first": {facts(app, chain(app, forwarder("sudo", Options{}))), "terminated", []int{0}, false, 0},
		"sudo, not first": {facts(app, chain(app, forwarder("tini", Options{}), forwarder("sudo", Options{}, plain))), "terminated",
			[]int{143}, false, 0},
		"timeout": {facts(app, chain(app, forwarder("timeout", Options{OwnGroup: true}))), "terminated", []int{143}, false, 0},
		"npm":     {facts(app, chain(app, forwarder("npm", Options{}))), "terminated", []int{143}, true, 0},
		"timeout -k 1, handled": {facts(app, chain(handles, forwarder("timeout", Options{KillAfter: time.Second}))), "graceful|killed",
			[]int{137}, true,
			time.Second},
		"timeout -k 1, ignored": {facts(app, chain(ignorer, forwarder("timeout", Options{KillAfter: time.Second}))), "killed", []int{137},
			false,
			time.Second},
		"timeout -k 60, ignored": {facts(app, chain(ignorer, forwarder("timeout", Options{KillAfter: time.Minute}))), "forced", []int{137},
			false,
			10 * time.Second},
		"timeout, a signal that it does not catch": {facts(app, chain(app, forwarder("timeout", Options{}, deaf)), signal(usr1)), "forced",
			[]int{137}, false, 10 * time.Second},
		"tini, timeout that does not catch it": {facts(app, chain(handles, forwarder("tini", Options{}), forwarder("timeout", Options{},
			deaf, plain)),
			signal(usr1)), "terminated", []int{138}, false, 0},
		"called tini, but it catches nothing": {facts(app, chain(app, forwarder("tini", Options{},
			func(p *Process) { p.Threads[0].WaitsFor = nil }))),
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
