package verdict

import (
	"fmt"
	"math"
	"time"

	"golang.org/x/sys/unix"
)

// Sender is who sent the SIGKILL of a [Killed] run.
type Sender string

const (
	ByRequest Sender = "request"  // Docker, because a client asked for it
	ByDaemon  Sender = "daemon"   // dockerd itself, because the runtime sent no signal
	ByCleanUp Sender = "clean-up" // containerd, which ends what a lost shim leaves behind
	Outside   Sender = "outside"  // not Docker: another process
	Unknown   Sender = ""
)

// Shim is the process between containerd and a container, which waits for the end of the container's first process and
// reports its exit code.
type Shim struct {
	PID int
	// LostAt is when it ended, if that was before the first process did; nil if it lived to see that end.
	LostAt *time.Duration
}

const (
	// unsentGrace is what Docker waits in place of the grace when the stop signal could not be sent (moby, daemon/stop.go).
	unsentGrace = 2 * time.Second
	// directKill is what dockerd waits for its runtime's SIGKILL before it sends one itself (moby, daemon/kill.go).
	directKill = 10 * time.Second
	// early is how much earlier than the grace a SIGKILL may come by the events' clock.
	early = 100 * time.Millisecond
)

// SignalName is a signal's name, or its number where it has none.
func SignalName(signal int) string {
	if name := unix.SignalName(unix.Signal(signal)); name != "" {
		return name
	}
	return fmt.Sprintf("signal %d", signal)
}

// killedByDocker judges an end by a SIGKILL that Docker sent: the grace of a stop ran out, or a client asked for it.
func (j *judge) killedByDocker() Kind {
	if !j.stops() || j.Signal == sigkill {
		j.sender = ByRequest
		return Killed
	}
	stop, kill := j.sentAt()
	switch {
	case kill == nil:
		j.noteHow("docker "+j.Verb, "the grace%s ran out", j.ofGrace()) // by the time of the end alone
		return Forced
	case stop == nil && j.GraceGuessed:
		j.noteHow("docker events", "no stop signal before SIGKILL: %s could not be sent, or SIGKILL is a separate kill's", j.stopSignal())
		return Forced
	case stop == nil && *kill < unsentGrace-early, stop != nil && *kill < *stop:
		j.noteHow("docker events", "SIGKILL, requested by another client before %s was sent", j.stopSignal())
		j.sender = ByRequest
		return Killed
	case stop == nil:
		j.noteHow("docker events; moby daemon/stop.go", "%s could not be sent: Docker then waits %s, whatever the grace, and sends SIGKILL", j.stopSignal(), unsentGrace)
		return Forced
	}
	waited := *kill - *stop
	ranOut := j.Grace != nil && *j.Grace >= 0 && waited >= *j.Grace-early
	asGuessed := ranOut && waited <= *j.Grace+time.Second
	switch {
	case j.GraceGuessed && !asGuessed && j.UnseenSignal != "" && !j.has("stop"):
		return j.inconclusive("whether SIGKILL, %s after %s, was that of a docker stop or of a docker kill: %s", seconds(waited), j.stopSignal(), j.UnseenSignal)
	case j.GraceGuessed && !asGuessed:
		j.noteHow("docker events", "SIGKILL %s after %s: a stop with a grace of %.0f s, or a separate kill", seconds(waited), j.stopSignal(), math.Round(waited.Seconds()))
		return Forced
	case ranOut || j.Grace == nil:
		j.noteHow("docker "+j.Verb, "the grace%s ran out", j.ofGrace())
		return Forced
	}
	j.noteHow("docker events", "SIGKILL, requested by another client %s into a grace%s", seconds(waited), j.ofGrace())
	j.sender = ByRequest
	return Killed
}

// how notes how SIGKILL came.
func (j *judge) noteHow(source, format string, args ...any) {
	j.note(source, format, args...)
	j.how = j.because[len(j.because)-1].Value
}

// sentAt is when Docker sent the stop signal and SIGKILL, by its events. Where a label hides the numbers, the first is the
// stop signal, and the last SIGKILL.
func (j *judge) sentAt() (stop, kill *time.Duration) {
	var other *time.Duration
	for i := range j.Events {
		e := &j.Events[i]
		switch {
		case e.Action != "kill":
		case e.Signal == sigkill:
			if kill == nil {
				kill = &e.At
			}
		case stop == nil && (e.Signal == 0 || e.Signal == j.Signal):
			stop = &e.At
		case e.Signal == 0:
			kill = &e.At
		case other == nil:
			other = &e.At
		}
	}
	if stop == nil {
		stop = other
	}
	return stop, kill
}

