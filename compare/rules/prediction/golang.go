package prediction

import (
	"fmt"
	"slices"
	"time"

	"haltscope/compare/rules/verdict"
	"haltscope/compare/value"
)

// The signals on which the Go runtime ends a program that has not asked for them. On those of runtimeThrows it prints its
// goroutines first. Source: runtime/sigtab_linux_generic.go, _SigKill and _SigThrow.
var (
	runtimeKills  = []value.Signal{value.SIGHUP, value.SIGINT, value.SIGTERM}
	runtimeThrows = []value.Signal{value.SIGQUIT, value.SIGILL, value.SIGTRAP, value.SIGABRT, value.SIGBUS, value.SIGFPE, value.SIGSEGV,
		value.SIGSTKFLT, value.SIGSYS}
)

// goRuntimeEnds reports whether the Go runtime ends a program on a signal that the program has not asked for.
func goRuntimeEnds(signal value.Signal) bool {
	return slices.Contains(runtimeKills, signal) || slices.Contains(runtimeThrows, signal)
}

// GoAsksFor reports whether a Go program has asked for a signal (signal.Notify); nil where its file and memory do not tell.
func GoAsksFor(p *Process, signal value.Signal) *bool {
	no := false
	switch {
	case p.Go == nil:
		return nil
	case p.Go.Wanted != nil:
		wants := p.Go.Wanted.Has(signal)
		return &wants
	case p.Go.Notify != nil && !*p.Go.Notify:
		return &no
	}
	return nil
}

// caughtByGo decides what a signal does to a Go program: its runtime catches nearly every signal, whether or not the program
// asks for it.
func (f *Facts) caughtByGo(o *Outcome, p *Process) {
	o.note(fmt.Sprintf("/proc/%d/exe: build info", p.PID),
		"a Go program (%s): its runtime catches every signal, whether the program handles it or not", p.Go.Version)
	asks, ends := GoAsksFor(p, f.Signal), goRuntimeEnds(f.Signal)
	switch {
	case asks == nil && f.knownHabit(o, p):
	case asks == nil && ends:
		f.undecided(o, "whether the program asks for the signal (signal.Notify): neither its symbols nor its code say where to look; "+
			"haltscope predict --verify tries it on a twin",
			verdict.Graceful, verdict.Terminated, verdict.Forced)
		o.Reason = NotRead
		o.ExitCodes = sortCodes(append(o.ExitCodes, goExitCodes(f.Signal, p)...))
	case asks == nil:
		f.undecided(o, "whether the program asks for the signal (signal.Notify)", verdict.Forced, verdict.Graceful)
		o.Reason = NotRead
	case *asks:
		o.note(fmt.Sprintf("/proc/%d/mem: runtime.sig.wanted", p.PID), "the program has asked for %s (signal.Notify)", value.SignalName(f.Signal))
		f.handled(o, p)
	default:
		f.notAskedForByGo(o, p, ends)
	}
}

// notAskedForByGo decides what a signal does to a Go program that has not asked for it.
func (f *Facts) notAskedForByGo(o *Outcome, p *Process, ends bool) {
	if p.Go.Wanted != nil {
		o.note(fmt.Sprintf("/proc/%d/mem: runtime.sig.wanted", p.PID), "the program has not asked for %s", value.SignalName(f.Signal))
	} else {
		o.note(fmt.Sprintf("/proc/%d/exe: .gopclntab", p.PID), "the program does not link os/signal.Notify, so it handles no signal")
	}
	if !ends {
		o.note("runtime/sigtab_linux_generic.go", "the Go runtime then does nothing with the signal")
		f.survive(o, NotAskedFor)
		return
	}
	at := time.Duration(0)
	o.Kind, o.After, o.ExitCodes, o.Reason = verdict.Terminated, &at, goExitCodes(f.Signal, p), NotAskedFor
	o.note("runtime/signal_unix.go, dieFromSignal", "the Go runtime then ends it at once with exit code %d: none of the program's code runs",
		o.ExitCodes[0])
}

// goExitCodes returns what the Go runtime ends a program with: it raises the signal again with its default action, which the
// kernel drops for the first of a PID namespace, and then calls exit(2). A throw is exit(2), too. With GOTRACEBACK=crash, or the same by
// debug.SetTraceback, a throw raises SIGABRT in the same way. Measured with Go 1.26.
func goExitCodes(signal value.Signal, p *Process) []int {
	kills := slices.Contains(runtimeKills, signal)
	aborted := value.SignalExitCode(value.SIGABRT)
	switch {
	case p.NamespaceInit:
		return []int{2}
	case kills:
		return []int{value.SignalExitCode(signal)}
	case p.Environment["GOTRACEBACK"] == "crash":
		return []int{aborted}
	case p.Go.SetsTraceback:
		return []int{2, aborted}
	}
	return []int{2}
}
