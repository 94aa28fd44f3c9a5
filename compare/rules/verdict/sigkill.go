package verdict

import (
	"fmt"
	"slices"
	"strings"
	"time"

	"haltscope/compare/value"
)

// Sender is who sent the SIGKILL of a [Killed] run.
type Sender string

// The senders.
const (
	ByRequest Sender = "request"  // Docker, because a client requested it
	ByDaemon  Sender = "daemon"   // dockerd itself, because the runtime sent no signal
	ByCleanUp Sender = "clean-up" // containerd, which ends what a lost shim leaves running
	Outside   Sender = "outside"  // not Docker: another process
	Within    Sender = "within"   // a process of the container
	// WithNamespace: the kernel, which kills all processes of a PID namespace when its first one ends.
	WithNamespace Sender = "namespace"
	Unknown       Sender = ""
)

const (
	// unsentGrace is what Docker waits in place of the grace when the stop signal could not be sent (moby, daemon/stop.go).
	unsentGrace = 2 * time.Second
	// directKill is what dockerd waits for its runtime's SIGKILL before it sends one itself (moby, daemon/kill.go).
	directKill = 10 * time.Second
	// early is how much earlier than the grace a SIGKILL may come by the events' clock. Docker begins to wait after the event of
	// the stop signal, and sends the event of SIGKILL when the runtime has sent it (moby, daemon/stop.go and kill.go), so SIGKILL
	// never comes early; but events have the time of the wall clock, which may be adjusted meanwhile.
	early = 100 * time.Millisecond
	// late is how much later than a guessed grace a SIGKILL may come and still be that stop's. The runtime takes its time; but
	// graces are whole seconds, so later than that, another one fits better.
	late = time.Second - early
)

// sigkillExitCode is the exit code of a process that SIGKILL ended, 137.
const sigkillExitCode = 128 + int(value.SIGKILL)

// sigkillByDocker reports whether Docker sent SIGKILL. A stop whose grace ran out sends two signals; where their numbers are
// not known the count decides, and where events are missing, the time.
func (j *judge) sigkillByDocker() bool {
	if j.Signal == value.SIGKILL {
		return true
	}
	if !j.Verb.Stops() {
		return false
	}
	kills, unnumbered := 0, 0
	for _, e := range j.Events {
		if e.Action != "kill" {
			continue
		}
		kills++
		switch e.Signal {
		case value.SIGKILL:
			return true
		case 0:
			unnumbered++
		}
	}
	if kills > 0 {
		return unnumbered > 0 && kills > 1
	}
	return j.EndedAt != nil && j.Grace != nil && *j.Grace >= 0 && *j.EndedAt >= *j.Grace
}

// killedByDocker judges an end by a SIGKILL that Docker sent: the grace of a stop ran out, or a client requested it.
func (j *judge) killedByDocker() Kind {
	if !j.Verb.Stops() || j.Signal == value.SIGKILL {
		j.sender = ByRequest
		return Killed
	}
	stop, kill := j.sentAt()
	switch {
	case kill == nil: // known by the time of the end alone
		return j.graceRanOut()
	case stop == nil:
		return j.withoutStopSignal(*kill)
	case *kill < *stop:
		return j.beforeStopSignal()
	}
	waited := *kill - *stop
	switch {
	case j.GraceGuessed && !j.fitsGuess(*kill):
		return j.afterAnotherGrace(*kill)
	case j.GraceGuessed, j.Grace == nil, *j.Grace >= 0 && waited >= *j.Grace-early:
		return j.graceRanOut()
	}
	j.noteHow("docker events", "another client requested SIGKILL %s into a grace%s", seconds(waited), j.ofGrace())
	j.sender = ByRequest
	return Killed
}

// fitsGuess reports whether a SIGKILL came when the guessed grace ran out after a stop signal. On a busy machine its event may come
// late, but the end that it causes never comes before it.
func (j *judge) fitsGuess(kill time.Duration) bool {
	sent := kill
	if j.EndedAt != nil {
		sent = min(sent, *j.EndedAt)
	}
	return *j.Grace >= 0 && slices.ContainsFunc(j.stopsSent(), func(stop time.Duration) bool {
		return sent-stop >= *j.Grace-early && sent-stop < *j.Grace+late
	})
}

// mayBeLate reports whether a SIGKILL that does not fit the guessed grace may still be that stop's: on a busy machine, the runtime may
// take as long as dockerd waits for it.
func (j *judge) mayBeLate(kill time.Duration) bool {
	return *j.Grace >= 0 && slices.ContainsFunc(j.stopsSent(), func(stop time.Duration) bool {
		return kill-stop >= *j.Grace+late && kill-stop < *j.Grace+directKill
	})
}

