package prediction

import (
	"fmt"
	"slices"
	"strings"

	"haltscope/compare/rules/verdict"
	"haltscope/compare/value"
)

// Advice says what to change where a stop has the outcome given. It is for the prediction of a stop, and for a check of a stop
// that was made.
func Advice(f Facts, stop verdict.Kind) []string {
	r := &f.Target
	p := r.Process()
	if all := Unreached(f); len(all) > 0 && (f.unreachable() || stop != verdict.Graceful) {
		return all
	}
	switch {
	case f.InvalidSignal():
		return []string{fmt.Sprintf("%s is not a valid signal: set one that is, STOPSIGNAL SIGTERM in the image or docker run --stop-signal "+
			"SIGTERM", f.StopSignalName())}
	case f.Signal == value.SIGKILL:
		return []string{"the stop signal is SIGKILL, which no program can handle: remove STOPSIGNAL SIGKILL from the image"}
	case p == nil:
		return nil
	}
	for _, q := range []*Process{p, &r.First} {
		if q.stopped() {
			return []string{q.label() +
				" is stopped, and only SIGKILL can end it before it continues: run docker kill --signal CONT, or detach the tracer (a debugger) " +
				"that holds it"}
		}
	}
	if r.ProcessFor(f.Signal) != p {
		return []string{fmt.Sprintf("%s does not forward %s: use another stop signal (STOPSIGNAL SIGTERM)", r.Init, value.SignalName(f.Signal))}
	}
	if advice := f.forwardingAdvice(); advice != "" {
		return []string{advice}
	}
	f.Signal = r.Delivered(f.Signal)
	if advice := f.supervisorAdvice(); advice != "" && stop == verdict.Forced {
		return []string{advice}
	}
	if disposition, _ := p.Disposition(f.Signal, f.Grace); disposition == Caught || disposition == Accepted {
		if hindered := f.hinderedAdvice(); len(hindered) > 0 {
			return hindered
		}
	}
	var all []string
	switch stop {
	case verdict.Forced:
		all = f.forcedAdvice(p)
	case verdict.Terminated:
		all = []string{f.otherSignals(p), handlerAdvice(p, f.Signal)}
	}
	return slices.DeleteFunc(all, func(s string) bool { return s == "" })
}

// forcedAdvice says what to change where the stop signal did not end the process within the grace. A text may be empty.
func (f *Facts) forcedAdvice(p *Process) []string {
	signal := value.SignalName(f.Signal)
	switch disposition, _ := p.Disposition(f.Signal, f.Grace); disposition {
	case DefaultAction:
		return f.defaultActionAdvice(p)
	case Ignored:
		return []string{f.otherSignals(p),
			fmt.Sprintf("it ignores %s: handle the signal instead; ignored signals are inherited, so check what started it too (nohup, trap '')",
				signal)}
	case Blocked, BlockedNow:
		return []string{f.otherSignals(p),
			fmt.Sprintf("it blocks %s and does not accept it: unblock the signal, or accept it with sigwait or signalfd; signal masks are "+
				"inherited, so check what started it too", signal)}
	case Caught:
		switch {
		case p.runs("uwsgi*"):
			return []string{"uWSGI reloads on " + signal + ": start it with --die-on-term and stop it with SIGTERM, or make SIGINT the stop " +
				"signal " +
				"with STOPSIGNAL SIGINT or docker run --stop-signal SIGINT"}
		case isShell(p) && p.Children > 0:
			return []string{"the shell's trap runs only after its foreground command has ended: start the command in the background and wait for " +
				"it: program & wait $!"}
		case p.Go != nil && !isTrue(GoAsksFor(p, f.Signal)):
			return []string{f.otherSignals(p), handlerAdvice(p, f.Signal)}
		case habitOf(p).is("node") && p.NamespaceInit:
			return []string{handlerAdvice(p, f.Signal),
				"or, if it has a handler, allow a longer grace: docker stop -t SECONDS, docker run --stop-timeout SECONDS"}
		}
	}
	return []string{fmt.Sprintf("its %s handler does not end it within %s: allow a longer grace (docker run --stop-timeout SECONDS, docker "+
		"stop -t SECONDS), or make the handler finish sooner", signal, f.Grace)}
}

