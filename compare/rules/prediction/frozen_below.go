package prediction

import (
	"fmt"
	"slices"
	"strings"

	"haltscope/compare/rules/verdict"
	"haltscope/compare/value"
)

// FrozenBelow is a cgroup below the container's that is frozen, or is being frozen, with processes in it. Neither docker pause nor
// docker unpause changes it.
type FrozenBelow struct {
	Path    string // its folder
	Members []int
}

// frozenBelow returns the frozen cgroup below that a process is in; nil if it is in none.
func (f *Facts) frozenBelow(pid int) *FrozenBelow {
	for i := range f.FrozenBelow {
		if slices.Contains(f.FrozenBelow[i].Members, pid) {
			return &f.FrozenBelow[i]
		}
	}
	return nil
}

// holdsEnd returns the frozen cgroup below that the end of the container waits for; nil if there is none. On v1 a frozen process
// takes no signal, and so not SIGKILL, and the first process of a PID namespace ends after all others in it. Source:
// kernel/pid_namespace.c, zap_pid_ns_processes.
func (f *Facts) holdsEnd() *FrozenBelow {
	if f.CgroupVersion != 1 {
		return nil
	}
	if at := f.frozenBelow(f.Target.First.PID); at != nil {
		return at
	}
	if f.Target.First.NamespaceInit && len(f.FrozenBelow) > 0 {
		return &f.FrozenBelow[0]
	}
	return nil
}

// freezerSource is the kernel file that shows that a cgroup below is frozen.
func (f *Facts) freezerSource(at *FrozenBelow) string {
	if f.CgroupVersion == 1 {
		return at.Path + "/freezer.state"
	}
	return at.Path + "/cgroup.events: frozen"
}

// endFrozenBelow changes the outcome of a stop or kill that a frozen cgroup below delays.
func (f *Facts) endFrozenBelow(o *Outcome) {
	at := f.holdsEnd()
	if at == nil || o.Kind == verdict.RunsOn {
		return
	}
	o.Candidates = append([]verdict.Kind{verdict.RunsOn}, without(o.candidates(), verdict.RunsOn)...)
	o.Kind, o.After, o.Reason = Undecided, nil, IsFrozen
	o.DecidedBy = "when the frozen cgroup below is thawed: the container does not end before"
	o.note(f.freezerSource(at), "%s is in a frozen cgroup below the container's. cgroup v1 delivers no signal to it, not even SIGKILL, until "+
		"that is thawed, and the container does not end before: docker reports that it did not receive an exit event", processes(at.Members))
}

// targetFrozenBelow decides what the signal does to a signal target in a frozen cgroup below. It reports whether it is in one.
func (f *Facts) targetFrozenBelow(o *Outcome, p *Process) bool {
	at := f.frozenBelow(p.PID)
	if at == nil {
		return false
	}
	disposition, evidence := p.Disposition(f.Signal, f.Grace)
	if f.CgroupVersion == 2 && disposition == DefaultAction && !p.NamespaceInit && !slices.Contains(harmlessByDefault, f.Signal) {
		o.note(f.freezerSource(at), "%s, process %d, is in a frozen cgroup below the container's; on cgroup v2, a signal whose default action "+
			"ends a process ends a frozen process too", p.label(), p.PID)
		return false
	}
	o.Because = append(o.Because, evidence)
	o.note(f.freezerSource(at), "%s, process %d, is in a frozen cgroup below the container's, which docker stop does not thaw: the signal "+
		"stays pending until a thaw", p.label(), p.PID)
	f.survive(o, IsFrozen)
	return true
}

// freezerAdvice says how to thaw what keeps the signal target from acting on a signal, or the container from ending. Paste is "" if
// nothing does that is not Docker's.
func (f *Facts) freezerAdvice() Advice {
	folder := ""
	if f.frozen() && !f.Paused {
		folder = f.FrozenBy
	}
	if at := f.holdsEnd(); at != nil {
		folder = at.Path
	}
	advice := Advice{Change: Thaw, Signal: f.Signal}
	if p := f.Target.Process(); p != nil {
		advice.Program = p.label()
		if at := f.frozenBelow(p.PID); at != nil {
			folder = at.Path
		}
	}
	if folder != "" {
		advice.Paste = value.ThawCommand(f.CgroupVersion, folder)
	}
	return advice
}

// processes names processes by their pids, up to a few.
func processes(pids []int) string {
	const few = 5
	texts := []string{}
	for _, pid := range pids[:min(len(pids), few)] {
		texts = append(texts, fmt.Sprint(pid))
	}
	if len(pids) == 1 {
		return "process " + texts[0]
	}
	text := strings.Join(texts, ", ")
	if n := len(pids) - few; n > 0 {
		text += fmt.Sprintf(" and %d more", n)
	}
	return "each of the processes " + text
}
