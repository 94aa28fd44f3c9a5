package verdict

import (
	"cmp"
	"fmt"
	"slices"
	"strings"
	"time"

	"haltscope/compare/value"
)

// severity is the order in which the ends of several programs count, the worst first.
var severity = []Kind{Killed, OOMKilled, Crashed, Terminated, FailedStopping, Inconclusive, Exited, Graceful}

// programs judges an end within the grace, after a signal of Docker's, by the ends of the programs that the signal's target is there
// for: itself, or those that it waits for if it is a wrapper. ok is false where the target is the container's first process and no
// wrapper, or an init's child of which the kernel did not say how it ended: then what the first process returned counts.
func (j *judge) programs() (kind Kind, ok bool) {
	if j.Target == nil || j.Ends == nil {
		return "", false
	}
	all := slices.DeleteFunc(j.Ends.Programs(j.Target.PID), j.endedBefore)
	switch {
	case len(all) == 0, len(all) == 1 && len(all[0].Under) == 0 && (j.Target.Init == "" || all[0].Wait == nil):
		return "", false
	}
	worst := &judge{}
	for i := range all {
		one := j.program(&all[i])
		if kind == "" || slices.Index(severity, one.verdict) < slices.Index(severity, kind) {
			kind, worst = one.verdict, one
		}
	}
	j.because, j.missing, j.how, j.killedPID = append(j.because, worst.because...), worst.missing, worst.how, worst.killedPID
	j.of, j.under, j.otherSignal = worst.of, worst.under, worst.otherSignal
	if kind == Graceful {
		return j.wrapper(worst.State.ExitCode), true
	}
	return kind, true
}

// endedBefore reports whether a program under a wrapper had returned 0 by the time of Docker's event of its signal, without a handler of
// that or of SIGTERM, which a wrapper may send in its place: as what an init starts again each second does. Docker sends the event after
// the signal, so a wrapper may have ended the program in another way, such as by its input. What counts then is the wrapper's end as well.
func (j *judge) endedBefore(p Program) bool {
	stop, _ := j.sentAt()
	if stop == nil || len(p.Under) == 0 || p.EndedAt == nil || *p.EndedAt >= *stop || p.Wait == nil || *p.Wait != 0 {
		return false
	}
	accepts := p.Target != nil && (p.Target.Accepts != "" || p.Target.Blocked)
	return !accepts && !slices.Contains(p.Caught, j.delivered()) && !slices.Contains(p.Caught, value.SIGTERM)
}

// wrapper judges the end of a wrapper whose programs have all ended gracefully, by its exit code: the container's. It may
// return that of the program.
func (j *judge) wrapper(program int) Kind {
	if code := j.first.state.ExitCode; j.fine(code) || code == program || j.rebootSeen {
		return Graceful
	}
	j.of, j.under = j.Target.Name, nil
	if j.Target.Init != "" {
		j.of = j.Target.Init
	}
	j.note(j.first.state.source(), "exit code %d is a failure; %s would not be", j.first.state.ExitCode, j.fineText())
	return FailedStopping
}

// program judges the end of one program.
func (j *judge) program(p *Program) *judge {
	var names []string
	if j.Target.Init != "" {
		names = append(names, j.Target.Init)
	}
	for i := range p.Under {
		names = append(names, p.Under[i].Name)
	}
	one := &judge{Facts: j.Facts, oomSeen: j.oomSeen, of: p.Name, under: names}
	for i := range p.Under {
		one.note(fmt.Sprintf("/proc/%d", p.Under[i].PID), "%s %s", p.Under[i].Name, p.Under[i].Waits)
	}
	if len(p.Under) > 0 {
		one.Target = nil
	}
	if p.Target != nil && len(p.Under) > 0 {
		t := *p.Target
		t.Init, t.Delivered = one.wrappers(), cmp.Or(j.Target.Tells, j.Target.Delivered)
		t.Killer, t.KillAfter = j.Target.Killer, j.Target.KillAfter
		if j.mayGetTERM(p, &t) {
			one.note(fmt.Sprintf("/proc/%d/status: SigCgt", p.PID), "%s does not catch signal %d, but SIGTERM, which %s may send in its place",
				p.Name, j.delivered(), p.Under[len(p.Under)-1].Name)
			t.Caught, t.Ignored, t.Blocked, t.Delivered = true, false, false, value.SIGTERM
		}
		one.Target = &t
	}
	one.verdict = one.programEnd(p)
	return one
}

// wrappers names the inits and wrappers in front of the program in a sentence; "" for none.
func (j *judge) wrappers() string { return strings.Join(j.under, ", ") }

