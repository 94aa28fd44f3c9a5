package past

import (
	"fmt"
	"time"

	"haltscope/compare/value"
)

// OOMSignal is a signal of a program that makes room in memory before the kernel does: systemd-oomd or earlyoom. Neither Docker nor the
// kernel counts it.
type OOMSignal struct {
	At     time.Time
	Signal value.Signal
	By     string
	Source string
	Text   string // what it logged

	// Whole: it went to all processes of the container. Or else it went to one process of any container or of none, which is not logged.
	Whole bool
	Done  bool // of a whole container: it was sent, and not only announced
	PID   int
	Name  string
}

// CoreDump is a process of the container that a signal has ended whose action is to dump core.
type CoreDump struct {
	At     time.Time // in whole seconds
	Source string
	Signal value.Signal
	PID    int
	Name   string
}

// noteUserSpace notes what programs other than Docker have logged.
func (j *judge) noteUserSpace() {
	for i := range j.Dumps {
		d := &j.Dumps[i]
		j.observe(d.Source+": core dump", &d.At, "%s (pid %d) dumped core on %s", d.Name, d.PID, value.SignalName(d.Signal))
	}
	for i := range j.OOMSignals {
		s := &j.OOMSignals[i]
		text := s.Text
		if !s.Whole {
			text += " (" + s.By + " does not log of which container)"
		}
		j.observe(s.Source+": "+s.By, &s.At, "%s", text)
	}
}

// elsewhere reports whether a signal went to another program than that of the container, as far as that is known.
func (j *judge) elsewhere(s OOMSignal) bool {
	return !s.Whole && !j.isProgram(s.Name) && !j.mayBeProgram()
}

// dumped says which process dumped core on a signal; "" if none is known to have.
func (j *judge) dumped(signal value.Signal) string {
	for i := range j.Dumps {
		if d := &j.Dumps[i]; d.Signal == signal {
			return fmt.Sprintf("%s (pid %d) dumped core on %s", d.Name, d.PID, value.SignalName(signal))
		}
	}
	return ""
}

// oomSignal judges an end with exit code 137 by SIGKILL of systemd-oomd or earlyoom. ok is false if neither is known to have sent one that
// may have ended it.
func (j *judge) oomSignal() (kind value.Kind, confidence value.Confidence, ok bool) {
	for i := range j.OOMSignals {
		s := &j.OOMSignals[i]
		switch {
		case s.Signal != value.SIGKILL:
		case s.Whole:
			j.how = fmt.Sprintf("%s sent SIGKILL to all of its processes", s.By)
			if s.Done {
				return value.Killed, value.Certain, true
			}
			return value.Killed, value.Likely, true
		case !j.mayBeProgram(): // it has the program's name
			j.how = fmt.Sprintf("%s sent SIGKILL to %s (pid %d)", s.By, s.Name, s.PID)
			return value.Killed, value.Likely, true
		default:
			kind, confidence = j.inconclusive("whether SIGKILL of %s ended it, which went to %s (pid %d): %s does not log of which container",
				s.By, s.Name, s.PID, s.By)
			return kind, confidence, true
		}
	}
	return "", "", false
}

// asksToEnd returns a signal of earlyoom's that may have asked the program to end; nil for none.
func (j *judge) asksToEnd() *OOMSignal {
	for i := range j.OOMSignals {
		if s := &j.OOMSignals[i]; !s.Whole {
			return s
		}
	}
	return nil
}

// isProgram reports whether the first process of the container is a program of this name.
func (j *judge) isProgram(name string) bool {
	c := &j.Container
	return !j.mayBeProgram() && name == comm(c.Program)
}

// mayBeProgram reports whether the name of the container's program is not known.
func (j *judge) mayBeProgram() bool {
	c := &j.Container
	return !c.Known || c.Shell || c.Front != ""
}
