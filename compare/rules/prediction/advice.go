package prediction

import (
	"fmt"
	"slices"
	"strings"

	"golang.org/x/sys/unix"

	"haltscope/compare/rules/verdict"
)

// Advice says what to change, where a stop came or would come to that. It serves the prediction of a stop, and the
// check of one that was made.
func Advice(f Facts, stop verdict.Kind) []string {
	var all []string
	if f.InvalidSignal() {
		return []string{fmt.Sprintf("%s is no signal: give the image or the container one that there is, STOPSIGNAL SIGTERM or docker run --stop-signal SIGTERM", f.StopSignalName())}
	}
	p := f.Target.Process()
	if p == nil || f.Signal == sigkill {
		if f.Signal == sigkill {
			all = append(all, "the stop signal is SIGKILL, which no program can handle: take STOPSIGNAL SIGKILL out of the image")
		}
		return all
	}
	for _, q := range []*Process{p, &f.Target.First} {
		if q.stopped() {
			return []string{q.label() + " is stopped, and no signal but SIGKILL ends it before it goes on: docker kill --signal CONT, or where a tracer holds it (a debugger), let that go"}
		}
	}
	if f.Target.ProcessFor(f.Signal) != p {
		return []string{fmt.Sprintf("%s does not forward %s: take another stop signal (STOPSIGNAL SIGTERM)", f.Target.Init, Name(f.Signal))}
	}
	comes := f.Target.Delivered(f.Signal)
	if comes == 0 {
		return []string{fmt.Sprintf("an init before it was told to forward nothing in place of %s: take that --rewrite out of its arguments", Name(f.Signal))}
	}
	f.Signal = comes // what it has to deal with
	way, _ := p.Disposition(f.Signal, f.Grace)
	signal := Name(f.Signal)
	switch {
	case stop == verdict.Forced && way == DefaultAction && isShell(p) && p.Children > 0:
		all = append(all, fmt.Sprintf("the shell does not pass %s on: start the program in exec form, CMD [\"program\"], or with `exec program` as the script's last command, so that the program itself gets the signal", signal),
			fmt.Sprintf("or trap it: program & trap 'kill -%s $!' %[1]s; wait $!; wait $!", short(f.Signal)))
	case stop == verdict.Forced && way == DefaultAction && p.NamespaceInit:
		all = append(all, otherSignals(f, p), handlerHint(p, f.Signal))
		all = append(all, "or run it under an init, docker run --init: the signal then ends it at once, with nothing saved")
	case stop == verdict.Forced && way == DefaultAction:
		all = append(all, fmt.Sprintf("%s does not end a process by default: take another stop signal (STOPSIGNAL SIGTERM)", signal))
	case stop == verdict.Forced && way == Ignored:
		all = append(all, otherSignals(f, p), fmt.Sprintf("it ignores %s: handle it instead; ignoring is inherited, so look at what started it, too (nohup, trap '')", signal))
	case stop == verdict.Forced && (way == Blocked || way == BlockedNow):
		all = append(all, otherSignals(f, p), fmt.Sprintf("it blocks %s and does not take it: unblock it, or take it by sigwait or signalfd; a mask is inherited, so look at what started it, too", signal))
	case stop == verdict.Forced && isShell(p) && way == Caught && p.Children > 0:
		all = append(all, "the shell's trap runs only when its foreground command has ended: start that in the background and wait for it: program & wait $!")
	case stop == verdict.Forced && way == Caught && p.Go != nil && !isTrue(GoAsksFor(p, f.Signal)):
		all = append(all, otherSignals(f, p), handlerHint(p, f.Signal))
	case stop == verdict.Forced && way == Caught && habitOf(p).is("node") && p.NamespaceInit:
		all = append(all, handlerHint(p, f.Signal), "or, where it has one, a longer grace: docker stop -t SECONDS, docker run --stop-timeout SECONDS")
	case stop == verdict.Forced:
		all = append(all, fmt.Sprintf("its handler of %s does not end it within %s: a longer grace (docker run --stop-timeout SECONDS, docker stop -t SECONDS), or a handler that ends sooner", signal, f.Grace))
	case stop == verdict.Terminated:
		all = append(all, otherSignals(f, p), handlerHint(p, f.Signal))
	}
	all = slices.DeleteFunc(all, func(s string) bool { return s == "" })
	return all
}

// OrphanAdvice says what to change where processes were left to be killed.
func OrphanAdvice(f Facts) string {
	if p := f.Target.Process(); p != nil && isShell(p) {
		return "start the program with exec, so that no shell stands above it, or pass the signal on from a trap and wait for the child"
	}
	if f.Target.Init != "" {
		return "have the program end its children before itself; tini -g passes the signal to the whole process group"
	}
	return "have the first process end its children and wait for them before it ends itself"
}

// other names signals that the program handles, where the stop signal is not one of them.
func otherSignals(f Facts, p *Process) string {
	var caught []string
	for _, s := range []unix.Signal{unix.SIGTERM, unix.SIGINT, unix.SIGQUIT, unix.SIGHUP} {
		if int(s) == f.Signal {
			continue
		}
		way, _ := p.Disposition(int(s), f.Grace)
		if way != Caught && way != Accepted || p.Go != nil && !isTrue(GoAsksFor(p, int(s))) {
			continue
		}
		if h := habitOf(p); h != nil && (slices.Contains(h.survives, s) || slices.Contains(h.runtimeCatches, s)) {
			continue
		}
		if h := habitOf(p); h != nil && (h.programs[0] == "python*" || isShell(p)) && s == unix.SIGINT {
			continue // the interpreter's own, for a keyboard
		}
		caught = append(caught, unix.SignalName(s))
	}
	if len(caught) == 0 {
		return ""
	}
	return fmt.Sprintf("it handles %s: if that ends it, make it the stop signal, STOPSIGNAL %s or docker run --stop-signal %[2]s", strings.Join(caught, " and "), caught[0])
}

// handlerHint is how a program of that kind handles a signal.
func handlerHint(p *Process, signal int) string {
	name := Name(signal)
	h := habitOf(p)
	switch {
	case p.Go != nil:
		return fmt.Sprintf("handle it in the program: signal.NotifyContext(ctx, syscall.%s), and end when the context does", name)
	case h.is("node"):
		return fmt.Sprintf("handle it in the program: process.on('%s', () => server.close(() => process.exit(0)))", name)
	case h != nil && h.programs[0] == "python*":
		return fmt.Sprintf("handle it in the program: signal.signal(signal.%s, lambda *_: sys.exit(0))", name)
	case h.is("dash"):
		return fmt.Sprintf("handle it in the script, or put the program in its place: trap 'exit 0' %s, or exec program", short(signal))
	}
	return fmt.Sprintf("handle %s in the program", name)
}

func short(signal int) string { return strings.TrimPrefix(Name(signal), "SIG") }

func isTrue(b *bool) bool { return b != nil && *b }
