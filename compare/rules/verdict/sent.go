package verdict

import (
	"slices"
	"time"

	"haltscope/compare/value"
)

// Sent are the signals to the processes of a container, as the kernel reported them when they were sent.
type Sent struct {
	Signals    []SentSignal // in the order of time
	Program    int          // the PID of the program under the init that is the first process; 0 for none known
	Incomplete string       // why some may be missing; "" if they are complete
}

// SentSignal is one signal that was pending afterwards.
type SentSignal struct {
	Signal value.Signal
	At     time.Duration // since the command began
	To     int           // the PID of the process that it was for
	First  bool          // that is the container's first process
	By     Origin
	From   string // who sent it, to follow "from"
	Number int    // the caller's, for what else it knows of the sender
}

// Origin is where a signal comes from.
type Origin string

// The origins.
const (
	FromDocker  Origin = "docker"  // its runtime, its shim, or a daemon
	FromWithin  Origin = "within"  // another process of the same container, or the process itself
	FromFault   Origin = "fault"   // the process did something impossible
	FromKernel  Origin = "kernel"  // on its own account: the OOM killer, the end of a PID namespace, a terminal
	FromOutside Origin = "outside" // any other process
)

// sentSource is the source of what the kernel reported of signals.
const sentSource = "tracepoint signal:signal_generate"

// sigkillTo returns the first SIGKILL to a process: the one that ended it. Later ones found it ending.
func (s *Sent) sigkillTo(reaches func(*SentSignal) bool) *SentSignal {
	if s == nil {
		return nil
	}
	for i := range s.Signals {
		if one := &s.Signals[i]; one.Signal == value.SIGKILL && reaches(one) {
			return one
		}
	}
	return nil
}

func toFirst(s *SentSignal) bool { return s.First }

// noSIGKILL reports whether it is certain that no SIGKILL came to a process.
func (s *Sent) noSIGKILL(reaches func(*SentSignal) bool) bool {
	return s != nil && s.Incomplete == "" && s.sigkillTo(reaches) == nil
}

// byProcess reports whether a signal came from a process that is neither Docker's nor the one that it was for in its own fault.
func (s *SentSignal) byProcess() bool { return s != nil && (s.By == FromOutside || s.By == FromWithin) }

// waitFromSent returns how a process ended that Docker says ended with exit code 137, where the kernel did not say how: by SIGKILL if one
// was sent to it, and else by itself. It returns nil where that is not known.
func (j *judge) waitFromSent(code int, reaches func(*SentSignal) bool) *value.WaitStatus {
	if code != sigkillExitCode || j.Sent == nil {
		return nil
	}
	if kill := j.Sent.sigkillTo(reaches); kill != nil {
		j.noteAt(kill.At, sentSource, "SIGKILL to it from %s", kill.From)
		killed := value.WaitStatus(value.SIGKILL)
		return &killed
	}
	if j.Sent.noSIGKILL(reaches) {
		j.note(sentSource, "no SIGKILL was sent to it")
		returned := value.WaitStatus(code << 8)
		return &returned
	}
	return nil
}

// outsideKiller returns the SIGKILL that ended the run, if neither Docker nor the kernel sent it; nil if one of them did, or if that is
// not known. Under an init, the program counts.
func (j *judge) outsideKiller() *SentSignal {
	if j.Sent == nil {
		return nil
	}
	var kill *SentSignal
	if j.Wait != nil && j.bySIGKILL() {
		kill = j.Sent.sigkillTo(toFirst)
	}
	if kill == nil && j.State.ExitCode == sigkillExitCode {
		kill = j.Sent.sigkillTo(j.toProgram) // an init returns 137 for that
	}
	if !kill.byProcess() {
		return nil
	}
	return kill
}

// toProgram reports whether a signal was for the program under an init.
func (j *judge) toProgram(s *SentSignal) bool {
	return j.Sent.Program != 0 && s.To == j.Sent.Program || j.Target != nil && j.Target.Init != "" && s.To == j.Target.PID
}

// killedBy judges an end by a SIGKILL whose sender is known.
func (j *judge) killedBy(kill *SentSignal, requested bool) Kind {
	j.sender = Outside
	if kill.By == FromWithin {
		j.sender = Within
	}
	during := ""
	if requested && j.Verb.Stops() && kill.At >= 0 {
		during = ", " + seconds(kill.At) + " into a grace" + j.ofGrace()
	}
	j.noteAt(kill.At, sentSource, "SIGKILL from %s%s", kill.From, during)
	j.how = j.because[len(j.because)-1].Value
	return Killed
}

// defaultActionOf judges an end by another signal than SIGKILL that a process sent which is not Docker's. ok is false if none did.
func (j *judge) defaultActionOf() (kind Kind, ok bool) {
	if j.Wait == nil || !j.Wait.Signaled() || j.Wait.Signal() == value.SIGKILL || j.Sent == nil {
		return "", false
	}
	for _, s := range slices.Backward(j.Sent.Signals) {
		if !s.First || s.Signal != j.Wait.Signal() {
			continue
		}
		if s.By != FromOutside {
			return "", false
		}
		j.noteAt(s.At, sentSource, "%s from %s", value.SignalName(s.Signal), s.From)
		j.how = j.because[len(j.because)-1].Value
		return Terminated, true
	}
	return "", false
}

// lately is how long before an end a signal may have come that its handler acted on.
const lately = 2 * time.Second

// sentBy returns the signal that ended the run, or that its program acted on; nil if none did, or that is not known.
func (j *judge) sentBy(kind Kind) *SentSignal {
	if j.Sent == nil {
		return nil
	}
	switch kind {
	case Killed, Forced, OOMKilled:
		return j.Sent.sigkillTo(func(s *SentSignal) bool { return s.First || j.toProgram(s) })
	case Graceful, FailedStopping, Terminated, Crashed, Exited, Inconclusive:
		return j.actedOn()
	}
	return nil
}

// actedOn returns the last signal to the first process that had a part in its end.
func (j *judge) actedOn() (last *SentSignal) {
	wait, end := j.first.wait, time.Duration(0) // a run that nobody asked to end is judged from its end
	if j.EndedAt != nil {
		end = *j.EndedAt
	}
	knownEnd := j.EndedAt != nil || !j.has("kill")
	for i := range j.Sent.Signals {
		s := &j.Sent.Signals[i]
		ended := wait != nil && wait.Signaled() && s.Signal == wait.Signal()
		asked := s.Signal == j.Signal && j.Signal != 0 && !j.byItselfOnly
		handled := s.By == FromOutside && knownEnd && end >= s.At && end-s.At < lately
		if s.First && (ended || asked || handled) {
			last = s
		}
	}
	return last
}
