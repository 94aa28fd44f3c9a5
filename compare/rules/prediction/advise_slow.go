package prediction

import (
	"haltscope/compare/rules/verdict"
)

// slow advises on a handler that does not end the program within the grace.
func (a *adviser) slow(p *Process, why Reason) (all []Advice) {
	s := &a.Strain
	if s.CPUs != nil && (*s.CPUs < 1 || s.starved()) {
		advice := Advice{Change: MoreCPU, Signal: a.Signal, CPUs: *s.CPUs, Grace: a.Grace, Program: p.label()}
		if s.starved() {
			advice.Throttle, advice.Grace = *s.During.Throttled, s.During.Took
		}
		all = append(all, advice)
	}
	if a.OverHigh != nil {
		all = append(all, a.higher(p))
	}
	if a.Tasks.full() || s.forksFailed() {
		return append(all, a.noTasks(p)...)
	}
	if s.starved() {
		return all
	}
	if w := a.killer(); w != nil {
		return append(all, Advice{Change: NoWrapper, Signal: a.Signal, Program: p.label(), Wrapper: w.Name})
	}
	return append(all, a.grace(p, why))
}

// higher advises a higher memory.high.
func (a *adviser) higher(p *Process) Advice {
	return Advice{Change: MoreHigh, Signal: a.Signal, Program: p.label(), Paste: a.OverHigh.command()}
}

// hindered advises on what may hinder a handler that, as far as is known, may end the program.
func (f *Facts) hindered() (all []Advice) {
	p := f.Target.Process()
	if p == nil {
		return nil
	}
	if disposition, _ := p.Disposition(f.Signal, f.Grace); disposition != Caught && disposition != Accepted {
		return nil
	}
	a := adviser{*f, verdict.Forced}
	if f.OverHigh != nil {
		all = append(all, a.higher(p))
	}
	if f.Tasks.full() {
		all = append(all, a.noTasks(p)...)
	}
	return all
}

// noTasks advises on a handler that cannot fork.
func (a *adviser) noTasks(p *Process) []Advice {
	all := []Advice{{Change: MoreTasks, Signal: a.Signal, Program: p.label()}}
	if z := a.Tasks.most(); z != nil {
		reap := Advice{Change: Reap, Program: z.Parent, Count: z.Count}
		if a.Target.First.NamespaceInit && z.ParentPID == a.Target.First.PID {
			reap.Why = ForAdopted
		}
		all = append(all, reap)
	}
	return all
}

// grace advises a longer grace.
func (a *adviser) grace(p *Process, why Reason) Advice {
	return Advice{Change: MoreGrace, Why: why, Signal: a.Signal, Grace: a.Grace, Program: p.label()}
}
