package verdict

import (
	"fmt"
	"slices"
	"strconv"
	"strings"
	"time"

	"haltscope/compare/value"
)

// Kind is what happened. The documents have the same kinds.
type Kind = value.Kind

// The kinds. An [Inconclusive] verdict has a Missing.
const (
	Graceful            = value.Graceful
	FailedStopping      = value.FailedStopping
	Terminated          = value.Terminated
	Forced              = value.Forced
	Killed              = value.Killed
	OOMKilled           = value.OOMKilled
	Exited              = value.Exited
	Crashed             = value.Crashed
	Paused              = value.Paused
	PauseUnconfirmed    = value.PauseUnconfirmed
	FrozenOutsideDocker = value.FrozenOutsideDocker
	Resumed             = value.Resumed
	Restarted           = value.Restarted
	RunsOn              = value.RunsOn
	FreezeIncomplete    = value.FreezeIncomplete
	FrozenBelow         = value.FrozenBelow
	Removed             = value.Removed
	Inconclusive        = value.Inconclusive
)

// Observation is one thing that was observed.
type Observation struct {
	Source string         // "docker events", "cgroup.events: frozen", "/proc/4242/status: SigCgt", …
	At     *time.Duration // since the command began; nil where the time says nothing
	Value  string
}

// Verdict is a kind, and the observations that it rests on.
type Verdict struct {
	Kind    Kind
	Because []Observation
	Missing string // for Inconclusive: what would decide
	Sender  Sender // for Killed: who sent SIGKILL, as far as that is known
	// How is, for Forced and Killed, how SIGKILL came, and for Terminated who sent another signal than Docker's, as a clause; "" where
	// the kind says all.
	How    string
	Reboot bool // for Graceful and Exited: by reboot(2)
	// GraceRanOut, for Forced: SIGKILL came because the grace ran out, and not in another way that How names.
	GraceRanOut bool
	// ByItself, for Exited and Crashed: no signal of Docker's had a part in the end, even if one was sent.
	ByItself bool
	// OtherSignal, for Terminated: the signal that ended a program which catches Docker's; 0 where that is the one.
	OtherSignal value.Signal
	Of          string   // the name of the program whose end the verdict is about; "" where that is not known
	Under       []string // the names of the inits and wrappers in front of that program, the outermost first
	// KilledPID is the program that a process other than the kernel is known to have ended with SIGKILL; 0 for none.
	KilledPID int
	// Doubt, for Graceful, is why the end may be a wrapper's, and not the program's; "" where that is not in doubt.
	Doubt string
	// SentBy is the signal of Facts.Sent that ended the run, or that its program acted on; nil where that is not known.
	SentBy *SentSignal
}

// Judge decides what happened.
func Judge(f Facts) Verdict {
	j := &judge{Facts: f}
	kind := j.kind()
	v := Verdict{Kind: kind, Because: j.because, Missing: j.missing, Reboot: j.rebootSeen}
	v.Of, v.Under = j.whose()
	v.SentBy = j.sentBy(kind)
	v.KilledPID = j.killedPID
	switch kind {
	case Killed:
		v.Sender, v.How = j.sender, j.how
	case Forced:
		v.How, v.GraceRanOut = j.how, j.ranOut
	case Graceful:
		j.noteDoubt()
		v.Because, v.Doubt = j.because, j.doubt
	case Exited, Crashed:
		v.ByItself = j.byItselfOnly
	case Terminated:
		v.OtherSignal, v.How = j.otherSignal, j.how
	}
	return v
}

// judge collects the observations on the way to a kind.
type judge struct {
	Facts
	because      []Observation
	missing      string
	sender       Sender
	how          string
	ranOut       bool // the grace
	byItselfOnly bool // no signal had a part in the end
	// How the container's first process ended, where a program's end has taken the place of that:
	first struct {
		wait  *value.WaitStatus
		state *State
	}
	of          string   // the name of a program that a wrapper is in front of
	under       []string // the names of the inits and wrappers in front of it
	verdict     Kind     // of such a program
	doubt       string
	otherSignal value.Signal
	killedPID   int
	rebootSeen  bool // reboot(2) ended it
	oomSeen     bool // the OOM killer killed a process of the container
	// What the kernel said about the end of the first process, even where that says nothing about the program's end:
	noWaitStatus bool // nothing
	returnedCode bool // that no signal ended it
}

