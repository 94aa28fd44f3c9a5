package prediction

import (
	"fmt"
	"slices"
	"strings"
	"time"

	"haltscope/cgroupfs/proc"
	"haltscope/compare/value"
)

// Disposition is what a process does with a signal.
type Disposition int

// The dispositions.
const (
	Unknown       Disposition = iota // the facts do not decide
	DefaultAction                    // the signal's default action
	Caught                           // a handler runs
	Ignored                          // the signal is discarded
	Accepted                         // sigwait or signalfd takes it, in the program's own time
	Blocked                          // all threads block it, and none takes it or will within the grace
	BlockedNow                       // all threads block it, and none takes it at this moment
)

// Disposition returns what the process does with a signal, and the evidence. within is how long the answer has to hold; below 0
// for no end.
func (p *Process) Disposition(signal value.Signal, within time.Duration) (Disposition, Evidence) {
	switch {
	case len(p.Threads) == 0:
		return Unknown, Evidence{p.status(), "its threads could not be read"}
	case signal == value.SIGSTOP:
		return DefaultAction, Evidence{"signal(7)", "no program can catch, block or ignore SIGSTOP"}
	}
	if t := p.waitsFor(signal); t != nil {
		return Accepted, Evidence{fmt.Sprintf("/proc/%d/task/%d/syscall, mem", p.PID, t.TID),
			fmt.Sprintf("%s waits for %s in sigwait", p.label(), value.SignalName(signal))}
	}
	// The kernel discards an ignored signal as it is sent, unless the thread it is sent to, the first one, blocks it
	// (kernel/signal.c, sig_ignored).
	ignored := Evidence{p.status() + ": SigIgn", fmt.Sprintf("%s ignores %s", p.label(), value.SignalName(signal))}
	switch {
	case p.Ignored.Has(signal) && !p.Threads[0].Blocked.Has(signal):
		return Ignored, ignored
	case blockedByAll(p.livingThreads(), signal):
		return p.blocked(signal, within)
	case p.Ignored.Has(signal):
		return Ignored, ignored
	case p.Caught.Has(signal) && p.emulated():
		return Unknown, Evidence{p.status() + ": SigCgt",
			fmt.Sprintf("%s, which runs a program of another machine, catches %s itself: whether that program does cannot be seen", p.label(),
				value.SignalName(signal))}
	case p.Caught.Has(signal) && p.GoError != "":
		return Unknown, Evidence{fmt.Sprintf("/proc/%d/exe", p.PID),
			fmt.Sprintf("%s catches %s; whether it is a Go program, whose runtime catches every signal, could not be read: %s", p.label(),
				value.SignalName(signal), p.GoError)}
	case p.Caught.Has(signal):
		return Caught, Evidence{p.status() + ": SigCgt", fmt.Sprintf("%s catches %s", p.label(), value.SignalName(signal))}
	case p.livingThreads()[0].WaitUnread:
		// While a thread is in sigwait the kernel shows the signal as not blocked.
		return Unknown, Evidence{fmt.Sprintf("/proc/%d/syscall", p.PID),
			fmt.Sprintf("%s does not catch or ignore %s; whether it waits for the signal in sigwait could not be read", p.label(),
				value.SignalName(signal))}
	}
	return DefaultAction, Evidence{p.status() + ": SigCgt, SigIgn, SigBlk",
		fmt.Sprintf("%s does not catch, ignore or block %s", p.label(), value.SignalName(signal))}
}

// otherMachines are what QEMU's programs for single processes are named after: qemu-aarch64, qemu-arm-static. qemu-system-x86_64 and
// qemu-img are other programs.
var otherMachines = []string{"aarch64", "aarch64_be", "alpha", "arm", "armeb", "hexagon", "hppa", "i386", "loongarch64", "m68k",
	"mips", "mips64",
	"mips64el", "mipsel", "mipsn32", "mipsn32el", "ppc", "ppc64", "ppc64le", "riscv32", "riscv64", "s390x", "sh4", "sh4eb", "sparc",
	"sparc32plus", "sparc64", "x86_64", "xtensa", "xtensaeb"}

// emulated reports whether QEMU runs the program of the process. It catches nearly every signal, and then does what the program would
// have done. Source: qemu linux-user/signal.c, signal_init; tested: 7.2.
func (p *Process) emulated() bool {
	machine, is := strings.CutPrefix(strings.TrimSuffix(p.Program, "-static"), "qemu-")
	return is && slices.Contains(otherMachines, machine)
}

func (p *Process) status() string { return fmt.Sprintf("/proc/%d/status", p.PID) }

// waitsFor returns a thread that takes the signal by sigwait; nil if there is none. The first thread decides: unless it blocks
// the signal, or waits for it itself, the default action is taken as the signal is sent, or the signal is dropped for a
// namespace's init, whichever other thread waits for it (kernel/signal.c, prepare_signal and complete_signal).
func (p *Process) waitsFor(signal value.Signal) *proc.Thread {
	waits := func(t *proc.Thread) bool { return t.WaitsFor != nil && t.WaitsFor.Has(signal) }
	if first := &p.Threads[0]; !first.Ended() && !first.Blocked.Has(signal) && !waits(first) {
		return nil
	}
	for i := range p.Threads {
		if t := &p.Threads[i]; waits(t) {
			return t
		}
	}
	return nil
}

// blocked is the disposition to a signal that all threads block, and that none waits for in sigwait.
func (p *Process) blocked(signal value.Signal, within time.Duration) (Disposition, Evidence) {
	for _, mask := range p.SignalFDs {
		if mask.Has(signal) {
			return Accepted, Evidence{fmt.Sprintf("/proc/%d/status: SigBlk, fdinfo: sigmask", p.PID),
				fmt.Sprintf("%s blocks %s and has a signalfd that accepts it", p.label(), value.SignalName(signal))}
		}
	}
	source := p.status() + ": SigBlk; syscall, fdinfo"
	why := fmt.Sprintf("%s blocks %s and does not accept it with sigwait or signalfd", p.label(), value.SignalName(signal))
	if p.SignalFDError == "" && within >= 0 && sleepBeyond(p.livingThreads(), within) {
		return Blocked, Evidence{source, why + "; it waits for something else, for longer than the grace"}
	}
	return BlockedNow, Evidence{source, why + " at this moment"}
}

// blockedByAll reports whether all threads block the signal; otherwise one that does not acts on it.
func blockedByAll(threads []proc.Thread, signal value.Signal) bool {
	for _, t := range threads {
		if !t.Blocked.Has(signal) {
			return false
		}
	}
	return true
}

// sleepBeyond reports whether each thread is known to sleep for longer than a time, and nothing but a signal can end that.
func sleepBeyond(threads []proc.Thread, within time.Duration) bool {
	for _, t := range threads {
		if !t.WaitKnown || t.Wakes || !t.NoTimeout && (t.TimeLeft == nil || *t.TimeLeft <= within) {
			return false
		}
	}
	return true
}

// waitsForInput reports whether each thread waits, without a time limit, for something that may come at any time, or never.
func (p *Process) waitsForInput() bool {
	return !slices.ContainsFunc(p.Threads, func(t proc.Thread) bool { return !t.NoTimeout || !t.Wakes })
}