// stopSignal names the signal that the stop begins with.
func (j *judge) stopSignal() string {
	if j.Signal == 0 {
		return "the stop signal"
	}
	return SignalName(j.Signal)
}

// ofGrace follows the word grace and says how long it is; "" if that is not known.
func (j *judge) ofGrace() string {
	switch {
	case j.Grace == nil:
		return ""
	case *j.Grace < 0:
		return " without end"
	}
	return fmt.Sprintf(" of %s", *j.Grace)
}

func seconds(d time.Duration) string { return fmt.Sprintf("%.2f s", d.Seconds()) }

// byDaemon reports whether dockerd itself ended the run: the runtime sent no SIGKILL, and dockerd does so by itself once it
// has waited for that.
func (j *judge) byDaemon() bool {
	asked := j.stops() || j.Verb == "rm" || j.Verb == "kill" && j.Signal == sigkill
	if !asked || j.EventsError != "" || j.EndedAt == nil || j.ReturnedAt == nil || *j.ReturnedAt < *j.EndedAt {
		return false
	}
	stop, kill := j.sentAt()
	before := time.Duration(0)
	switch {
	case kill != nil:
		return false
	case j.stops() && stop == nil:
		before = unsentGrace
	case j.stops() && (j.Grace == nil || *j.Grace < 0):
		return false
	case j.stops():
		before = *j.Grace
	}
	return *j.EndedAt >= before+directKill-early
}

// notByDocker judges an end by SIGKILL of which Docker's events do not tell.
func (j *judge) notByDocker(asked bool) Kind {
	switch {
	case j.PendingKill != nil:
		j.because = append(j.because, *j.PendingKill)
		j.noteHow("docker events", "no SIGKILL of Docker's since: the one that was pending took effect on the thaw")
	case j.byDaemon():
		j.noteHow("docker events; moby daemon/kill.go", "no SIGKILL that the runtime sent: dockerd waits %s for that, and then sends SIGKILL itself", directKill)
		j.sender = ByDaemon
		if j.stops() {
			return Forced
		}
	case j.has("stop") && !j.has("kill") && j.EventsError == "" && j.ReturnedAt == nil:
		j.noteHow("docker events", "a stop without any signal: the runtime sent none, and dockerd sent SIGKILL itself, or it came from outside")
	case asked && j.stops() && j.EndedAt != nil:
		j.noteHow("docker events", "no SIGKILL of Docker's: it came from outside, %s into a grace%s", seconds(*j.EndedAt), j.ofGrace())
		j.sender = Outside
	default:
		j.noteHow("docker events", "no SIGKILL of Docker's: it came from outside")
		j.sender = Outside
	}
	return Killed
}

// shimLost judges an end after that of the shim, whose exit code nobody has waited for: Docker's is made up by the
// clean-up. Where the kernel tells how the run ended by itself meanwhile, that decides, and ok is false.
func (j *judge) shimLost() (kind Kind, ok bool) {
	if j.Shim == nil || j.Shim.LostAt == nil {
		return "", false
	}
	j.noteAt(*j.Shim.LostAt, "pidfd", "its shim, process %d, has ended before it", j.Shim.PID)
	if j.returnedCode || j.Wait != nil && int(j.Wait.Signal()) != sigkill {
		return "", false
	}
	if j.Wait == nil {
		j.note(j.State.source(), "exit code %d is not the program's: without its shim nobody has waited for it, and the clean-up makes one up", j.State.ExitCode)
	}
	j.noteHow("containerd", "its shim has ended, and containerd ends by SIGKILL what a lost shim leaves behind")
	j.sender = ByCleanUp
	return Killed, true
}

// MadeUp reports whether an exit code of Docker's is not the program's, for the kernel's wait status says otherwise, and
// returns the one that is. Docker writes 255 where it lost the shim or the runtime took a run for ended, and some engines
// write 0.
func RealExitCode(code int, wait *unix.WaitStatus) (real int, madeUp bool) {
	if wait == nil || code != 255 && code != 0 {
		return code, false
	}
	real = wait.ExitStatus()
	if wait.Signaled() {
		real = 128 + int(wait.Signal())
	}
	return real, real != code
}
