package past

import (
	"fmt"
	"time"

	"haltscope/compare/value"
)

// sigkill judges exit code 137: SIGKILL ended the first process, or a program returned it.
func (j *judge) sigkill() (value.Kind, value.Confidence) {
	if j.Forced != nil {
		j.how = j.forcedHow()
		return value.Forced, value.Certain
	}
	kills := j.kills()
	stop, kill := stopped(kills)
	switch {
	case kill != nil:
		return j.killedByDocker(stop, kill)
	case j.hidden(kills):
		return j.inconclusive("which signals Docker sent: a label named signal replaces their numbers")
	}
	kind, confidence, ok := j.oom()
	if ok && kind != value.Inconclusive {
		return kind, confidence
	}
	missing := j.missing
	if kind, confidence, sent := j.oomSignal(); sent {
		if kind != value.Inconclusive {
			j.missing = ""
		} else if ok { // the kernel's log tells of this container
			j.missing = missing
		}
		return kind, confidence
	}
	if ok {
		return kind, confidence
	}
	if r := j.request(); r != nil {
		return j.inconclusive("whether the program returned 137 after %s, or SIGKILL ended it, which Docker did not report",
			signalText(r.signal))
	}
	unseen, _ := j.unseen()
	switch {
	case unseen == "" || j.Container.RestartedByPolicy:
		return j.inconclusive("whether the program returned 137, a process outside Docker sent SIGKILL, or the container's shim was lost: " +
			"the wait status of its first process is not kept")
	case j.NotForced:
		j.notePolicyOff()
		j.observe("dockerd's log", nil, "no stop of it whose grace ran out")
		return j.inconclusive("whether a client requested SIGKILL, a process outside Docker sent it, or the program returned 137: %s", unseen)
	}
	j.notePolicyOff()
	return j.inconclusive("who sent SIGKILL, if anybody did: %s", unseen)
}

// hidden reports whether a label hides which signals Docker sent.
func (j *judge) hidden(kills []Event) bool {
	for _, e := range kills {
		if e.Signal == 0 && j.recent(e) {
			return true
		}
	}
	return false
}

// killedByDocker judges an end by a SIGKILL that Docker sent: the grace of a stop ran out, or a client requested it.
func (j *judge) killedByDocker(stop, kill *Event) (value.Kind, value.Confidence) {
	const request = "a client requested SIGKILL (docker kill, or docker rm --force)"
	switch {
	case !j.has("stop"):
		if stop != nil && j.graceFits(kill.At.Sub(stop.At)) && !j.NotForced {
			return j.inconclusive("whether the grace of a stop ran out, or a client requested SIGKILL: Docker reported no stop")
		}
		j.how = request
		if unseen, _ := j.unseen(); unseen != "" && !j.NotForced {
			return value.Killed, value.Likely
		}
		return value.Killed, value.Certain
	case j.Container.StopSignal == value.SIGKILL && stop == nil:
		j.how = "SIGKILL is its stop signal"
		return value.Killed, value.Certain
	case stop == nil:
		return j.inconclusive("whether the stop signal could not be sent, or a client requested SIGKILL")
	case j.NotForced:
		j.observe("dockerd's log", nil, "no stop of it whose grace ran out")
		j.how = request + " during a stop"
		return value.Killed, value.Likely
	}
	waited := kill.At.Sub(stop.At)
	j.how = fmt.Sprintf("SIGKILL came %.2f s after %s, as a grace ran out", waited.Seconds(), signalText(stop.Signal))
	switch {
	case j.graceFits(waited):
		return value.Forced, value.Certain
	case fits(waited, waited.Round(time.Second)):
		return value.Forced, value.Likely // docker stop -t
	}
	return j.inconclusive("whether a grace ran out (docker stop -t), or a client requested SIGKILL %.2f s after %s", waited.Seconds(),
		signalText(stop.Signal))
}

// graceFits reports whether SIGKILL came when the container's own grace had run out.
func (j *judge) graceFits(waited time.Duration) bool {
	return j.Container.Known && j.Container.Grace >= 0 && fits(waited, j.Container.Grace)
}

// fits reports whether SIGKILL came when a grace had run out. Docker sends it then, and not before; see package verdict.
func fits(waited, grace time.Duration) bool {
	const early, late = 100 * time.Millisecond, 300 * time.Millisecond
	return waited >= grace-early && waited <= grace+late
}

func signalText(signal value.Signal) string {
	if signal == 0 {
		return "the stop signal"
	}
	return value.SignalName(signal)
}
