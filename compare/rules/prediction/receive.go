package prediction

import (
	"fmt"
	"slices"
	"strings"
	"time"

	"golang.org/x/sys/unix"

	"haltscope/compare/rules/verdict"
)

const decidedByHandler = "whether its handler ends it within the grace: haltscope predict --verify tries it on a twin"

// receive is what the stop signal comes to with the process that it is for.
func (f *Facts) deliverToTarget(o *Outcome) {
	r := &f.Target
	first := &r.First
	if r.Error != "" {
		o.note("/proc", "%s", r.Error)
		f.undecided(o, "the signal masks of the process that the signal is for", verdict.Graceful, verdict.Terminated, verdict.Forced)
		return
	}
	o.note(fmt.Sprintf("/proc/%d/status: NSpid", first.PID), "%s", describeNamespace(first, f.PIDMode))
	if r.Init != "" {
		init := Inits[r.Init]
		o.note(init.Source, "%s", init.Text)
		if init.Behavior == StopsServices {
			f.initStopsServices(o)
			return
		}
		if r.Child == nil {
			o.note("cgroup.procs", "nothing is behind %s to forward the signal to", r.Init)
			f.undecided(o, "what the init forwards the signal to", verdict.Graceful, verdict.Terminated, verdict.Forced)
			return
		}
		if r.ProcessFor(f.Signal) == first {
			o.note(init.Source, "but not %s, which is %s's own", Name(f.Signal), r.Init)
			f.deliver(o, first)
			return
		}
		if f.waitsForContinue(o, first) {
			return
		}
		o.note("cgroup.procs, /proc/PID/stat", "behind %s: %s, process %d", r.Init, r.Child.label(), r.Child.PID)
	}
	if comes := r.Delivered(f.Signal); comes != f.Signal {
		o.note("/proc/PID/cmdline", "the init before it was told to forward %s in place of %s", orNothing(comes), Name(f.Signal))
		if comes == 0 {
			f.survive(o)
			return
		}
		rewritten := *f
		rewritten.Signal = comes
		rewritten.deliver(o, r.Process())
		return
	}
	f.deliver(o, r.Process())
}

func orNothing(signal int) string {
	if signal == 0 {
		return "nothing"
	}
	return Name(signal)
}

func describeNamespace(p *Process, mode string) string {
	pids := strings.Trim(strings.Join(strings.Fields(fmt.Sprint(p.NSPID)), " → "), "[]")
	switch {
	case p.NamespaceInit:
		return fmt.Sprintf("%s, process %s, is first in its PID namespace: the kernel drops signals to it whose action is the default one", p.label(), pids)
	case mode != "":
		return fmt.Sprintf("%s, process %s, is not first in its PID namespace (--pid=%s): default actions hold", p.label(), pids, pidModeKind(mode))
	default:
		return fmt.Sprintf("%s, process %s, is not first in its PID namespace: default actions hold", p.label(), pids)
	}
}

// kindOf is a PID mode without the id in it.
func pidModeKind(mode string) string {
	kind, _, _ := strings.Cut(mode, ":")
	return kind
}

// service is an init that has its own way to end what it runs.
func (f *Facts) initStopsServices(o *Outcome) {
	if f.Target.Init == "systemd" && f.Signal == int(unix.SIGTERM) {
		f.survive(o)
		return
	}
	f.undecided(o, "how long its services take: haltscope predict --verify tries it on a twin", verdict.Graceful, verdict.Forced)
}

// halted: the kernel gives a process that is stopped no signal but SIGKILL and SIGCONT before it goes on, not even one
// that would end it. Source: kernel/signal.c, wants_signal.
func (f *Facts) waitsForContinue(o *Outcome, p *Process) bool {
	if s := unix.Signal(f.Signal); !p.stopped() || s == unix.SIGCONT || s == unix.SIGSTOP {
		return false
	}
	o.note(fmt.Sprintf("/proc/%d/stat", p.PID), "%s is stopped (SIGSTOP, or a tracer): %s waits until it goes on", p.label(), Name(f.Signal))
	f.survive(o)
	return true
}

// meet is what the signal comes to with a process.
func (f *Facts) deliver(o *Outcome, p *Process) {
	way, because := p.Disposition(f.Signal, f.Grace)
	// What is ignored, or has no action for the first of a PID namespace, is thrown away as it is sent.
	if way != Ignored && !(way == DefaultAction && p.NamespaceInit) && f.waitsForContinue(o, p) {
		return
	}
	if f.Paused && (way == Blocked || way == BlockedNow) {
		// A freeze takes a thread out of the sigwait that it was in.
		way = BlockedNow
		because.Value += "; but it is frozen, which hides a sigwait"
	}
	o.Because = append(o.Because, because)
	switch way {
	case Unknown:
		f.undecided(o, "the masks of its threads, or what they wait in", verdict.Graceful, verdict.Terminated, verdict.Forced)
	case Ignored, Blocked:
		f.survive(o)
	case BlockedNow:
		kinds := []verdict.Kind{verdict.Forced, verdict.Graceful}
		f.undecided(o, "whether it takes the signal within the grace: haltscope predict --verify tries it on a twin", kinds...)
	case Accepted:
		f.caught(o, p)
	case Caught:
		f.caught(o, p)
	case DefaultAction:
		f.defaultAction(o, p)
	}
}

// byDefault is the signal's default action.
func (f *Facts) defaultAction(o *Outcome, p *Process) {
	switch {
	case f.Signal == int(unix.SIGSTOP):
		o.note("signal(7)", "SIGSTOP stops it where it stands, until SIGCONT, and does not end it")
		f.survive(o)
	case f.Signal == int(unix.SIGCONT):
		o.note("signal(7)", "SIGCONT lets it go on where it was stopped, whatever else it does with it, and does not end it")
		f.survive(o)
	case p.NamespaceInit:
		o.note("signal(7); kernel/signal.c, sig_task_ignored", "default action, first in its PID namespace: the kernel drops %s", Name(f.Signal))
		f.survive(o)
	case slices.Contains(defaultKeeps, unix.Signal(f.Signal)):
		o.note("signal(7)", "the default action of %s does not end a process", Name(f.Signal))
		f.survive(o)
	default:
		at := time.Duration(0)
		o.Kind, o.ExitCodes, o.After = verdict.Terminated, []int{128 + f.Signal}, &at
		o.note("signal(7)", "its default action ends the process at once: nothing of the program runs")
		if verdict.IsCrash(f.Signal) {
			f.undecided(o, "the wait status of the process", verdict.Terminated, verdict.Crashed)
		}
	}
}
