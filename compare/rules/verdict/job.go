package verdict

import "fmt"

// byJob judges the end of a shell that ignores the signal while it waits for a command, where an init sends that command the signal as
// well: once the command has ended, the shell goes on with its script.
func (e *signalEnd) byJob() Kind {
	job := e.target.Job
	e.note(e.status+": SigIgn", "%s ignores signal %d, and waits for %s, which gets the signal as well", e.who, e.signal, job.Name)
	child := *e
	child.target, child.who, child.status = job, job.Name, fmt.Sprintf("/proc/%d/status", job.PID)
	switch {
	case job.Accepts != "":
		e.note(job.AcceptsSource, "%s", job.Accepts)
		return child.handled()
	case job.Caught && job.Runtime == "" && !job.CatchesAll:
		return child.caught()
	case job.Caught:
		return e.inconclusive("whether %s handles signal %d: its runtime catches it in any case, and the exit code is that of %s", job.Name,
			e.signal,
			e.who)
	case job.Ignored, job.Blocked:
		return e.byItself()
	}
	e.note("signal(7)", "%s does not catch signal %d, whose default action ends it", job.Name, e.signal)
	return Terminated
}
