package prediction

import (
	"fmt"

	"haltscope/compare/rules/verdict"
)

// noteStuck notes a thread in uninterruptible sleep, and what follows from that.
func (o *Outcome) noteStuck(s *Stuck, then string) {
	if s.Fuse {
		o.note(fmt.Sprintf("/proc/%d/task/%d/wchan", s.PID, s.TID), "a thread of %s waits for the answer of a FUSE server (%s), and %s", s.Name,
			s.Wchan, then)
		return
	}
	in := ""
	if s.Wchan != "" {
		in = ", in " + s.Wchan
	}
	o.note(fmt.Sprintf("/proc/%d/task/%d/stat", s.PID, s.TID), "a thread of %s is in uninterruptible sleep (D%s), and %s", s.Name, in, then)
}

// pauseStuck changes the outcome of a pause if a thread is in uninterruptible sleep.
func (f *Facts) pauseStuck(o *Outcome) {
	if len(f.Stuck) == 0 {
		return
	}
	o.Kind, o.After = Undecided, nil
	s := &f.Stuck[0]
	switch {
	case s.Fuse && f.CgroupVersion == 2:
		o.Candidates = []verdict.Kind{verdict.FreezeIncomplete, verdict.Paused}
		o.DecidedBy = "whether the FUSE server answers within 10 s"
		then := "the freeze cannot complete before the answer"
		if s.Server != 0 {
			then += fmt.Sprintf(", which does not come once the server, process %d of the same container, is frozen", s.Server)
		}
		o.noteStuck(s, then)
		return
	case s.Fuse:
		o.Candidates = []verdict.Kind{Refused, verdict.Paused}
		o.DecidedBy = "whether the FUSE server answers while the runtime tries"
		o.noteStuck(s, "if no answer comes, it cannot be frozen: the runtime gives up and thaws the others, and docker pause fails")
		return
	case f.CgroupVersion == 2:
		o.Candidates = []verdict.Kind{verdict.Paused, verdict.FreezeIncomplete, verdict.FrozenOutsideDocker}
		o.DecidedBy = "whether the thread leaves its uninterruptible sleep within 10 s"
		o.noteStuck(s, "the freeze cannot complete until it wakes up")
		return
	}
	o.Candidates = []verdict.Kind{verdict.Paused, Refused}
	o.DecidedBy = "whether the thread sleeps where it can be frozen (TASK_FREEZABLE), or wakes up while the runtime tries"
	o.noteStuck(&f.Stuck[0], "if it cannot be frozen there, the runtime gives up and thaws the others, and docker pause fails")
}

// endStuck changes the outcome of a stop or kill if a thread is in uninterruptible sleep: SIGKILL does not end it, and the end
// of a PID namespace waits for all its processes.
func (f *Facts) endStuck(o *Outcome) {
	for i := range f.Stuck {
		s := &f.Stuck[i]
		if s.PID != f.Target.First.PID && !f.Target.First.NamespaceInit {
			continue
		}
		o.Candidates = append(without(o.candidates(), verdict.Inconclusive), verdict.Inconclusive)
		o.Kind, o.After, o.Reason = Undecided, nil, IsStuck
		o.DecidedBy = "whether the thread leaves its uninterruptible sleep: until then docker reports that it did not receive an exit event"
		if s.Fuse {
			o.noteStuck(s, "SIGKILL ends it only if the server has not read its request yet; else not before the answer")
			return
		}
		o.noteStuck(s, "no signal reaches it until it wakes up, except SIGKILL if its wait is killable")
		return
	}
}