// defaultActionAdvice says what to change where the stop signal's default action did not end the process.
func (f *Facts) defaultActionAdvice(p *Process) []string {
	signal := value.SignalName(f.Signal)
	switch {
	case isShell(p) && p.Children > 0:
		return []string{fmt.Sprintf("the shell does not forward %s: start the program in exec form, CMD [\"program\"], or with `exec program` "+
			"as the script's last command, so that the program itself gets the signal", signal),
			fmt.Sprintf("or trap it: program & trap 'kill -%s $!' %[1]s; wait $!; wait $!", withoutSIG(f.Signal))}
	case p.NamespaceInit && len(f.Programs) > 0: // it does nothing but wait for them, as flock or setsid -w does
		of := &f.Programs[0]
		return []string{fmt.Sprintf("%s does not forward %s to %s (process %d), which it waits for: start %[3]s itself, without %[1]s in front of it, "+
			"or have %[1]s forward the signal and wait", p.Name, signal, of.Name, of.PID)}
	case p.NamespaceInit:
		return []string{f.otherSignals(p), handlerAdvice(p, f.Signal),
			"or run it under an init, docker run --init: the signal then ends it at once, and nothing is saved"}
	}
	return []string{fmt.Sprintf("%s does not end a process by default: use another stop signal (STOPSIGNAL SIGTERM)", signal)}
}

// OrphanAdvice says what to change where processes were left to be killed.
func OrphanAdvice(f Facts) string {
	if p := f.Target.Process(); p != nil && isShell(p) {
		return "start the program with exec, so that no shell is its parent, or forward the signal from a trap and wait for the child"
	}
	if advice := f.groupAdvice(); advice != "" {
		return advice
	}
	return "have the first process end its children and wait for them before it exits"
}

// otherSignals names signals that the program handles, other than the stop signal; "" for none.
func (f *Facts) otherSignals(p *Process) string {
	var caught []string
	for _, s := range []value.Signal{value.SIGTERM, value.SIGINT, value.SIGQUIT, value.SIGHUP} {
		if s != f.Signal && f.handlesItself(p, s) {
			caught = append(caught, value.SignalName(s))
		}
	}
	if len(caught) == 0 {
		return ""
	}
	return fmt.Sprintf("it handles %s: if that signal ends it, make it the stop signal with STOPSIGNAL %s or docker run --stop-signal %[2]s",
		strings.Join(caught, " and "), caught[0])
}

// handlesItself reports whether the program, and not only its runtime, handles a signal in a way that may end it.
func (f *Facts) handlesItself(p *Process, s value.Signal) bool {
	disposition, _ := p.Disposition(s, f.Grace)
	if disposition != Caught && disposition != Accepted || p.Go != nil && !isTrue(GoAsksFor(p, s)) {
		return false
	}
	h := habitOf(p)
	switch {
	case h == nil:
		return true
	case slices.Contains(h.survives, s) || slices.Contains(h.runtimeCatches, s):
		return false
	}
	// SIGINT is handled by the interpreter itself, for a keyboard.
	return s != value.SIGINT || !h.is("python*") && !h.is("dash")
}

// handlerAdvice says how a program of that kind handles a signal.
func handlerAdvice(p *Process, signal value.Signal) string {
	name := value.SignalName(signal)
	h := habitOf(p)
	switch {
	case p.Go != nil:
		return fmt.Sprintf("handle the signal in the program: signal.NotifyContext(ctx, syscall.%s), and exit when the context is done", name)
	case h.is("node"):
		return fmt.Sprintf("handle the signal in the program: process.on('%s', () => server.close(() => process.exit(0)))", name)
	case h.is("python*"):
		return fmt.Sprintf("handle the signal in the program: signal.signal(signal.%s, lambda *_: sys.exit(0))", name)
	case h.is("dash"):
		return fmt.Sprintf("handle the signal in the script (trap 'exit 0' %s), or replace the shell with the program (exec program)",
			withoutSIG(signal))
	}
	return fmt.Sprintf("handle %s in the program", name)
}

func withoutSIG(signal value.Signal) string {
	return strings.TrimPrefix(value.SignalName(signal), "SIG")
}

func isTrue(b *bool) bool { return b != nil && *b }
