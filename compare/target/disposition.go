package target

import (
	"cmp"
	"fmt"

	"golang.org/x/sys/unix"

	"haltscope/cgroupfs"
	"haltscope/compare/rules/prediction"
	"haltscope/compare/rules/verdict"
)

// Stance is how the process that has to deal with signals stands to all of them, at one moment.
type Dispositions prediction.SignalTarget

// Find takes the stance of a container's receiver by its first process. Nil if it cannot be told.
func ReadDispositions(first int, members []int) *Dispositions {
	s := Dispositions(FindSignalTarget(first, members))
	// Of one that has ended meanwhile the kernel shows no masks.
	if stat, err := cgroupfs.ReadStat(first); s.Error != "" || err != nil || stat.State == 'Z' || stat.State == 'X' {
		return nil
	}
	return &s
}

// To is the stance to one signal; nil where it is not known.
func (s *Dispositions) For(signal int) *verdict.SignalTarget {
	if s == nil || signal == 0 {
		return nil
	}
	return dispositionTo((*prediction.SignalTarget)(s), signal)
}

// Unnamed is the same stance in words that name no program.
func (s *Dispositions) WithoutNames() *Dispositions {
	if s == nil {
		return nil
	}
	other := *s
	other.First.Alias = aProgram
	if s.Child != nil {
		behind := *s.Child
		behind.Alias = aProgram
		other.Child = &behind
	}
	return &other
}

// What reports call a program, and an init, that they do not name.
const aProgram, anInit = "the program", "an init"

// Of is what a verdict needs of what a prediction rests on.
func dispositionTo(found *prediction.SignalTarget, signal int) *verdict.SignalTarget {
	p := found.ProcessFor(signal)
	if p == nil {
		return nil
	}
	sent := signal
	if signal = found.Delivered(signal); signal == 0 {
		return &verdict.SignalTarget{PID: p.PID, Name: cmp.Or(p.Alias, p.Name), Init: initName(found), Delivered: -1}
	}
	way, because := p.Disposition(signal, -1)
	r := &verdict.SignalTarget{PID: p.PID, Name: cmp.Or(p.Alias, p.Name), NamespaceInit: p.NamespaceInit, CatchesAll: CatchesAll(p.Caught)}
	if p != &found.First {
		r.Init = initName(found)
	}
	if signal != sent {
		r.Delivered = signal
	}
	switch way {
	case prediction.Unknown:
		return nil
	case prediction.Accepted:
		r.Accepts, r.AcceptsSource = because.Value, because.Source
	case prediction.Caught:
		r.Caught = true
	case prediction.Ignored:
		r.Ignored = true
	case prediction.Blocked, prediction.BlockedNow:
		r.Blocked = true
	}
	switch {
	case p.Go != nil:
		// What the runtime does with a signal that the program has not asked for counts only where that ends it.
		r.Runtime, r.AsksFor = "Go", prediction.GoAsksFor(p, signal)
		r.AsksForSource = goSource(p.PID, p.Go)
	case prediction.RuntimeCatches(p, unix.Signal(signal)):
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

func goSource(pid int, g *cgroupfs.GoProgram) string {
	if g.Wanted != nil {
		return fmt.Sprintf("/proc/%d/mem: runtime.sig.wanted", pid)
	}
	return fmt.Sprintf("/proc/%d/exe: .gopclntab", pid)
}
