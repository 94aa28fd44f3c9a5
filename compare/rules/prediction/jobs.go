package prediction

import (
	"slices"
	"strings"
	"time"

	"haltscope/compare/rules/verdict"
)

// IdleTools pass time or text on: no container is there for one that another program has started.
var IdleTools = []string{"sleep", "tail", "cat", "tee", "logger"}

// idle reports whether the process runs one of [IdleTools].
func (p *Process) idle() bool {
	return slices.Contains(IdleTools, p.Name) || slices.Contains(IdleTools, strings.TrimPrefix(p.known(), "busybox "))
}

// waitsForJobs reports whether a process does nothing but wait for those that it has started, so that these are what the container is
// for.
func (p *Process) waitsForJobs() bool { return p.InWait && len(p.Threads) == 1 }

// programs returns what a process waits for, and that is not there to pass time: those that the forwarders signal as well, and the
// others. A process that has copies of itself is no wrapper: those are its workers.
func (r *SignalTarget) programs(p *Process) (signaled, others []*Process) {
	if p != r.Process() || !p.waitsForJobs() {
		return nil, nil
	}
	for i := range r.Jobs {
		switch job := &r.Jobs[i]; {
		case job.Forked:
			return nil, nil
		case job.idle():
		case r.signals(job):
			signaled = append(signaled, job)
		default:
			others = append(others, job)
		}
	}
	return signaled, others
}

// endsJobs changes the outcome of a process that ends, and that waits for programs: the container is there for those. What has not
// ended by then is killed with the container's first process.
func (f *Facts) endsJobs(o *Outcome, p *Process) {
	signaled, others := f.Target.programs(p)
	switch {
	case len(signaled)+len(others) == 0:
	case o.Kind == verdict.Terminated && len(others) > 0:
		o.Kind = verdict.Killed
		o.note("cgroup.procs, /proc/PID/stat", "%s, which %s waits for, gets no signal, and is killed with SIGKILL once that has ended",
			others[0].label(), p.label())
	case o.Kind == verdict.Terminated:
		f.raceOfJobs(o, p, signaled)
	case o.Kind == Undecided && slices.Contains(o.Candidates, verdict.Graceful):
		foreground := f.Target.foreground(p)
		// Before a shell runs its trap, the command in the foreground has ended.
		others = slices.DeleteFunc(others, func(job *Process) bool { return isShell(p) && job == foreground })
		if len(others) > 0 {
			f.handlerForJobs(o, p, others)
		}
	}
}

// raceOfJobs decides for a process that the signal ends at once, while the programs that it waits for get the signal too.
func (f *Facts) raceOfJobs(o *Outcome, p *Process, signaled []*Process) {
	for _, job := range signaled {
		sub := Outcome{}
		f.deliver(&sub, job)
		switch kind := sub.likeliest(); kind {
		case verdict.Terminated:
		case verdict.Graceful:
			codes, after := o.ExitCodes, time.Duration(0)
			f.undecided(o, "whether "+job.label()+" ends before "+p.label()+" has, which the signal ends at once", verdict.Killed, verdict.Graceful)
			o.ExitCodes, o.OwnExitCode, o.After = codes, false, &after
			return
		default:
			o.Kind = verdict.Killed
			o.note("/proc/PID/stat: pgrp", "%s gets the signal as well, and goes on: it is killed with SIGKILL once %s has ended", job.label(),
				p.label())
			return
		}
	}
}

// handlerForJobs adds to what the handler of a process may do for the programs that it waits for: it may forward the signal to them,
// or end without them.
func (f *Facts) handlerForJobs(o *Outcome, p *Process, others []*Process) {
	for _, job := range others {
		if disposition, _ := job.Disposition(f.Signal, f.Grace); disposition == DefaultAction {
			o.note(job.status(), "%s, which %s waits for, does not catch the signal, if the handler of %[2]s forwards it", job.label(), p.label())
			i := slices.Index(o.Candidates, verdict.Graceful)
			o.Candidates = slices.Insert(o.Candidates, i, verdict.Terminated)
			break
		}
	}
	o.Candidates = append(o.Candidates, verdict.Killed)
	o.note("cgroup.procs, /proc/PID/stat", "%s, which %s waits for, is killed with SIGKILL if it has not ended by then", others[0].label(),
		p.label())
}