// mayGetTERM reports whether a program that has returned got SIGTERM in place of a signal that it does not catch: the handler of a
// wrapper, such as the trap of a shell, may send it.
func (j *judge) mayGetTERM(p *Program, t *SignalTarget) bool {
	return j.Target.Caught && len(p.Under) > 0 && p.Wait != nil && !p.Wait.Signaled() && !t.Caught && t.Accepts == "" &&
		j.delivered() != value.SIGTERM && slices.Contains(p.Caught, value.SIGTERM)
}

// programEnd judges the end of a program by how the kernel says that it ended.
func (j *judge) programEnd(p *Program) Kind {
	switch {
	case p.EndedAt == nil:
		return j.inconclusive("how %s ends: it had not ended when %s had", p.Name, j.wrappers())
	case p.Wait == nil:
		return j.inconclusive("how %s, under %s, ended: %s", p.Name, j.wrappers(), NotReported)
	}
	source := fmt.Sprintf("wait status of process %d", p.PID)
	j.Wait = p.Wait
	state := *j.State
	state.ExitCode, state.Source = value.WaitExitCode(*p.Wait), source
	j.State = &state
	if len(p.Under) > 0 { // else it was noted as the end of an init's child
		j.noteWait(source, p.Name, *p.Wait)
	}
	if !p.Wait.Signaled() {
		return j.bySignal()
	}
	signal := p.Wait.Signal()
	switch {
	case signal == value.SIGKILL:
		return j.programKilled(p)
	case IsCrash(signal) && signal != j.delivered():
		return Crashed
	case signal == j.delivered():
		return j.bySignal()
	case slices.Contains(p.Caught, signal):
		j.note(fmt.Sprintf("/proc/%d/status: SigCgt", p.PID), "%s catches signal %d, and raised it again", p.Name, signal)
		return Graceful
	}
	j.note(fmt.Sprintf("/proc/%d/status: SigCgt", p.PID), "%s does not catch signal %d, whose default action ended it; Docker sent signal %d",
		p.Name, signal, j.Signal)
	if slices.Contains(p.Caught, j.delivered()) { // its handler may have begun
		j.otherSignal = signal
	}
	return Terminated
}

// noteWait notes how a process ended.
func (j *judge) noteWait(source, who string, wait value.WaitStatus) {
	if wait.Signaled() {
		j.note(source, "%s was ended by signal %d", who, wait.Signal())
	} else {
		j.note(source, "%s returned %d", who, wait.ExitStatus())
	}
}

// NotReported is why it is not known how a process ended.
const NotReported = "the kernel did not report it, neither by its process connector nor, as since Linux 6.15, afterwards"

// programKilled judges a program that SIGKILL ended, not Docker's.
func (j *judge) programKilled(p *Program) Kind {
	if j.oomSeen {
		return OOMKilled
	}
	killer := j.killer(*p.EndedAt)
	j.noteHow("docker events; wait status", "%s", p.KilledText(SIGKILL{Under: j.wrappers(), After: j.sinceSignal(*p.EndedAt),
		Killer: killer, SharedNamespace: !j.NamespaceInit}))
	if killer != "" || p.BeforeFirst {
		j.killedPID = p.PID
	}
	return Killed
}

// killer says which init or wrapper sends SIGKILL at that moment, by its arguments or by what is known about it; "" for none.
func (j *judge) killer(at time.Duration) string {
	stop, _ := j.sentAt()
	if stop == nil || j.Target == nil || j.Target.KillAfter == 0 {
		return ""
	}
	if waited := at - *stop; waited < j.Target.KillAfter-early || waited > j.Target.KillAfter+late {
		return ""
	}
	return fmt.Sprintf("%s sends it %s after the signal", j.Target.Killer, j.Target.KillAfter)
}

// sinceSignal returns the time from Docker's signal to a moment, as a clause; "" if it is not known.
func (j *judge) sinceSignal(at time.Duration) string {
	stop, _ := j.sentAt()
	if stop == nil || j.Signal == 0 {
		return ""
	}
	return fmt.Sprintf(" %s after %s", seconds(max(at-*stop, 0)), value.SignalName(j.Signal))
}

