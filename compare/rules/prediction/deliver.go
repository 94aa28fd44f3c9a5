package prediction

import (
	"fmt"
	"slices"
	"strings"
	"time"

	"haltscope/compare/rules/verdict"
	"haltscope/compare/value"
)

// deliverToTarget decides what the stop signal does to the container's signal target.
func (f *Facts) deliverToTarget(o *Outcome) {
	r := &f.Target
	if r.Error != "" {
		o.note("/proc", "%s", r.Error)
		f.undecided(o, "the signal masks of the process that gets the signal", verdict.Graceful, verdict.Terminated, verdict.Forced)
		o.Reason = NotRead
		return
	}
	o.note(r.First.status()+": NSpid", "%s", describeNamespace(&r.First, f.PIDMode))
	if len(r.Forwarders) == 0 {
		f.deliver(o, r.Process())
		f.underWrapper(o)
		f.endedUnderWrapper(o)
		return
	}
	if r.Child == nil {
		last := &r.Forwarders[len(r.Forwarders)-1]
		o.note(Inits[last.Name].Source, "%s", Inits[last.Name].Text)
		o.note("cgroup.procs", "%s has no child to forward the signal to", last.Name)
		f.undecided(o, "which process the init forwards the signal to", verdict.Graceful, verdict.Terminated, verdict.Forced)
		o.Reason = NotRead
		return
	}
	forwarded := *f
	if forwarded.throughForwarders(o) {
		o.note("cgroup.procs, /proc/PID/stat", "under %s: %s, process %d", r.Init, r.Child.label(), r.Child.PID)
		forwarded.deliver(o, r.Process())
		forwarded.underWrapper(o)
		forwarded.endedUnderWrapper(o)
		f.killedByForwarder(o)
	}
	f.returned(o)
}

// describeNamespace says what the PID namespace of a process means for the default actions of signals.
func describeNamespace(p *Process, pidMode string) string {
	pids := strings.Trim(strings.Join(strings.Fields(fmt.Sprint(p.NSPID)), " → "), "[]")
	kind, _, _ := strings.Cut(pidMode, ":") // without the id in it
	switch {
	case p.NamespaceInit:
		return fmt.Sprintf("%s, process %s, is PID 1 of its PID namespace: the kernel drops signals to it whose action is the default",
			p.label(), pids)
	case kind != "":
		return fmt.Sprintf("%s, process %s, is not PID 1 of its PID namespace (--pid=%s): default actions apply", p.label(), pids, kind)
	default:
		return fmt.Sprintf("%s, process %s, is not PID 1 of its PID namespace: default actions apply", p.label(), pids)
	}
}

// waitsForContinue decides what the signal does to a stopped process: until it goes on, the kernel delivers no signal but
// SIGKILL and SIGCONT to it, not even one that would end it. It reports whether the process is stopped. Source:
// kernel/signal.c, wants_signal.
func (f *Facts) waitsForContinue(o *Outcome, p *Process) bool {
	if !p.stopped() || f.Signal == value.SIGCONT || f.Signal == value.SIGSTOP {
		return false
	}
	o.note(fmt.Sprintf("/proc/%d/stat", p.PID), "%s is stopped (SIGSTOP, or a tracer): %s stays pending until it continues", p.label(),
		value.SignalName(f.Signal))
	f.survive(o, Suspended)
	return true
}

// deliver decides what the signal does to a process.
func (f *Facts) deliver(o *Outcome, p *Process) {
	if f.notStarted(o, p) {
		return
	}
	disposition, evidence := p.Disposition(f.Signal, f.Grace)
	// What is ignored, or has no action for the first of a PID namespace, is discarded as it is sent.
	discarded := disposition == Ignored || disposition == DefaultAction && p.NamespaceInit
	if !discarded && (f.waitsForContinue(o, p) || f.targetFrozenBelow(o, p)) {
		return
	}
	if f.Paused && (disposition == Blocked || disposition == BlockedNow) {
		// A freeze takes a thread out of the sigwait that it was in.
		disposition = BlockedNow
		evidence.Value += "; it is frozen, which hides any sigwait"
	}
	o.Because = append(o.Because, evidence)
	if f.endsInItsSleep(o, p, disposition) || f.shellGoesOn(o, p, disposition) {
		return
	}
	switch disposition {
	case Unknown:
		f.undecided(o, "the signal masks of its threads, or the system calls that they wait in", verdict.Graceful, verdict.Terminated,
			verdict.Forced)
		o.Reason = NotRead
	case Ignored:
		f.survive(o, IgnoresIt)
	case Blocked:
		f.survive(o, Blocks)
	case BlockedNow:
		f.blockedNow(o, p)
	case Accepted, Caught:
		f.noteFullTasks(o)
		f.noteOverHigh(o)
		f.taken(o, p)
	case DefaultAction:
		if !canBeHandled(f.Signal) || !f.noHandlerYet(o, p) {
			f.defaultAction(o, p)
		}
	}
}

