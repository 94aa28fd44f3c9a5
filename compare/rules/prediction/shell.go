package prediction

import (
	"fmt"
	"slices"
	"time"

	"haltscope/compare/rules/verdict"
	"haltscope/compare/value"
)

// foreground returns the command that a shell waits for in the foreground; nil where there is none. Its wait for one in the
// background is interrupted by a trap: busybox and dash wait for that in rt_sigsuspend. Bash uses wait4 for both; there a job that
// was started with & ignores INT and QUIT, as POSIX has it for a shell without job control.
func (r *SignalTarget) foreground(shell *Process) *Process {
	if !shell.InWait4 || shell.Children == 0 {
		return nil
	}
	for i := range slices.Backward(r.Jobs) { // the last one that it started
		job := &r.Jobs[i]
		background := shell.runs("bash") && job.Ignored.Has(value.SIGINT) && job.Ignored.Has(value.SIGQUIT)
		if job.Parent == shell.PID && !background {
			return job
		}
	}
	return nil
}

// signals reports whether a process is among those that the forwarders signal besides the target.
func (r *SignalTarget) signals(pid int) bool {
	return slices.ContainsFunc(r.Group, func(m Member) bool { return m.PID == pid })
}

// SignaledJob returns the command that a shell waits for in the foreground, if the forwarders signal it as well; nil if there is none.
func (r *SignalTarget) SignaledJob(shell *Process) *Process {
	if !isShell(shell) {
		return nil
	}
	if job := r.foreground(shell); job != nil && r.signals(job.PID) {
		return job
	}
	return nil
}

// sleepLeft returns how long a sleep(1) still lasts, by its arguments and its age; nil for another program, or where it is not known.
func (p *Process) sleepLeft() *time.Duration {
	if p.known() != "sleep" && p.known() != "busybox sleep" || p.Age == nil || len(p.Arguments) < 2 {
		return nil
	}
	left := -*p.Age
	for _, argument := range p.Arguments[1:] {
		d := seconds(argument)
		if d == 0 && argument != p.Applet { // busybox sleep 3
			return nil
		}
		left += d
	}
	left = max(left, 0)
	return &left
}

// overInTime reports whether a time is over before the grace has run out.
func (f *Facts) overInTime(left *time.Duration) bool {
	return left != nil && (f.Grace < 0 || *left < f.Grace)
}

// endsInItsSleep decides for a sleep(1) that the signal does not end, but that is over before the grace has run out.
func (f *Facts) endsInItsSleep(o *Outcome, p *Process, disposition Disposition) bool {
	left := p.sleepLeft()
	if !f.overInTime(left) || f.signalOnly || disposition != Ignored && !(disposition == DefaultAction && p.NamespaceInit) {
		return false
	}
	o.note(fmt.Sprintf("/proc/%d/cmdline, stat", p.PID), "it sleeps for %s more, and then ends by itself", left.Round(time.Millisecond))
	if o.Reason = Sleeps; f.Grace < 0 { // docker stop waits for it
		o.Kind, o.ExitCodes, o.After = verdict.Exited, []int{0}, left
		return true
	}
	f.undecided(o, "whether its sleep ends before the grace has run out", verdict.Exited, verdict.Forced)
	return true
}

// leadsToProgram reports whether a process is one of those that the container is there for, or a wrapper in front of one. The helper at
// the end of a pipeline is neither.
func (f *Facts) leadsToProgram(pid int) bool {
	return slices.ContainsFunc(f.Programs, func(p verdict.Program) bool {
		return p.PID == pid || slices.ContainsFunc(p.Under, func(w verdict.Process) bool { return w.PID == pid })
	})
}

// shellGoesOn decides for a shell that waits for a command in the foreground and that the signal itself does not end: once the
// command has ended, it runs its trap, or goes on with its script. It reports whether there is such a command.
func (f *Facts) shellGoesOn(o *Outcome, p *Process, disposition Disposition) bool {
	survives := disposition == Ignored || disposition == DefaultAction && p.NamespaceInit
	if !isShell(p) || disposition != Caught && !survives {
		return false
	}
	job := f.Target.foreground(p)
	if job == nil {
		return false
	}
	signaled := f.Target.signals(job.PID)
	// A signal that is all there is leaves the sleep, which ends by itself later.
	ends := !f.signalOnly && f.overInTime(job.sleepLeft())
	handled := verdict.Graceful
	if signaled {
		o.note("/proc/PID/stat: pgrp", "its foreground command, %s, gets the signal as well", job.label())
		sub := Outcome{}
		f.deliver(&sub, job)
		ends = ends || sub.likeliest() != verdict.Forced
		if sub.likeliest() == verdict.Terminated && f.leadsToProgram(job.PID) {
			handled = verdict.Terminated // what the container is there for has no handler
		}
	}
	switch {
	case disposition == Caught:
		o.note(habitOf(p).source, "%s", habitOf(p).text)
		o.note(fmt.Sprintf("/proc/%d/syscall", p.PID), "the shell is waiting for %s (wait4), and its trap cannot run until that ends",
			job.label())
	case !ends:
		return false
	case !signaled:
		handled = verdict.Exited
		o.note(fmt.Sprintf("/proc/%d/cmdline, stat", job.PID), "%s ends before the grace has run out, and the shell then goes on", job.label())
	}
	kinds := []verdict.Kind{verdict.Forced, handled}
	if ends && disposition == Caught || signaled && ends {
		slices.Reverse(kinds)
	}
	question := "whether the foreground command ends"
	if ends {
		question = "whether the shell ends once its foreground command has ended"
	}
	f.undecided(o, question+f.ofStop(withinGrace+onTwin), kinds...)
	o.Reason = WaitsForJob
	o.OwnExitCode = true // the shell's
	return true
}
