package prediction

import (
	"fmt"

	"haltscope/compare/rules/verdict"
	"haltscope/compare/value"
)

// If the first process of a container has lost its first thread, but not the others, the runtime takes the container for stopped: it
// looks at the state in /proc/PID/stat, which is that of the first thread. So it sends no signal to any of its processes, and freezes
// none. Ten seconds after SIGKILL, two things race in Docker: it kills the first process without the runtime, and it makes up an
// end, with exit code 255 (20.10) or 0 (26.1), after which it leaves the process alone. Of 15 tries with 20.10 the program lived on
// in 10. Source: runc, libcontainer/container_linux.go, currentStatus; moby daemon/kill.go.

// unreachable reports whether the runtime takes the container for stopped although it runs.
func (f *Facts) unreachable() bool { return f.Target.Error == "" && f.Target.First.FirstThreadEnded }

// noteUnreachable notes why no docker command reaches the container.
func (f *Facts) noteUnreachable(o *Outcome) {
	p := &f.Target.First
	o.note(fmt.Sprintf("/proc/%d/stat: state; /proc/%[1]d/task", p.PID), "the first thread of %s has ended (state Z), and other threads of "+
		"it run on: the runtime takes the container for stopped", p.label())
}

// endUnreachable decides what stop and kill do to a container that the runtime takes for stopped. end is the outcome if Docker's
// own SIGKILL comes first.
func (f *Facts) endUnreachable(o *Outcome, end verdict.Kind) {
	o.Kind, o.Candidates, o.ExitCodes, o.After = Undecided, []verdict.Kind{verdict.RunsOn, end}, []int{sigkillExitCode}, nil
	o.Reason = Unreachable
	o.DecidedBy = "which comes first in Docker, 10 s after SIGKILL: that it kills the first process without the runtime, or that it takes " +
		"it for ended"
	f.noteUnreachable(o)
	o.note("moby daemon/kill.go", "no signal reaches it through the runtime. Docker says in the end that it has exited, with code 137, 255 "+
		"or, from Docker 26 on, 0. The program may run on, and then no docker command reaches it any more")
}

// signalUnreachable decides what docker kill does with a signal other than SIGKILL.
func (f *Facts) signalUnreachable(o *Outcome) {
	o.Kind = verdict.RunsOn
	f.noteUnreachable(o)
	o.note("docker kill --signal", "docker kill reports success, and the signal reaches nothing")
}

// HostCommand returns the command that sends the stop signal to the first process from the host, where no docker command reaches
// it; "" where Docker reaches it.
func (f *Facts) HostCommand() string {
	if !f.unreachable() {
		return ""
	}
	return fmt.Sprintf("kill -%s %d", value.ShortSignalName(f.hostSignal()), f.Target.First.PID)
}

// unreachableAdvice says how to end a program that no signal of Docker's reaches.
func (f *Facts) unreachableAdvice() Advice {
	return Advice{Change: HostKill, Signal: f.hostSignal(), Program: f.Target.First.label(), Paste: f.HostCommand()}
}

// Unreached says how to reach the program where it does not act on a signal of Docker's because its first thread has ended, or
// because it is frozen and not by Docker; nil otherwise.
func Unreached(f Facts) []Advice {
	if f.unreachable() {
		return []Advice{f.unreachableAdvice()}
	}
	if thaw := f.freezerAdvice(); thaw.Paste != "" {
		return []Advice{thaw}
	}
	return nil
}

// hostSignal is the stop signal, if it can be sent, or else SIGTERM.
func (f *Facts) hostSignal() value.Signal {
	if f.InvalidSignal() {
		return value.SIGTERM
	}
	return f.Signal
}
