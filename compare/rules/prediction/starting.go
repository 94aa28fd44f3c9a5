package prediction

import (
	"fmt"
	"slices"
	"strings"
	"time"

	"haltscope/cgroupfs/proc"
	"haltscope/compare/rules/verdict"
)

// startLimit is the age up to which a program that does not wait for anything may still be about to set its handlers. A JVM, and an
// application server in Python or Ruby on a busy machine, take seconds.
const startLimit = 30 * time.Second

// starting reports whether a process is young and still at work, so that handlers may still come.
func (p *Process) starting() bool {
	return p.Age != nil && *p.Age < startLimit &&
		slices.ContainsFunc(p.Threads, func(t proc.Thread) bool { return t.State == 'R' || t.State == 'D' })
}

// noHandlerYet decides for a process that has no handler, but is still starting.
func (f *Facts) noHandlerYet(o *Outcome, p *Process) bool {
	if f.Paused || f.frozen() || !p.starting() { // v1 shows a frozen task as D
		return false
	}
	o.note(fmt.Sprintf("/proc/%d/stat", p.PID), "%s has run for %s and is at work: it may still set handlers", p.label(),
		p.Age.Round(10*time.Millisecond))
	kinds := []verdict.Kind{verdict.Forced, verdict.Graceful}
	if !p.NamespaceInit && !slices.Contains(harmlessByDefault, f.Signal) {
		kinds = []verdict.Kind{verdict.Terminated, verdict.Graceful, verdict.Forced}
	}
	f.undecided(o, "whether it sets a handler while it starts: predict again once it has", kinds...)
	o.Reason = Starting
	return true
}

// whileItStarts opens what is decided by the habits of a program that is still starting: it may not be ready to do as it does later.
func (f *Facts) whileItStarts(o *Outcome, p *Process) {
	if o.Kind == Undecided || f.Paused || f.frozen() || !p.starting() {
		return
	}
	kinds := []verdict.Kind{o.Kind}
	for _, kind := range []verdict.Kind{verdict.Graceful, verdict.Forced} {
		if kind != o.Kind {
			kinds = append(kinds, kind)
		}
	}
	o.note(fmt.Sprintf("/proc/%d/stat", p.PID), "%s has run for %s and is at work: it may still be starting", p.label(),
		p.Age.Round(10*time.Millisecond))
	f.undecided(o, "whether it has started: predict again once it has", kinds...)
	o.Reason = Starting
}

// notStarted decides for a container whose runtime has yet to execute its program: runc calls itself so until then.
func (f *Facts) notStarted(o *Outcome, p *Process) bool {
	if !strings.HasPrefix(p.Name, "runc:[") {
		return false
	}
	o.note(p.status()+": Name", "%s is the runtime, which is about to execute the container's program", p.Name)
	kinds := []verdict.Kind{verdict.Forced, verdict.Graceful}
	if !p.NamespaceInit {
		kinds = []verdict.Kind{verdict.Terminated, verdict.Graceful, verdict.Forced}
	}
	f.undecided(o, "what the program does with the signal: predict again once it has started", kinds...)
	o.Reason = Starting
	return true
}
