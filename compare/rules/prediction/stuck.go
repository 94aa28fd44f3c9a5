package prediction

import (
	"fmt"

	"haltscope/compare/rules/verdict"
)

func (f *Facts) noteStuck(o *Outcome, s *Stuck, then string) {
	in := ""
	if s.Wchan != "" {
		in = ", in " + s.Wchan
	}
	o.note(fmt.Sprintf("/proc/%d/task/%d/stat", s.PID, s.TID), "a thread of %s is in uninterruptible sleep (D%s), and %s", s.Name, in, then)
}

// stuckEnd: SIGKILL ends no thread in uninterruptible sleep, and what ends a PID namespace waits for all that is in it.
func (f *Facts) endStuck(o *Outcome) {
	for i := range f.Stuck {
		s := &f.Stuck[i]
		if s.PID != f.Target.First.PID && !f.Target.First.NamespaceInit {
			continue
		}
		o.Candidates = append(without(o.candidates(), verdict.Inconclusive), verdict.Inconclusive)
		o.Kind, o.After = Undecided, nil
		o.DecidedBy = "whether the thread leaves its uninterruptible sleep: until then docker reports that it did not receive an exit event"
		f.noteStuck(o, s, "no signal but, where its wait is a killable one, SIGKILL reaches it before it leaves that")
		return
	}
}
