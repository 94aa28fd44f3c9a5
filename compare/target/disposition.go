package target

import (
	"cmp"
	"fmt"

	"golang.org/x/sys/unix"

	"haltscope/cgroupfs/proc"
	"haltscope/compare/rules/prediction"
	"haltscope/compare/rules/verdict"
	"haltscope/compare/value"
)

// Dispositions are what the signal target of a container does with each signal, at one moment.
type Dispositions prediction.SignalTarget

// ReadDispositions reads the dispositions of a container's signal target; nil if they are not known. first is the container's
// first process, and members are all of its processes.
func ReadDispositions(first int, members []int) *Dispositions {
	s := Dispositions(FindSignalTarget(first, members))
	// The kernel shows no masks of a process that has ended meanwhile.
	if stat, err := proc.ReadStat(first); s.Error != "" || err != nil || stat.Ended() {
		return nil
	}
	return &s
}

// For returns what the signal target does with one signal; nil where that is not known.
func (s *Dispositions) For(signal unix.Signal) *verdict.SignalTarget {
	if s == nil || signal == 0 {
		return nil
	}
	return dispositionTo((*prediction.SignalTarget)(s), signal)
}

// WithoutNames returns the same dispositions in words that name no program.
func (s *Dispositions) WithoutNames() *Dispositions {
	if s == nil {
		return nil
	}
	unnamed := *s
	unnamed.First.Alias = aProgram
	if s.Child != nil {
		child := *s.Child
		child.Alias = aProgram
		unnamed.Child = &child
	}
	return &unnamed
}

// What reports call a program and an init that they do not name.
const aProgram, anInit = "the program", "an init"

// dispositionTo returns what a verdict needs to know about the signal target and one signal; nil where that is not known.
func dispositionTo(r *prediction.SignalTarget, sent unix.Signal) *verdict.SignalTarget {
	p := r.ProcessFor(sent)
	if p == nil {
		return nil
	}
	signal := r.Delivered(sent)
	if signal == 0 {
		return &verdict.SignalTarget{PID: p.PID, Name: cmp.Or(p.Alias, p.Name), Init: initName(r), Delivered: -1}
	}
	t := &verdict.SignalTarget{PID: p.PID, Name: cmp.Or(p.Alias, p.Name), NamespaceInit: p.NamespaceInit, CatchesAll: CatchesAll(p.Caught)}
	if p != &r.First {
		t.Init = initName(r)
	}
	if signal != sent {
		t.Delivered = signal
	}
	if code, own := r.Returned(value.SignalExitCode(signal), sent), value.SignalExitCode(signal); code != own {
		t.EndCode = &code
	}
	switch disposition, evidence := p.Disposition(signal, -1); disposition {
	case prediction.Unknown:
		return nil
	case prediction.Accepted:
		t.Accepts, t.AcceptsSource = evidence.Value, evidence.Source
	case prediction.Caught:
		t.Caught = true
	case prediction.Ignored:
		t.Ignored = true
	case prediction.Blocked, prediction.BlockedNow:
		t.Blocked = true
	}
	switch {
	case p.Go != nil:
		// What the runtime does with a signal that the program has not asked for counts only if that ends the program.
		t.Runtime, t.AsksFor, t.AsksForSource = "Go", prediction.GoAsksFor(p, signal), goSource(p.PID, p.Go)
	case prediction.RuntimeCatches(p, signal):
		t.Runtime = "Node.js"
	}
	return t
}

func initName(r *prediction.SignalTarget) string {
	if r.First.Alias != "" {
		return anInit
	}
	return r.Init
}

// goSource names the source that says whether a Go program has asked for a signal.
func goSource(pid int, g *proc.GoProgram) string {
	if g.Wanted != nil {
		return fmt.Sprintf("/proc/%d/mem: runtime.sig.wanted", pid)
	}
	return fmt.Sprintf("/proc/%d/exe: .gopclntab", pid)
}
