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
type Because struct{ Source, Value string }

// Outcome is what one action would come to.
type Outcome struct {
	Kind       verdict.Kind
	Candidates []verdict.Kind // of an undecided one, the likeliest first
	ExitCodes  []int          // that can come
	OwnCode    bool           // the program may end with a code of its own beside them
	After      *time.Duration // how long until it has taken effect, at the most where it is undecided; nil where that is the program's affair
	Because    []Because
	Decides    string // what would decide an undecided one
}

// Prediction is what the actions would come to, what else that would mean, and what could be better.
type Prediction struct {
	Stop, Kill, Pause Outcome
	Consequences      []Because
	Advice            []string // on the stop
}

// Predict says what would happen.
func Predict(f Facts) Prediction {
	p := Prediction{Stop: f.stopped(), Kill: f.kill(), Pause: f.pause()}
	p.Consequences = f.consequences()
	p.Advice = Advice(f, p.Stop.first())
	return p
}

// first is the outcome, or the likeliest.
func (o *Outcome) first() verdict.Kind {
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
func (o *Outcome) AllowsCode(code int) bool { return o.OwnCode || slices.Contains(o.ExitCodes, code) }

func (o *Outcome) saw(source, format string, args ...any) {
	o.Because = append(o.Because, Because{source, fmt.Sprintf(format, args...)})
}

const sigkill = int(unix.SIGKILL)

// forcedCode is 128 + SIGKILL, as containerd has it.
const forcedCode = 128 + sigkill

func (f *Facts) kill() Outcome {
	at := time.Duration(0)
	o := Outcome{Kind: verdict.Killed, ExitCodes: []int{forcedCode}, After: &at}
	o.saw("docker kill", "sends SIGKILL, which no process can handle, block or ignore")
	if f.heldFromOutside() {
		f.stillFrozen(&o)
	} else if f.Paused {
		o.saw("docker inspect", "paused: the signal waits for the thaw, which docker kill sees to itself")
	}
	f.stuckEnd(&o)
	return o
}

// heldFromOutside: a cgroup above is frozen, so that docker cannot thaw it.
func (f *Facts) heldFromOutside() bool {
	return f.Frozen != nil && *f.Frozen && f.Requested != nil && !*f.Requested
}

// stillFrozen is the end of what is frozen from above: v1 delivers no signal at all before the thaw.
func (f *Facts) stillFrozen(o *Outcome) {
	if f.CgroupVersion != 1 {
		o.saw("cgroup.events: frozen", "a cgroup above is frozen; SIGKILL ends frozen processes too")
		return
	}
	o.Kind, o.Candidates = Undecided, []verdict.Kind{verdict.FrozenOutsideDocker, o.first()}
	o.After, o.Decides = nil, "when the cgroup above is thawed"
	o.saw("freezer.state", "a cgroup above is frozen: on cgroup v1 no signal arrives before it is thawed")
}

func (f *Facts) pause() Outcome {
	at := time.Duration(0)
	o := Outcome{Kind: verdict.Paused, After: &at}
	frozen := f.Frozen != nil && *f.Frozen
	switch {
	case f.Paused:
		o.saw("docker inspect", "it is paused already: docker pause refuses, and it stays paused")
	case frozen && !f.heldFromOutside():
		o.Kind = verdict.FrozenOutsideDocker
		o.saw("cgroup freezer", "it is frozen already, and not by Docker: docker pause fails, and docker unpause too")
	case frozen:
		o.saw("cgroup freezer", "a cgroup above is frozen already: docker pause goes through, and docker unpause will not thaw it")
	default:
		o.saw("cgroup freezer", "freezing needs no consent of the processes: no signal is sent, none can be in its way")
		switch {
		case len(f.Stuck) == 0:
		case f.CgroupVersion == 2:
			o.Kind, o.Candidates = Undecided, []verdict.Kind{verdict.Paused, verdict.FrozenOutsideDocker}
			o.Decides, o.After = "whether the thread leaves its uninterruptible sleep within 10 s", nil
			f.sawStuck(&o, &f.Stuck[0], "the freeze is not complete before it leaves that")
		default:
			o.Kind, o.Candidates = Undecided, []verdict.Kind{verdict.Paused, Refused}
			o.Decides, o.After = "whether the thread sleeps where it can be frozen (TASK_FREEZABLE), or leaves its sleep while the runtime tries", nil
			f.sawStuck(&o, &f.Stuck[0], "where it cannot be frozen there the runtime gives up and thaws the others, and docker pause fails")
		}
	}
	return o
}

// stopped is a stop, to what may not end.
func (f *Facts) stopped() Outcome {
	o := f.stop()
	f.stuckEnd(&o)
	return o
}

func (f *Facts) stop() Outcome {
	o := Outcome{}
	if f.Unsendable() {
		f.stopUnsent(&o)
		return o
	}
	o.saw(f.SignalFrom, "the stop signal is %s", Name(f.Signal))
	if f.Grace < 0 {
		o.saw(f.GraceFrom, "the grace is without end")
	} else {
		o.saw(f.GraceFrom, "the grace is %s", f.Grace)
	}
	if f.Signal == sigkill {
		at := time.Duration(0)
		o.Kind, o.ExitCodes, o.After = verdict.Killed, []int{forcedCode}, &at
		return o
	}
	if f.Frozen != nil && *f.Frozen && !f.Paused {
		if p := f.endsFrozen(); p != nil {
			o.saw("cgroup freezer", "it is frozen, and not by Docker; on cgroup v2 a signal whose default action ends a process ends a frozen one, too")
			f.meet(&o, p)
			return o
		}
		f.outlast(&o)
		o.saw("cgroup freezer", "it is frozen, and not by Docker: the signal waits for a thaw that docker stop does not see to")
		if f.heldFromOutside() {
			f.stillFrozen(&o)
		}
		return o
	}
	if f.staysPaused() {
		f.sawPaused(&o, "stop")
		if p := f.endsFrozen(); p != nil {
			f.meet(&o, p)
		} else {
			f.outlast(&o)
		}
		return o
	}
	if f.Paused {
		o.saw("docker inspect", "it is paused: the signal waits for the thaw, which docker stop sees to itself")
	}
	f.receive(&o)
	if f.Grace == 0 && o.Kind != verdict.Forced {
		// SIGKILL comes right behind the signal: which of the two ends it is a race.
		o.Candidates = append([]verdict.Kind{verdict.Forced}, without(o.candidates(), verdict.Forced)...)
		o.Kind, o.Decides = Undecided, "a grace above 0: with none SIGKILL follows at once"
		o.ExitCodes = codes(append(o.ExitCodes, forcedCode))
		o.saw(f.GraceFrom, "no grace: SIGKILL follows at once")
	}
	return o
}

// unsentGrace is what Docker waits in place of the grace when the stop signal could not be sent.
const unsentGrace = 2 * time.Second

// stopUnsent is a stop whose signal cannot be sent.
func (f *Facts) stopUnsent(o *Outcome) {
	after := unsentGrace
	o.Kind, o.ExitCodes, o.After = verdict.Forced, []int{forcedCode}, &after
	o.saw(f.SignalFrom, "the stop signal is %s, and there is no such signal: none can be sent", f.StopSignal())
	o.saw("moby daemon/stop.go", "Docker then waits %s, whatever the grace, and sends SIGKILL", unsentGrace)
	if f.Frozen != nil && *f.Frozen && !f.Paused && f.heldFromOutside() {
		f.stillFrozen(o)
	}
}

// endsFrozen is the process that the stop signal ends although it is frozen; nil where that is not so.
func (f *Facts) endsFrozen() *Process {
	p := f.Receiver.Who()
	if f.CgroupVersion != 2 || f.Receiver.Init != "" || p == nil || p.NamespaceInit || p.halted() || slices.Contains(defaultKeeps, unix.Signal(f.Signal)) {
		return nil
	}
	if way, _ := p.Meets(f.Signal, f.Grace); way != Default {
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
func (f *Facts) outlast(o *Outcome) {
	if f.once {
		o.Kind = verdict.RunsOn
		o.saw("docker kill --signal", "it runs on")
		return
	}
	if f.Grace < 0 {
		o.Kind = verdict.Inconclusive
		o.saw(f.GraceFrom, "docker stop waits for ever, and sends no SIGKILL")
		return
	}
	grace := f.Grace
	o.Kind, o.ExitCodes, o.After = verdict.Forced, []int{forcedCode}, &grace
}

// open is a stop that ends one way or the other.
func (f *Facts) open(o *Outcome, decides string, kinds ...verdict.Kind) {
	o.Kind, o.Candidates, o.Decides = Undecided, kinds, decides
	if f.Grace < 0 {
		i := slices.Index(kinds, verdict.Forced)
		if i >= 0 {
			o.Candidates[i] = verdict.Inconclusive // it would run on
			if f.once {
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
			o.OwnCode = true
		}
	}
	o.ExitCodes = codes(o.ExitCodes)
}