func (j *judge) graceRanOut() Kind {
	j.noteHow(j.command(), "the grace%s ran out", j.ofGrace())
	j.ranOut = true
	return Forced
}

// withoutStopSignal judges a stop of which SIGKILL is the only signal.
func (j *judge) withoutStopSignal(kill time.Duration) Kind {
	switch {
	case j.GraceGuessed && !value.ValidSignal(j.Signal): // no event tells when the stop began
	case j.GraceGuessed && j.UnseenSignal != "":
		return j.inconclusive("whether SIGKILL came from docker stop or from docker kill: %s", j.UnseenSignal)
	case j.GraceGuessed:
		j.noteHow("docker events", "no stop signal before SIGKILL: %s could not be sent, or SIGKILL came from a separate kill", j.stopSignal())
		return Killed
	case kill < unsentGrace-early:
		return j.beforeStopSignal()
	}
	j.noteHow("docker events; moby daemon/stop.go", "%s could not be sent: Docker then waits %s, whatever the grace, and sends SIGKILL",
		j.stopSignal(), unsentGrace)
	return Forced
}

// beforeStopSignal judges a SIGKILL that came before the stop signal was sent.
func (j *judge) beforeStopSignal() Kind {
	j.noteHow("docker events", "another client requested SIGKILL before %s was sent", j.stopSignal())
	j.sender = ByRequest
	return Killed
}

// afterAnotherGrace judges a SIGKILL that does not fit the guessed grace: whether it was a stop's is not known.
func (j *judge) afterAnotherGrace(kill time.Duration) Kind {
	if j.UnseenSignal != "" && !j.has("stop") {
		return j.inconclusive("whether SIGKILL, %s after %s, came from docker stop or from docker kill: %s", seconds(kill-j.stopsSent()[0]),
			j.stopSignal(), j.UnseenSignal)
	}
	if j.mayBeLate(kill) {
		return j.inconclusive("whether SIGKILL, %s after %s, came late, after the grace%s, or from a stop with another grace, or from a "+
			"separate kill", seconds(kill-j.stopsSent()[0]), j.stopSignal(), j.ofGrace())
	}
	var waits, graces []string
	for _, stop := range j.stopsSent() {
		if waited := kill - stop; waited >= 0 {
			waits = append(waits, seconds(waited))
			fits := (waited + early) / time.Second * time.Second
			grace := fmt.Sprintf("%d s", fits/time.Second)
			if *j.Grace >= 0 && fits > *j.Grace { // on a busy machine, SIGKILL comes late
				grace += " or less"
			}
			graces = append(graces, grace)
		}
	}
	j.noteHow("docker events", "SIGKILL %s after %s: a stop with a grace of %s, or a separate kill", strings.Join(waits, " and "),
		j.stopSignal(), strings.Join(slices.Compact(graces), " or "))
	return Killed
}

// noteHow notes how SIGKILL came.
func (j *judge) noteHow(source, format string, args ...any) {
	j.note(source, format, args...)
	j.how = j.because[len(j.because)-1].Value
}

// sentAt returns when Docker sent the stop signal and SIGKILL, by its events: the first of each number. Where a label hides the numbers,
// the first event is the stop signal's, and the last one SIGKILL's. Where no event has the stop signal's number, the first of another
// signal takes its place.
func (j *judge) sentAt() (stop, kill *time.Duration) {
	var another *time.Duration
	for i := range j.Events {
		e := &j.Events[i]
		switch {
		case e.Action != "kill":
		case e.Signal == value.SIGKILL:
			if kill == nil {
				kill = &e.At
			}
		case stop == nil && (e.Signal == 0 || e.Signal == j.Signal):
			stop = &e.At
		case e.Signal == 0:
			kill = &e.At
		case another == nil:
			another = &e.At
		}
	}
	if stop == nil {
		stop = another
	}
	return stop, kill
}

// stopsSent returns when Docker sent the stop signal, by its events: each may have begun a grace.
func (j *judge) stopsSent() (all []time.Duration) {
	stop, _ := j.sentAt()
	for _, e := range j.Events {
		if e.Action == "kill" && e.Signal != value.SIGKILL && (e.At == *stop || e.Signal == j.Signal && j.Signal != 0) {
			all = append(all, e.At)
		}
	}
	return all
}

// stopSignal names the signal that the stop begins with.
func (j *judge) stopSignal() string {
	if j.Signal == 0 {
		return "the stop signal"
	}
	return value.SignalName(j.Signal)
}

// ofGrace follows the word grace and says how long it is; "" if that is not known.
func (j *judge) ofGrace() string {
	switch {
	case j.Grace == nil:
		return ""
	case *j.Grace < 0:
		return " without a limit"
	}
	return fmt.Sprintf(" of %s", *j.Grace)
}

func seconds(d time.Duration) string { return fmt.Sprintf("%.2f s", d.Seconds()) }