// canBeHandled reports whether a program can have a handler for the signal. On SIGCONT it continues with or without one.
func canBeHandled(signal value.Signal) bool {
	return signal != value.SIGSTOP && signal != value.SIGKILL && signal != value.SIGCONT
}

// taken decides what a signal does that the process takes: it catches it, or accepts it by sigwait or signalfd.
func (f *Facts) taken(o *Outcome, p *Process) {
	switch {
	case f.Target.Supervisor != "" && p == f.Target.Process():
		f.supervisorAnswers(o, p)
	case p.runs("uwsgi*"):
		f.caughtByUWSGI(o, p)
	default:
		f.caught(o, p)
	}
}

// blockedNow decides what a signal does that all threads of the process block at this moment.
func (f *Facts) blockedNow(o *Outcome, p *Process) {
	switch {
	case f.Target.Supervisor != "" && Inits[f.Target.Supervisor].Waits && p == f.Target.Process():
		f.supervisorAnswers(o, p) // it takes its signals again and again
	case p.Caught.Has(f.Signal) && !p.waitsForInput():
		// It blocks the signal while it waits, and handles it between two waits.
		o.note(p.status()+": SigCgt", "%s has a handler for %s, which runs once it unblocks the signal", p.label(), value.SignalName(f.Signal))
		f.caught(o, p)
	default:
		f.undecided(o, "whether it accepts the signal"+f.ofStop(withinGrace+onTwin), verdict.Forced, verdict.Graceful)
		o.Reason = Blocks
	}
}

// harmlessByDefault are the signals whose default action does not end a process. Source: signal(7).
var harmlessByDefault = []value.Signal{value.SIGCHLD, value.SIGCONT, value.SIGURG, value.SIGWINCH, value.SIGSTOP, value.SIGTSTP,
	value.SIGTTIN, value.SIGTTOU}

// defaultAction decides what the signal's default action does to a process.
func (f *Facts) defaultAction(o *Outcome, p *Process) {
	switch {
	case f.Signal == value.SIGSTOP:
		o.note("signal(7)", "SIGSTOP suspends it until SIGCONT, and does not end it")
		f.survive(o, Unstoppable)
	case f.Signal == value.SIGCONT:
		o.note("signal(7)", "SIGCONT resumes it if it was stopped, whether or not it handles the signal, and does not end it")
		f.survive(o, EndsNothing)
	case p.NamespaceInit:
		o.note("signal(7); kernel/signal.c, sig_task_ignored", "%s is PID 1 and has no %s handler, so the kernel drops %[2]s", p.label(),
			value.SignalName(f.Signal))
		f.survive(o, NoHandler)
	case slices.Contains(harmlessByDefault, f.Signal):
		o.note("signal(7)", "the default action of %s does not end a process", value.SignalName(f.Signal))
		f.survive(o, EndsNothing)
	default:
		at := time.Duration(0)
		o.Kind, o.ExitCodes, o.After, o.Reason = verdict.Terminated, []int{f.defaultExitCode()}, &at, DefaultEnds
		o.note("signal(7)", "its default action ends the process at once: none of the program's code runs")
		if verdict.IsCrash(f.Signal) {
			f.undecided(o, "the wait status of the process", verdict.Terminated, verdict.Crashed)
		}
	}
}

// defaultExitCode is the exit code of a process that the signal's default action ends.
func (f *Facts) defaultExitCode() int { return value.SignalExitCode(f.Signal) }
