package prediction

import (
	"fmt"
	"slices"
	"time"

	"golang.org/x/sys/unix"

	"haltscope/compare/rules/verdict"
)

// Undecided stands in the place of a verdict where the facts leave several.
const Undecided verdict.Kind = "undecided"

// Because is something that a prediction rests on, and where it comes from.
type Evidence struct{ Source, Value string }

// Outcome is what one action would come to.
type Outcome struct {
	Kind       verdict.Kind
	Candidates []verdict.Kind // of an undecided one, the likeliest first
	ExitCodes  []int          // that can come
	OwnExitCode    bool           // the program may end with a code of its own beside them
	After      *time.Duration // how long until it has taken effect, at the most where it is undecided; nil where that is the program's affair
	Because    []Evidence
	DecidedBy    string // what would decide an undecided one
}

// Prediction is what the actions would come to, what else that would mean, and what could be better.
type Prediction struct {
	Stop, Kill, Pause Outcome
	Consequences      []Evidence
	Advice            []string // on the stop
}

// Predict says what would happen.
func Predict(f Facts) Prediction {
	p := Prediction{Stop: f.stop(), Kill: f.kill(), Pause: f.pause()}
	p.Consequences = f.consequences()
	p.Advice = Advice(f, p.Stop.likeliest())
	return p
}

// first is the outcome, or the likeliest.
func (o *Outcome) likeliest() verdict.Kind {
	if o.Kind == Undecided && len(o.Candidates) > 0 {
		return o.Candidates[0]
	}
	return o.Kind
}

// Allows reports whether the outcome has room for what happened.
func (o *Outcome) Allows(kind verdict.Kind) bool {
	if o.Kind == Undecided {
		return slices.Contains(o.Candidates, kind)
	}
	return o.Kind == kind
}

// AllowsCode reports whether an exit code is one of those that can come.
func (o *Outcome) AllowsExitCode(code int) bool { return o.OwnExitCode || slices.Contains(o.ExitCodes, code) }

func (o *Outcome) note(source, format string, args ...any) {
	o.Because = append(o.Because, Evidence{source, fmt.Sprintf(format, args...)})
}

const sigkill = int(unix.SIGKILL)

// forcedCode is 128 + SIGKILL, as containerd has it.
const forcedCode = 128 + sigkill

func (f *Facts) kill() Outcome {
	at := time.Duration(0)
	o := Outcome{Kind: verdict.Killed, ExitCodes: []int{forcedCode}, After: &at}
	o.note("docker kill", "sends SIGKILL, which no process can handle, block or ignore")
	if f.frozenByAncestor() {
		f.keepFrozen(&o)
	} else if f.Paused {
		o.note("docker inspect", "paused: the signal waits for the thaw, which docker kill sees to itself")
	}
	f.endStuck(&o)
	return o
}

// heldFromOutside: a cgroup above is frozen, so that docker cannot thaw it.
func (f *Facts) frozenByAncestor() bool {
	return f.Frozen != nil && *f.Frozen && f.Requested != nil && !*f.Requested
}

// stillFrozen is the end of what is frozen from above: v1 delivers no signal at all before the thaw.
func (f *Facts) keepFrozen(o *Outcome) {
	if f.CgroupVersion != 1 {
		o.note("cgroup.events: frozen", "a cgroup above is frozen; SIGKILL ends frozen processes too")
		return
	}
	o.Kind, o.Candidates = Undecided, []verdict.Kind{verdict.FrozenOutsideDocker, o.likeliest()}
	o.After, o.DecidedBy = nil, "when the cgroup above is thawed"
	o.note("freezer.state", "a cgroup above is frozen: on cgroup v1 no signal arrives before it is thawed")
}

func (f *Facts) pause() Outcome {
	at := time.Duration(0)
	o := Outcome{Kind: verdict.Paused, After: &at}
	frozen := f.Frozen != nil && *f.Frozen
	switch {
	case f.Paused:
		o.note("docker inspect", "it is paused already: docker pause refuses, and it stays paused")
	case frozen && !f.frozenByAncestor():
		o.Kind = verdict.FrozenOutsideDocker
		o.note("cgroup freezer", "it is frozen already, and not by Docker: docker pause fails, and docker unpause too")
	case frozen:
		o.note("cgroup freezer", "a cgroup above is frozen already: docker pause goes through, and docker unpause will not thaw it")
	default:
		o.note("cgroup freezer", "freezing needs no consent of the processes: no signal is sent, none can be in its way")
		switch {
		case len(f.Stuck) == 0:
		case f.CgroupVersion == 2:
			o.Kind, o.Candidates = Undecided, []verdict.Kind{verdict.Paused, verdict.FrozenOutsideDocker}
			o.DecidedBy, o.After = "whether the thread leaves its uninterruptible sleep within 10 s", nil
			f.noteStuck(&o, &f.Stuck[0], "the freeze is not complete before it leaves that")
		default:
			o.Kind, o.Candidates = Undecided, []verdict.Kind{verdict.Paused, Refused}
			o.DecidedBy, o.After = "whether the thread sleeps where it can be frozen (TASK_FREEZABLE), or leaves its sleep while the runtime tries", nil
			f.noteStuck(&o, &f.Stuck[0], "where it cannot be frozen there the runtime gives up and thaws the others, and docker pause fails")
		}
	}
	return o
}

// stopped is a stop, to what may not end.
func (f *Facts) stop() Outcome {
	o := f.stopSignaled()
	f.endStuck(&o)
	return o
}

