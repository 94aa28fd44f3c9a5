package prediction

import (
	"fmt"
	"time"

	"golang.org/x/sys/unix"

	"haltscope/cgroupfs/proc"
)

// Way is how a signal meets a process.
type Way int

const (
	// Unclear: the facts do not tell.
	Unclear Way = iota
	// Default: its action is the default one.
	Default
	// Handled: a handler runs.
	Handled
	// Ignored: it is thrown away.
	Ignored
	// Taken: sigwait or signalfd takes it, in the program's own time.
	Taken
	// Pending: all threads block it, and nobody takes it or will within the grace.
	Pending
	// PendingYet: all threads block it, and nobody takes it now.
	PendingYet
)

// Meets says how a signal meets a process, and by what that is known. within is how long it matters.
func (p *Process) Meets(signal int, within time.Duration) (Way, Because) {
	s := unix.Signal(signal)
	status := fmt.Sprintf("/proc/%d/status", p.PID)
	if len(p.Threads) == 0 {
		return Unclear, Because{status, "its threads could not be read"}
	}
	if s == unix.SIGSTOP {
		return Default, Because{"signal(7)", "no program can catch, block or ignore SIGSTOP"}
	}
	// The first thread decides: unless it blocks the signal, or waits for it itself, the default action is taken as it is sent,
	// or dropped for a namespace's init, whoever else waits for it (kernel/signal.c, prepare_signal and complete_signal).
	first := &p.Threads[0]
	left := first.Blocked.Has(s) || first.WaitsFor != nil && first.WaitsFor.Has(s)
	unseen := false
	for _, t := range p.Threads {
		unseen = unseen || !t.WaitKnown
		if left && t.WaitsFor != nil && t.WaitsFor.Has(s) {
			return Taken, Because{fmt.Sprintf("/proc/%d/task/%d/syscall, mem", p.PID, t.TID),
				fmt.Sprintf("%s waits for %s in sigwait", p.label(), Name(signal))}
		}
	}
	// The kernel throws an ignored signal away as it is sent, unless the thread it is sent to, the first one, blocks it
	// (kernel/signal.c, sig_ignored).
	if p.Ignored.Has(s) && !p.Threads[0].Blocked.Has(s) {
		return Ignored, Because{status + ": SigIgn", fmt.Sprintf("%s ignores %s", p.label(), Name(signal))}
	}
	if blocks(p.Threads, s) {
		for _, mask := range p.SignalFDs {
			if mask.Has(s) {
				return Taken, Because{fmt.Sprintf("/proc/%d/status: SigBlk, fdinfo: sigmask", p.PID),
					fmt.Sprintf("%s blocks %s and has a signalfd that takes it", p.label(), Name(signal))}
			}
		}
		why := fmt.Sprintf("%s blocks %s, and neither a sigwait nor a signalfd of its takes it", p.label(), Name(signal))
		if p.SignalFDError == "" && !unseen && within >= 0 && sleepOn(p.Threads, within) {
			return Pending, Because{status + ": SigBlk; syscall, fdinfo", why + "; it waits for something else, without an end within the grace"}
		}
		return PendingYet, Because{status + ": SigBlk; syscall, fdinfo", why + " at this moment"}
	}
	switch {
	case p.Ignored.Has(s):
		return Ignored, Because{status + ": SigIgn", fmt.Sprintf("%s ignores %s", p.label(), Name(signal))}
	case p.Caught.Has(s):
		return Handled, Because{status + ": SigCgt", fmt.Sprintf("%s catches %s", p.label(), Name(signal))}
	case first.WaitUnread:
		// While it is in sigwait the kernel shows the signal as not blocked.
		return Unclear, Because{fmt.Sprintf("/proc/%d/syscall", p.PID),
			fmt.Sprintf("%s neither catches nor ignores %s; whether it waits for it in sigwait could not be read", p.label(), Name(signal))}
	}
	return Default, Because{status + ": SigCgt, SigIgn, SigBlk", fmt.Sprintf("%s neither catches, ignores nor blocks %s", p.label(), Name(signal))}
}

// blocks reports whether all threads block the signal: else one that does not deals with it.
func blocks(threads []proc.Thread, s unix.Signal) bool {
	for _, t := range threads {
		if !t.Blocked.Has(s) {
			return false
		}
	}
	return true
}

// sleepOn reports whether each thread waits for longer than that.
func sleepOn(threads []proc.Thread, within time.Duration) bool {
	for _, t := range threads {
		if !t.NoTimeout && (t.TimeLeft == nil || *t.TimeLeft <= within) {
			return false
		}
	}
	return true
}

// Name is a signal's name, as signal(7) has it.
func Name(signal int) string {
	if name := unix.SignalName(unix.Signal(signal)); name != "" {
		return name
	}
	if signal >= 34 && signal <= 64 { // SIGRTMIN and SIGRTMAX of the C library
		if signal <= 49 {
			return fmt.Sprintf("SIGRTMIN+%d", signal-34)
		}
		return fmt.Sprintf("SIGRTMAX-%d", 64-signal)
	}
	return fmt.Sprintf("signal %d", signal)
}
