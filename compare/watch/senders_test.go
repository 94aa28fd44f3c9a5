package watch

import (
	"errors"
	"os"
	"runtime"
	"testing"

	"golang.org/x/sys/unix"

	"haltscope/cgroupfs/trace"
	"haltscope/compare/document"
	"haltscope/compare/rules/verdict"
	"haltscope/compare/value"
)

// lossyWatch returns a watch with a container that ended at 2000 ms, whose end is not written yet.
func lossyWatch() (*watch, *Timeline) {
	w := newWatch(Options{}, nil, nil, nil)
	w.senders = &senders{tap: &trace.Signals{}}
	l := NewTimeline("c0ffee", "web", false)
	for _, s := range append(startedRun(), senders42, event(2000, "die", "exitCode=137"), inspect(2100, container("exited", 137))) {
		s(l)
	}
	w.timelines["c0ffee"] = l
	return w, l
}

// What is not known of signals is noted before an end is judged by them.
func TestReportLostFirst(t *testing.T) {
	w, l := lossyWatch()
	w.senders.failed = errors.New("epoll_wait failed")
	w.writeLines(l, at(60_000))
	if got := l.runs()[0].sentMissing(at(2000)); got != "epoll_wait failed" {
		t.Errorf("%q", got)
	}
}

// Reports of signals may be among what is dropped while the output takes no lines.
func TestDroppedReports(t *testing.T) {
	w, l := lossyWatch()
	if _, dropped := w.takeItems(nil); dropped || l.runs()[0].sentMissing(at(2000)) != "" {
		t.Error("something was dropped")
	}
	for range queueLimit + 1 {
		w.queue.put(item{key: "another"})
	}
	if _, dropped := w.takeItems(nil); !dropped || l.runs()[0].sentMissing(at(2000)) == "" {
		t.Error("nothing was dropped")
	}
}

// Where a signal comes from is told by the sender, and by what started it.
func TestOrigin(t *testing.T) {
	s := &senders{tap: &trace.Signals{}, firsts: map[int]string{}, shims: map[string]int{}, names: map[string]string{}}
	s.add("c0ffee", "web", 42, 40)
	s.add("beef", "db", 52, 50)
	actor := func(change func(*document.Actor)) *document.Actor {
		a := bash()
		change(&a)
		return &a
	}
	by := func(pid int, name string) func(*document.Actor) {
		return func(a *document.Actor) {
			a.Command, a.Parents = value.Known(name), []document.ActorParent{{PID: pid, Command: value.Known("containerd-shim")}}
		}
	}
	in := func(container string, change func(*document.Actor)) func(*document.Actor) {
		return func(a *document.Actor) {
			change(a)
			a.Container = value.Known(container)
		}
	}
	unnamed := value.Absent[string](value.Vanished, "it had ended before it could be read")
	for name, c := range map[string]struct {
		actor *document.Actor
		want  verdict.Origin
	}{
		"a shell on the host":                  {actor(func(*document.Actor) {}), verdict.FromOutside},
		"a runtime of another name":            {actor(by(40, "sysbox-runc")), verdict.FromDocker},
		"a process that another shim started":  {actor(by(50, "sysbox-runc")), verdict.FromOutside},
		"the shim, by its PID":                 {actor(func(a *document.Actor) { a.PID, a.Command = 40, unnamed }), verdict.FromDocker},
		"what docker exec runs":                {actor(in("web", by(40, "sh"))), verdict.FromWithin},
		"what docker exec ran, it seems":       {actor(func(a *document.Actor) { by(40, "sh")(a); a.Container = unnamed }), ""},
		"a name that is lost":                  {actor(func(a *document.Actor) { a.Command, a.Parents = unnamed, nil }), ""},
		"a process in another container":       {actor(func(a *document.Actor) { a.Container = value.Known("db") }), verdict.FromOutside},
		"one of no name, in another container": {actor(in("db", func(a *document.Actor) { a.Command = unnamed })), verdict.FromOutside},
	} {
		sent := trace.Signal{Sender: trace.Ancestor{PID: c.actor.PID}}
		if got := s.origin(&sent, &kernelSignal{to: 42, actor: c.actor}, "c0ffee"); got != c.want {
			t.Errorf("%s: %q, wanted %q", name, got, c.want)
		}
	}
	s.remove("c0ffee", 42)
	if s.ofShim(actor(by(40, "sysbox-runc")), "c0ffee") {
		t.Error("the shim of a run that has ended is remembered")
	}
}

// Only what a process asks for comes from it.
func TestOriginByCode(t *testing.T) {
	s := &senders{firsts: map[int]string{}, shims: map[string]int{}}
	outside := bash()
	for code, want := range map[int]verdict.Origin{0: verdict.FromOutside, -1: verdict.FromOutside, -6: verdict.FromOutside,
		-2: verdict.FromKernel, -3: verdict.FromKernel, -4: verdict.FromKernel, -5: verdict.FromKernel, 1: verdict.FromKernel,
		trace.Kernel: verdict.FromKernel} {
		sent := &trace.Signal{Signal: unix.SIGTERM, Code: code, Sender: trace.Ancestor{PID: outside.PID}}
		if got := s.origin(sent, &kernelSignal{to: 42, actor: &outside}, "c0ffee"); got != want {
			t.Errorf("code %d: %q, wanted %q", code, got, want)
		}
	}
}

// A signal for one thread is for its sender only if that is the sender's thread.
func TestOwnThread(t *testing.T) {
	runtime.LockOSThread()
	defer runtime.UnlockOSThread()
	self, thread, gone := os.Getpid(), unix.Gettid(), 1<<30
	for name, c := range map[string]struct {
		sent trace.Signal
		want bool
	}{
		"abort":                          {trace.Signal{Signal: unix.SIGABRT, Code: -6, Target: thread}, true},
		"abort, whose thread has ended":  {trace.Signal{Signal: unix.SIGABRT, Code: -6, Target: gone}, true},
		"a fault":                        {trace.Signal{Signal: unix.SIGSEGV, Code: 1, Target: gone}, true},
		"tgkill of another process":      {trace.Signal{Signal: unix.SIGTERM, Code: -6, Target: os.Getppid()}, false},
		"abort, for another process":     {trace.Signal{Signal: unix.SIGABRT, Code: -6, Target: os.Getppid()}, false},
		"tgkill, whose target has ended": {trace.Signal{Signal: unix.SIGTERM, Code: -6, Target: gone}, false},
		"cgroup.kill":                    {trace.Signal{Signal: unix.SIGKILL, Code: trace.Kernel, Target: thread}, false},
		"tgkill with SIGKILL":            {trace.Signal{Signal: unix.SIGKILL, Code: -6, Target: thread}, false},
		"kill":                           {trace.Signal{Signal: unix.SIGABRT, Target: thread, Group: true}, false},
		"the kernel's, and no fault":     {trace.Signal{Signal: unix.SIGHUP, Code: trace.Kernel, Target: thread}, false},
	} {
		c.sent.Sender.PID = self
		if got := isOwnThread(&c.sent); got != c.want {
			t.Errorf("%s: %t", name, got)
		}
	}
}
