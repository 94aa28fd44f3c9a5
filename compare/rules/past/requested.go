package past

import (
	"fmt"
	"slices"
	"time"

	"haltscope/compare/value"
)

// late is how long after an end Docker may report a signal that caused it: it reports one once its runtime has sent it.
const late = 2 * time.Second

// kills returns the signals that Docker sent to the run.
func (j *judge) kills() (all []Event) {
	for _, e := range j.Events {
		if e.Action == "kill" && (j.EndedAt == nil || !e.At.After(j.EndedAt.Add(late))) {
			all = append(all, e)
		}
	}
	return all
}

func (j *judge) has(action string) bool {
	return slices.ContainsFunc(j.Events, func(e Event) bool { return e.Action == action })
}

// recent reports whether a signal was sent so shortly before the end that it may have caused it.
func (j *judge) recent(e Event) bool {
	return j.EndedAt == nil || j.window() < 0 || j.EndedAt.Sub(e.At) <= j.window()
}

// request is what Docker was asked to end a run with.
type request struct {
	signal value.Signal // 0 if it is not known
	at     *time.Time   // nil if that is not known
}

// request returns with what Docker was asked to end the run; nil if it was not asked, as far as is known.
func (j *judge) request() *request {
	kills := slices.DeleteFunc(j.kills(), func(e Event) bool { return !j.has("stop") && !j.recent(e) })
	if len(kills) > 0 {
		return j.asked(kills)
	}
	if j.Forced != nil {
		return &request{signal: j.Forced.Signal}
	}
	if unseen, _ := j.unseen(); unseen != "" && j.has("stop") {
		return &request{signal: j.Container.StopSignal}
	}
	if at := j.shutdown(); at != nil {
		j.observe("dockerd's log", at, "dockerd was told to end, and then stops all containers")
		return &request{signal: j.Container.StopSignal, at: at}
	}
	return nil
}

// asked chooses the signal that asked for the end, of several: the stop signal if that was sent, else the last one other than SIGKILL,
// which came too late if the code is another one.
func (j *judge) asked(kills []Event) *request {
	best := &kills[len(kills)-1]
	for i := range slices.Backward(kills) {
		e := &kills[i]
		if e.Signal == j.Container.StopSignal || e.Signal == value.SIGTERM {
			best = e
			break
		}
		if best.Signal == value.SIGKILL {
			best = e
		}
	}
	r := &request{signal: best.Signal, at: &best.At}
	if r.signal == 0 && j.has("stop") {
		r.signal = j.Container.StopSignal
	}
	return r
}

// goExitCode is what the Go runtime exits with on a signal that the program has not asked for, if it is the first of its PID
// namespace (runtime/signal_unix.go, dieFromSignal).
const goExitCode = 2

// requested judges an end within the grace, after a signal of Docker's other than SIGKILL. Whether the program handled the signal is
// known only by its exit code.
func (j *judge) requested(r *request) (value.Kind, value.Confidence) {
	code, signal, name := *j.Code, r.signal, value.SignalName(r.signal)
	switch {
	case signal == 0:
		return j.inconclusive("which signal Docker sent: a label named signal replaces its number")
	case signal == value.SIGKILL:
		return j.inconclusive("whether it ended by itself: Docker sent SIGKILL, which leads to another exit code")
	case !j.mayStop(signal):
		return j.inconclusive("whether %s ended it, or something else", name)
	case code == 0:
		if j.wrapped() {
			return j.inconclusive("how the program under %s ended: its exit code is that of %s", j.Container.Front, j.Container.Front)
		}
		j.how = j.after(r)
		return value.Graceful, value.Likely
	case code == value.SignalExitCode(signal):
		return j.signalCode(r)
	case code == goExitCode, code == 255:
		return j.inconclusive("whether the program handled %s and returned %d, or its runtime or Docker made that of it", name, code)
	case code > 128 && value.ValidSignal(value.Signal(code-128)):
		return j.inconclusive("whether %s or %s ended it, or the program returned %d", name, value.SignalName(value.Signal(code-128)), code)
	}
	j.how = j.after(r)
	return value.FailedStopping, value.Likely
}

// after says how long after the signal the run ended.
func (j *judge) after(r *request) string {
	text := "after " + value.SignalName(r.signal)
	if r.at == nil || j.EndedAt == nil || j.EndedAt.Before(*r.at) {
		return text
	}
	return value.Duration(value.Milliseconds(j.EndedAt.Sub(*r.at))) + " " + text
}

// mayStop reports whether a signal is one that containers are stopped with.
func (j *judge) mayStop(signal value.Signal) bool {
	return signal == j.Container.StopSignal || slices.Contains([]value.Signal{value.SIGTERM, value.SIGINT, value.SIGQUIT}, signal)
}

// wrapped reports whether what is in front of the program is a wrapper, which may return a code of its own. An init returns the
// program's.
func (j *judge) wrapped() bool {
	return j.Container.Front != "" && !slices.Contains([]string{"docker-init", "tini", "dumb-init", "catatonit"}, j.Container.Front)
}

// signalCode judges the exit code that a signal's default action leads to. Shells and the JVM return it after they have handled the
// signal. For the first process of a PID namespace there is no default action: it handled the signal, unless it is an init or a
// script that has started one.
func (j *judge) signalCode(r *request) (value.Kind, value.Confidence) {
	c, signal := &j.Container, r.signal
	if c.Known && c.NamespaceInit && c.Front == "" && !c.Shell {
		j.observe(inspectSource, nil, "%s is PID 1, for which the kernel drops %s unless it is handled", c.Program, value.SignalName(signal))
		j.how = j.after(r)
		return value.Graceful, value.Likely
	}
	who := "the program"
	if c.Front != "" {
		who += " under " + c.Front
	}
	return j.inconclusive("whether %s handled %s and returned %d, or the signal's default action ended it", who, value.SignalName(signal),
		*j.Code)
}

// notePolicyOff notes that Docker was asked to stop the run or to signal it, which is known only by what its restart policy did not do.
// It decides nothing: a signal long before the end, such as one to open log files again, turns the policy off as well.
func (j *judge) notePolicyOff() {
	if j.Container.PolicyOff {
		j.observe(inspectSource, nil, "its restart policy did not start it again: Docker was asked to stop it, or to send it a signal")
	}
}

// stopped returns when Docker sent a stop signal and SIGKILL; nil for one that it did not send.
func stopped(kills []Event) (stop, kill *Event) {
	for i := range kills {
		e := &kills[i]
		if e.Signal == value.SIGKILL && kill == nil {
			kill = e
		}
		if e.Signal != value.SIGKILL && kill == nil {
			stop = e // the last one before SIGKILL
		}
	}
	return stop, kill
}

func (j *judge) forcedHow() string {
	return fmt.Sprintf("the grace of %s ran out after %s", j.Forced.Grace, value.SignalName(j.Forced.Signal))
}