func (f *Facts) stopSignaled() Outcome {
	o := Outcome{}
	if f.InvalidSignal() {
		f.stopUnsent(&o)
		return o
	}
	o.note(f.SignalFrom, "the stop signal is %s", Name(f.Signal))
	if f.Grace < 0 {
		o.note(f.GraceFrom, "the grace is without end")
	} else {
		o.note(f.GraceFrom, "the grace is %s", f.Grace)
	}
	if f.Signal == sigkill {
		at := time.Duration(0)
		o.Kind, o.ExitCodes, o.After = verdict.Killed, []int{forcedCode}, &at
		return o
	}
	if f.Frozen != nil && *f.Frozen && !f.Paused {
		if p := f.endsWhileFrozen(); p != nil {
			o.note("cgroup freezer", "it is frozen, and not by Docker; on cgroup v2 a signal whose default action ends a process ends a frozen one, too")
			f.deliver(&o, p)
			return o
		}
		f.survive(&o)
		o.note("cgroup freezer", "it is frozen, and not by Docker: the signal waits for a thaw that docker stop does not see to")
		if f.frozenByAncestor() {
			f.keepFrozen(&o)
		}
		return o
	}
	if f.staysPaused() {
		f.notePaused(&o, "stop")
		if p := f.endsWhileFrozen(); p != nil {
			f.deliver(&o, p)
		} else {
			f.survive(&o)
		}
		return o
	}
	if f.Paused {
		o.note("docker inspect", "it is paused: the signal waits for the thaw, which docker stop sees to itself")
	}
	f.deliverToTarget(&o)
	if f.Grace == 0 && o.Kind != verdict.Forced {
		// SIGKILL comes right behind the signal: which of the two ends it is a race.
		o.Candidates = append([]verdict.Kind{verdict.Forced}, without(o.candidates(), verdict.Forced)...)
		o.Kind, o.DecidedBy = Undecided, "a grace above 0: with none SIGKILL follows at once"
		o.ExitCodes = codes(append(o.ExitCodes, forcedCode))
		o.note(f.GraceFrom, "no grace: SIGKILL follows at once")
	}
	return o
}

// unsentGrace is what Docker waits in place of the grace when the stop signal could not be sent.
const unsentGrace = 2 * time.Second

// stopUnsent is a stop whose signal cannot be sent.
func (f *Facts) stopUnsent(o *Outcome) {
	after := unsentGrace
	o.Kind, o.ExitCodes, o.After = verdict.Forced, []int{forcedCode}, &after
	o.note(f.SignalFrom, "the stop signal is %s, and there is no such signal: none can be sent", f.StopSignalName())
	o.note("moby daemon/stop.go", "Docker then waits %s, whatever the grace, and sends SIGKILL", unsentGrace)
	if f.Frozen != nil && *f.Frozen && !f.Paused && f.frozenByAncestor() {
		f.keepFrozen(o)
	}
}

// endsFrozen is the process that the stop signal ends although it is frozen; nil where that is not so.
func (f *Facts) endsWhileFrozen() *Process {
	p := f.Target.Process()
	if f.CgroupVersion != 2 || f.Target.Init != "" || p == nil || p.NamespaceInit || p.stopped() || slices.Contains(defaultKeeps, unix.Signal(f.Signal)) {
		return nil
	}
	if way, _ := p.Disposition(f.Signal, f.Grace); way != DefaultAction {
		return nil
	}
	return p
}

func (o *Outcome) candidates() []verdict.Kind {
	if o.Kind == Undecided {
		return o.Candidates
	}
	return []verdict.Kind{o.Kind}
}

func without(kinds []verdict.Kind, kind verdict.Kind) []verdict.Kind {
	return slices.DeleteFunc(slices.Clone(kinds), func(k verdict.Kind) bool { return k == kind })
}

func codes(all []int) []int {
	slices.Sort(all)
	return slices.Compact(all)
}

// outlast is a program that the signal does not end.
func (f *Facts) survive(o *Outcome) {
	if f.signalOnly {
		o.Kind = verdict.RunsOn
		o.note("docker kill --signal", "it runs on")
		return
	}
	if f.Grace < 0 {
		o.Kind = verdict.Inconclusive
		o.note(f.GraceFrom, "docker stop waits for ever, and sends no SIGKILL")
		return
	}
	grace := f.Grace
	o.Kind, o.ExitCodes, o.After = verdict.Forced, []int{forcedCode}, &grace
}

// open is a stop that ends one way or the other.
func (f *Facts) undecided(o *Outcome, decides string, kinds ...verdict.Kind) {
	o.Kind, o.Candidates, o.DecidedBy = Undecided, kinds, decides
	if f.Grace < 0 {
		i := slices.Index(kinds, verdict.Forced)
		if i >= 0 {
			o.Candidates[i] = verdict.Inconclusive // it would run on
			if f.signalOnly {
				o.Candidates[i] = verdict.RunsOn
			}
		}
	} else {
		grace := f.Grace
		o.After = &grace
	}
	for _, kind := range o.Candidates {
		switch kind {
		case verdict.Forced:
			o.ExitCodes = append(o.ExitCodes, forcedCode)
		case verdict.Terminated:
			o.ExitCodes = append(o.ExitCodes, 128+f.Signal)
		case verdict.Graceful, verdict.Exited, verdict.Crashed:
			o.OwnExitCode = true
		}
	}
	o.ExitCodes = codes(o.ExitCodes)
}
