package prediction

import (
	"fmt"

	"haltscope/compare/rules/verdict"
	"haltscope/compare/value"
)

// A container whose first process has lost its first thread, while others of its threads live on, is stopped for the runtime: it
// looks at the state in /proc/PID/stat, which is that of the first thread. So no signal and no freeze of Docker's reaches any of
// its processes. Once Docker has waited long enough, it makes up an exit code: 255 (20.10) or 0 (26.1). The program runs on.
// Tried with Docker 20.10 and 26.1. Source: runc, libcontainer/container_linux.go, currentStatus.

// unreachable reports whether the runtime takes the container for stopped although it runs.
func (f *Facts) unreachable() bool { return f.Target.Error == "" && f.Target.First.FirstThreadEnded }

// noteUnreachable notes why nothing of Docker's reaches the container.
func (f *Facts) noteUnreachable(o *Outcome) {
	p := &f.Target.First
	o.note(fmt.Sprintf("/proc/%d/stat: state; /proc/%[1]d/task", p.PID), "the first thread of %s has ended (state Z), and other threads of it "+
		"run on: the runtime takes the container for stopped", p.label())
}

// endUnreachable decides what stop and kill do to a container that the runtime takes for stopped.
func (f *Facts) endUnreachable(o *Outcome) {
	o.Kind = verdict.RunsOn
	f.noteUnreachable(o)
	o.note("moby daemon/kill.go", "no signal reaches it. After SIGKILL Docker waits 12 s, and then says that it has exited, with code 255 or, from "+
		"Docker 26 on, 0: the program runs on, and no docker command reaches it any more")
}

// signalUnreachable decides what docker kill does with a signal other than SIGKILL.
func (f *Facts) signalUnreachable(o *Outcome) {
	o.Kind = verdict.RunsOn
	f.noteUnreachable(o)
	o.note("docker kill --signal", "docker kill reports success, and the signal reaches nothing")
}

// unreachableAdvice says how to end a program that no signal of Docker's reaches.
func (f *Facts) unreachableAdvice() string {
	return fmt.Sprintf("on the host, as root: kill -%s %d # reaches the program, whose first thread has ended; Docker reaches nothing of it",
		withoutSIG(f.hostSignal()), f.Target.First.PID)
}

// hostSignal is the stop signal, if it can be sent, or else SIGTERM.
func (f *Facts) hostSignal() value.Signal {
	if f.InvalidSignal() {
		return value.SIGTERM
	}
	return f.Signal
}
