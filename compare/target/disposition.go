package target

import (
	"cmp"
	"fmt"

	"golang.org/x/sys/unix"

	"haltscope/cgroupfs/proc"
	"haltscope/compare/rules/prediction"
	"haltscope/compare/rules/verdict"
)

// Stance is how the process that has to deal with signals stands to all of them, at one moment.
type Dispositions prediction.SignalTarget

// Find takes the stance of a container's receiver by its first process. Nil if it cannot be told.
func ReadDispositions(first int, members []int) *Dispositions {
	s := Dispositions(FindSignalTarget(first, members))
	// Of one that has ended meanwhile the kernel shows no masks.
	if stat, err := proc.ReadStat(first); s.Error != "" || err != nil || stat.State == 'Z' || stat.State == 'X' {
		return nil
	}
	return &s
}

// To is the stance to one signal; nil where it is not known.
func (s *Dispositions) To(signal int) *verdict.SignalTarget {
	if s == nil || signal == 0 {
		return nil
	}
	return ForVerdict((*prediction.SignalTarget)(s), signal)
}

// Unnamed is the same stance in words that name no program.
func (s *Dispositions) Unnamed() *Dispositions {
	if s == nil {
		return nil
	}
	other := *s
	other.First.Alias = aProgram
	if s.Behind != nil {
		behind := *s.Behind
		behind.Alias = aProgram
		other.Behind = &behind
	}
	return &other
}

// What reports call a program, and an init, that they do not name.
const aProgram, anInit = "the program", "an init"

// Of is what a verdict needs of what a prediction rests on.
func ForVerdict(found *prediction.SignalTarget, signal int) *verdict.SignalTarget {
	p := found.For(signal)
	if p == nil {
		return nil
	}
	sent := signal
	if signal = found.Comes(signal); signal == 0 {
		return &verdict.SignalTarget{PID: p.PID, Name: cmp.Or(p.Alias, p.Name), Behind: initName(found), Comes: -1}
	}
	way, because := p.Meets(signal, -1)
	r := &verdict.SignalTarget{PID: p.PID, Name: cmp.Or(p.Alias, p.Name), NamespaceInit: p.NamespaceInit, CatchesAll: CatchesAll(p.Caught)}
	if p != &found.First {
		r.Behind = initName(found)
	}
	if signal != sent {
		r.Comes = signal
	}
	switch way {
	case prediction.Unclear:
		return nil
	case prediction.Taken:
		r.Takes, r.TakesSource = because.Value, because.Source
	case prediction.Handled:
		r.Caught = true
	case prediction.Ignored:
		r.Ignored = true
	case prediction.Pending, prediction.PendingYet:
		r.Blocked = true
	}
	switch {
	case p.Go != nil:
		// What the runtime does with a signal that the program has not asked for counts only where that ends it.
		r.Runtime, r.Handles = "Go", prediction.HandlesInGo(p, signal)
		r.RuntimeSource = goSource(p.PID, p.Go)
	case prediction.Catches(p, unix.Signal(signal)):
		r.Runtime = "Node.js"
	}
	return r
}

func initName(r *prediction.SignalTarget) string {
	if r.First.Alias != "" {
		return anInit
	}
	return r.Init
}

func goSource(pid int, g *proc.GoProgram) string {
	if g.Wanted != nil {
		return fmt.Sprintf("/proc/%d/mem: runtime.sig.wanted", pid)
	}
	return fmt.Sprintf("/proc/%d/exe: .gopclntab", pid)
}