// noteDoubt notes what makes it doubtful that a graceful end is the program's: the target may be more than a wrapper, and what it had
// started took no part in its shutdown.
func (j *judge) noteDoubt() {
	unseen := j.Ends == nil || len(j.Ends.All) == 0 && j.Ends.Missed != ""
	switch {
	case j.Target == nil || j.of != "":
		return
	case unseen && j.Target.Wraps != "":
		j.doubt = fmt.Sprintf("how %s ended: %s does nothing but wait for it", j.Target.Wraps, j.Target.Name)
		j.note("/proc", "this is the end of %s, which does nothing but wait for %s; how that ended was not observed", j.Target.Name,
			j.Target.Wraps)
		return
	case j.Ends == nil:
		return
	case unseen:
		j.doubt = fmt.Sprintf("whether %s is the program, or a wrapper: how the container's processes ended was not observed: %s",
			j.Target.Name, j.Ends.Missed)
		j.note("/proc", "how the container's processes ended was not observed: %s", j.Ends.Missed)
		return
	}
	if failed := j.failedChild(); failed != nil {
		j.note(fmt.Sprintf("wait status of process %d", failed.PID), "%s, which %s had started and which catches signal %d, returned %d",
			failed.Name, j.Target.Name, j.delivered(), failed.Wait.ExitStatus())
		j.doubt = fmt.Sprintf("whether %s is the program, or a wrapper of %s (process %d), which handled the signal and returned %d",
			j.Target.Name, failed.Name, failed.PID, failed.Wait.ExitStatus())
		return
	}
	j.doubtChildren()
}

// doubtChildren notes the first program started by the target that a signal ended or, without such a one, the first of which nobody
// said how it ended: if the target is a wrapper, that is the program's end.
func (j *judge) doubtChildren() {
	var unknown *Process
	for _, p := range j.Ends.children(j.Target.PID, len(j.Ends.All)) {
		switch {
		case p.EndedAt == nil || p.Wait == nil:
			if unknown == nil {
				unknown = &p
			}
		case p.Wait.Signaled() && !slices.Contains(p.Caught, p.Wait.Signal()):
			j.note(fmt.Sprintf("wait status of process %d", p.PID), "%s, which %s had started, was ended by signal %d", p.Name, j.Target.Name,
				p.Wait.Signal())
			j.doubt = fmt.Sprintf("whether %s is the program, or a wrapper of %s (process %d), which signal %d ended", j.Target.Name, p.Name,
				p.PID, p.Wait.Signal())
			return
		}
	}
	if unknown == nil {
		return
	}
	why := NotReported
	if unknown.EndedAt == nil {
		why = "it had not ended when " + j.Target.Name + " had"
	}
	j.note(fmt.Sprintf("wait status of process %d", unknown.PID), "how %s, which %s had started, ended is not known: %s", unknown.Name,
		j.Target.Name, why)
	j.doubt = fmt.Sprintf("whether %s is the program, or a wrapper of %s (process %d): how that ended is not known", j.Target.Name,
		unknown.Name, unknown.PID)
}

// failedChild returns a program that the target had started, and that handled the signal and then failed; nil if there is none. A copy
// of the target is no other program: what its own workers return is its business.
func (j *judge) failedChild() *Process {
	for _, p := range j.Ends.Own() {
		if p.Parent == j.Target.PID && !p.Born && !p.Idle && !p.Forked && slices.Contains(p.Caught, j.delivered()) &&
			p.Wait != nil && p.Wait.Exited() && !j.fine(p.Wait.ExitStatus()) {
			return &p
		}
	}
	return nil
}

// SIGKILL is what is known about the SIGKILL that ended a process.
type SIGKILL struct {
	Under  string // the wrapper in front of the process; "" for none
	After  string // the time that had passed, as a clause
	Killer string // who sends SIGKILL at that time; "" where it is unknown
	// SharedNamespace means that the container has no PID namespace of its own.
	SharedNamespace bool
}

// KilledText says, in a clause, that SIGKILL ended the process, and who sent it as far as that is known: Docker did not. A process that
// signals its process group signals itself.
func (p *Process) KilledText(k SIGKILL) string {
	who, sender := fmt.Sprintf("%s (process %d", p.Name, p.PID), p.Name+" itself or another process"
	if k.Under != "" {
		who, sender = who+", under "+k.Under, k.Under+", "+sender
	}
	text := fmt.Sprintf("SIGKILL ended %s)%s", who, k.After)
	switch {
	case k.Killer != "":
		return text + ": " + k.Killer
	case p.BeforeFirst:
		return text + ", while the first process was still running: " + sender + " sent it, not Docker"
	}
	last := "the kernel"
	if k.SharedNamespace {
		last = "containerd's shim"
	}
	return fmt.Sprintf("%s, as the first process was ending: %s sent it, or %s, which then kills all that is left", text, sender, last)
}
