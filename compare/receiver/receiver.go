// Package receiver says how the process of a container that has to deal with a signal stands to it, in the words that a
// verdict needs.
package receiver

import (
	"cmp"
	"fmt"

	"golang.org/x/sys/unix"

	"haltscope/cgroupfs"
	"haltscope/compare/foresee"
	"haltscope/compare/predict"
	"haltscope/compare/verdict"
)

// Stance is how the process that has to deal with signals stands to all of them, at one moment.
type Stance predict.Receiver

// Find takes the stance of a container's receiver by its first process. Nil if it cannot be told.
func Find(first int, members []int) *Stance {
	s := Stance(foresee.Receiver(first, members))
	// Of one that has ended meanwhile the kernel shows no masks.
	if stat, err := cgroupfs.ReadStat(first); s.Error != "" || err != nil || stat.State == 'Z' || stat.State == 'X' {
		return nil
	}
	return &s
}

// To is the stance to one signal; nil where it is not known.
func (s *Stance) To(signal int) *verdict.Receiver {
	if s == nil || signal == 0 {
		return nil
	}
	return Of((*predict.Receiver)(s), signal)
}

// Unnamed is the same stance in words that name no program.
func (s *Stance) Unnamed() *Stance {
	if s == nil {
		return nil
	}
	other := *s
	other.First.Alias = program
	if s.Behind != nil {
		behind := *s.Behind
		behind.Alias = program
		other.Behind = &behind
	}
	return &other
}

// What reports call a program, and an init, that they do not name.
const program, anInit = "the program", "an init"

// Of is what a verdict needs of what a prediction rests on.
func Of(found *predict.Receiver, signal int) *verdict.Receiver {
	p := found.For(signal)
	if p == nil {
		return nil
	}
	sent := signal
	if signal = found.Comes(signal); signal == 0 {
		return &verdict.Receiver{PID: p.PID, Name: cmp.Or(p.Alias, p.Name), Behind: initName(found), Comes: -1}
	}
	way, because := p.Meets(signal, -1)
	r := &verdict.Receiver{PID: p.PID, Name: cmp.Or(p.Alias, p.Name), NamespaceInit: p.NamespaceInit, CatchesAll: foresee.CatchesAll(p.Caught)}
	if p != &found.First {
		r.Behind = initName(found)
	}
	if signal != sent {
		r.Comes = signal
	}
	switch way {
	case predict.Unclear:
		return nil
	case predict.Taken:
		r.Takes, r.TakesSource = because.Value, because.Source
	case predict.Handled:
		r.Caught = true
	case predict.Ignored:
		r.Ignored = true
	case predict.Pending, predict.PendingYet:
		r.Blocked = true
	}
	switch {
	case p.Go != nil:
		// What the runtime does with a signal that the program has not asked for counts only where that ends it.
		r.Runtime, r.Handles = "Go", predict.HandlesInGo(p, signal)
		r.RuntimeSource = goSource(p.PID, p.Go)
	case predict.Catches(p, unix.Signal(signal)):
		r.Runtime = "Node.js"
	}
	return r
}

func initName(r *predict.Receiver) string {
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
