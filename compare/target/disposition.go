package target

import (
	"cmp"
	"fmt"
	"slices"

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
	unnamed.Jobs = slices.Clone(s.Jobs)
	for i := range unnamed.Jobs {
		unnamed.Jobs[i].Alias = aCommand
	}
	unnamed.Forwarders = slices.Clone(s.Forwarders)
	for i := range unnamed.Forwarders {
		unnamed.Forwarders[i].Process.Alias = anInit
	}
	return &unnamed
}

// What reports call a program, a command of a shell and an init that they do not name.
const aProgram, aCommand, anInit = "the program", "a command", "an init"

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
	if p != &r.First || r.ToAll(sent) != nil {
		if t.Killer, t.KillAfter = r.Killer(sent); t.Killer != "" && r.First.Alias != "" {
			t.Killer = anInit
		}
	}
	if told := r.Told(sent); told != signal {
		t.Tells = told
	}
	if signal != sent {
		t.Delivered = signal
	}
	if code, own := r.Returned(value.SignalExitCode(signal), sent), value.SignalExitCode(signal); code != own {
		t.EndCode = &code
	}
	t.Wraps = wraps(r, p)
	if !readDisposition(t, p, signal) {
		return nil
	}
	if job := r.SignaledJob(p); job != nil {
		t.Job = &verdict.SignalTarget{PID: job.PID, Name: cmp.Or(job.Alias, job.Name), CatchesAll: CatchesAll(job.Caught)}
		if !readDisposition(t.Job, job, signal) {
			t.Job = nil
		}
	}
	return t
}

// readDisposition adds what a process does with a signal. It reports whether that is known.
func readDisposition(t *verdict.SignalTarget, p *prediction.Process, signal unix.Signal) bool {
	switch disposition, evidence := p.Disposition(signal, -1); disposition {
	case prediction.Unknown:
		return false
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
	return true
}

// wraps names the first program that a process is known to do nothing but wait for; "" for none. What runs the same program as the
// process may be a copy of it.
func wraps(r *prediction.SignalTarget, p *prediction.Process) string {
	if waits(p) == "" {
		return ""
	}
	for i := range r.Jobs {
		job := &r.Jobs[i]
		if job.Parent == p.PID && job.Program != p.Program && !slices.Contains(idleTools, cmp.Or(job.Applet, job.Name)) {
			return cmp.Or(job.Alias, job.Name)
		}
	}
	return ""
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
