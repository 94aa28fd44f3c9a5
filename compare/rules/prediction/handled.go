package prediction

import (
	"fmt"
	"slices"
	"time"

	"golang.org/x/sys/unix"

	"haltscope/compare/rules/verdict"
)

// handled is a handler, or a sigwait or signalfd.
func (f *Facts) caught(o *Outcome, p *Process) {
	s := unix.Signal(f.Signal)
	if p.Go != nil {
		f.caughtByGo(o, p)
		return
	}
	h := habitOf(p)
	if h != nil {
		o.note(h.source, "%s", h.text)
	}
	switch {
	case h != nil && slices.Contains(h.endsOn, s):
		o.Kind, o.OwnExitCode = verdict.Graceful, true
	case h != nil && slices.Contains(h.drainsOn, s):
		f.undecided(o, "how long what it has in hand takes: haltscope predict --verify tries it on a twin, which has nothing", verdict.Graceful, verdict.Forced)
	case h != nil && slices.Contains(h.survives, s):
		f.survive(o)
	case h != nil && slices.Contains(h.runtimeCatches, s) && p.NamespaceInit:
		f.undecided(o, "whether the program has a handler of its own: haltscope predict --verify tries it on a twin", verdict.Graceful, verdict.Forced)
	case h != nil && slices.Contains(h.runtimeCatches, s):
		f.undecided(o, "whether the program has a handler of its own: haltscope predict --verify tries it on a twin", verdict.Graceful, verdict.Terminated, verdict.Forced)
	case h.is("java"):
		f.undecided(o, decidedByHandler, verdict.Graceful, verdict.Forced)
		o.ExitCodes = codes(append(o.ExitCodes, 128+f.Signal))
	case h.is("dash") && inForeground(p):
		o.note(fmt.Sprintf("/proc/%d/syscall", p.PID), "the shell waits for a command (wait4), and its trap waits with it")
		f.undecided(o, "whether the command in the foreground ends within the grace: haltscope predict --verify tries it on a twin", verdict.Forced, verdict.Graceful)
	default:
		f.undecided(o, decidedByHandler, verdict.Graceful, verdict.Forced)
	}
}

// inForeground: a shell waits for a child that has its foreground. Its wait for one in the background is interrupted by
// a trap: busybox and dash do it in rt_sigsuspend. Bash uses wait4 for both.
func inForeground(p *Process) bool {
	t := p.Threads[0]
	return p.Program != "bash" && p.Children > 0 && t.WaitKnown && t.Call.Number == unix.SYS_WAIT4
}

// inGo is a Go program: its runtime catches nearly every signal, whether the program wants it or not.
func (f *Facts) caughtByGo(o *Outcome, p *Process) {
	o.note(fmt.Sprintf("/proc/%d/exe: build info", p.PID), "a Go program (%s): its runtime catches every signal, whether the program handles it or not", p.Go.Version)
	handles := GoAsksFor(p, f.Signal)
	ends := GoRuntimeEnds(f.Signal)
	switch {
	case handles == nil && ends:
		f.undecided(o, "whether the program asks for the signal (signal.Notify): its symbols are stripped, or its layout is not known; haltscope predict --verify tries it on a twin",
			verdict.Graceful, verdict.Terminated, verdict.Forced)
		o.ExitCodes = codes(append(o.ExitCodes, goCode(f.Signal, p)))
	case handles == nil:
		f.undecided(o, "whether the program asks for the signal (signal.Notify)", verdict.Forced, verdict.Graceful)
	case *handles:
		o.note(fmt.Sprintf("/proc/%d/mem: runtime.sig.wanted", p.PID), "the program has asked for %s (signal.Notify)", Name(f.Signal))
		f.undecided(o, decidedByHandler, verdict.Graceful, verdict.Forced)
	default:
		if p.Go.Wanted != nil {
			o.note(fmt.Sprintf("/proc/%d/mem: runtime.sig.wanted", p.PID), "the program has not asked for %s", Name(f.Signal))
		} else {
			o.note(fmt.Sprintf("/proc/%d/exe: .gopclntab", p.PID), "os/signal.Notify is not linked into it: it handles no signal")
		}
		if !ends {
			o.note("runtime/sigtab_linux_generic.go", "the runtime then does nothing with it")
			f.survive(o)
			return
		}
		at := time.Duration(0)
		o.Kind, o.After, o.ExitCodes = verdict.Terminated, &at, []int{goCode(f.Signal, p)}
		o.note("runtime/signal_unix.go, dieFromSignal", "the runtime then ends it at once, with exit code %d: nothing of the program runs", o.ExitCodes[0])
	}
}

// goCode is what the runtime ends with: it raises the signal again with its default action, which the kernel drops for
// the first of a PID namespace, and then calls exit(2). A throw is exit(2), too. Measured with Go 1.26.
func goCode(signal int, p *Process) int {
	if p.NamespaceInit || !slices.Contains(runtimeKills, unix.Signal(signal)) {
		return 2
	}
	return 128 + signal
}