// whose returns the name of the program whose end the verdict is about, and those of the inits and wrappers in front of it.
func (j *judge) whose() (of string, under []string) {
	switch {
	case j.of != "":
		return j.of, j.under
	case j.Target == nil:
		return "", nil
	case j.Target.Init == "":
		return j.Target.Name, nil
	}
	return j.Target.Name, []string{j.Target.Init}
}

// Wrappers names the inits and wrappers in front of a program in a sentence; "" for none.
func (v *Verdict) Wrappers() string { return strings.Join(v.Under, ", ") }

func (j *judge) kind() Kind {
	j.noteEvents()
	if j.State == nil {
		return j.noState()
	}
	if j.State.hasEnded() {
		j.note(j.State.source(), "%s, exit code %d", j.State.Status, j.State.ExitCode)
		if j.Alive != nil {
			return j.runsOn()
		}
		return j.ended()
	}
	j.note(j.State.source(), "%s", j.State.Status)
	return j.running()
}

// noState judges a container of which docker inspect said nothing.
func (j *judge) noState() Kind {
	if j.StateError != "" {
		j.note("docker inspect", "%s", j.StateError)
		if j.Alive != nil {
			return j.runsOn()
		}
		return j.inconclusive("docker inspect gave no answer")
	}
	j.note("docker inspect", "no such container")
	if j.Alive != nil {
		return j.runsOn()
	}
	return Removed
}

func (j *judge) note(source, format string, args ...any) {
	j.because = append(j.because, Observation{Source: source, Value: fmt.Sprintf(format, args...)})
}

func (j *judge) noteAt(at time.Duration, source, format string, args ...any) {
	j.note(source, format, args...)
	j.because[len(j.because)-1].At = &at
}

// noteEvents notes docker's error, and the events that matter.
func (j *judge) noteEvents() {
	if j.CommandError != "" {
		j.note(j.command(), "%s", j.CommandError)
	}
	for i := 0; i < len(j.Events); i++ {
		e := j.Events[i]
		switch e.Action {
		case "kill":
			number, times := "unknown", ""
			if e.Signal != 0 {
				number = strconv.Itoa(int(e.Signal))
			}
			if n := j.sameKills(i); n > fewKills {
				i += n - 1
				times = fmt.Sprintf(", %d times, the last after %s", n, seconds(j.Events[i].At))
			}
			j.noteAt(e.At, "docker events", "kill, signal %s%s", number, times)
		case "pause", "unpause", "oom", "die", "destroy":
			j.noteAt(e.At, "docker events", "%s", e.Action)
		case "start", "restart":
			if j.Verb == value.Restart {
				j.noteAt(e.At, "docker events", "%s", e.Action)
			}
		}
	}
}

// fewKills is how many signals of the same number in succession are noted one by one.
const fewKills = 3

// sameKills returns how many signals of the same number Docker sent in succession, from an event on.
func (j *judge) sameKills(i int) int {
	first, n := j.Events[i], 0
	for _, e := range j.Events[i:] {
		if e.Action != "kill" || e.Signal != first.Signal {
			break
		}
		n++
	}
	return n
}

func (j *judge) inconclusive(format string, args ...any) Kind {
	j.missing = fmt.Sprintf(format, args...)
	return Inconclusive
}

// command is the docker command that was run, as a source.
func (j *judge) command() string { return "docker " + string(j.Verb) }

// has reports whether Docker has sent an event.
func (j *judge) has(action string) bool {
	return slices.ContainsFunc(j.Events, func(e Event) bool { return e.Action == action })
}

// delivered is the signal that reached the signal target; 0 for none.
func (j *judge) delivered() value.Signal {
	if j.Target != nil && j.Target.Delivered != 0 {
		return max(j.Target.Delivered, 0)
	}
	return j.Signal
}

// numbered is a signal in a sentence; 0 is one whose number a label hides.
func numbered(signal value.Signal) string {
	if signal == 0 {
		return "the signal, whose number is unknown,"
	}
	return fmt.Sprintf("signal %d", signal)
}
