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
		switch {
		case s.Whole:
		case j.otherName(s):
			text += fmt.Sprintf(" (%s does not log of which container; the container's program is %s)", s.By, j.Container.Program)
		default:
			text += " (" + s.By + " does not log of which container)"
		}
		j.observe(s.Source+": "+s.By, &s.At, "%s", text)
	}
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
// may have ended it. Of several, the one decides of which most is known.
func (j *judge) oomSignal() (kind value.Kind, confidence value.Confidence, ok bool) {
	if s := j.sigkillBy(func(s *OOMSignal) bool { return s.Whole && s.Done }); s != nil {
		j.how = sentToAll(s)
		return value.Killed, value.Certain, true
	}
	if s := j.sigkillBy(func(s *OOMSignal) bool { return s.Whole }); s != nil {
		j.how = s.By + " had marked all of its processes for SIGKILL"
		return value.Killed, value.Likely, true
	}
	if s := j.sigkillBy(j.isProgram); s != nil {
		j.how = fmt.Sprintf("%s sent SIGKILL to %s (pid %d)", s.By, s.Name, s.PID)
		return value.Killed, value.Likely, true
	}
	if s := j.sigkillBy(func(*OOMSignal) bool { return true }); s != nil {
		kind, confidence = j.mayHaveEnded(s)
		return kind, confidence, true
	}
	return "", "", false
}

// sigkillBy returns the first SIGKILL of systemd-oomd or earlyoom that is such; nil for none.
func (j *judge) sigkillBy(such func(*OOMSignal) bool) *OOMSignal {
	for i := range j.OOMSignals {
		if s := &j.OOMSignals[i]; s.Signal == value.SIGKILL && such(s) {
			return s
		}
	}
	return nil
}

func sentToAll(s *OOMSignal) string { return s.By + " sent SIGKILL to all of its processes" }

// mayHaveEnded judges an end by a signal of which it is not known whether it went to the container.
func (j *judge) mayHaveEnded(s *OOMSignal) (value.Kind, value.Confidence) {
	return j.inconclusive("whether %s of %s ended it, which went to %s (pid %d): %s does not log of which container",
		value.SignalName(s.Signal), s.By, s.Name, s.PID, s.By)
}

// asksToEnd returns a signal of earlyoom's that may have asked the program to end, first of all one to a process that may be it by its
// name; nil for none.
func (j *judge) asksToEnd() (found *OOMSignal) {
	for i := range j.OOMSignals {
		switch s := &j.OOMSignals[i]; {
		case s.Whole:
		case !j.otherName(s):
			return s
		case found == nil:
			found = s
		}
	}
	return found
}

// isProgram reports whether a signal went to a process with the name of the container's program.
func (j *judge) isProgram(s *OOMSignal) bool {
	return !s.Whole && j.namesProgram() && s.Name == comm(j.Container.Program)
}

// otherName reports whether a signal went to a process with another name than that of the container's program. It may still be of the
// container: the program may have started it, may have executed it, or may have renamed itself.
func (j *judge) otherName(s *OOMSignal) bool {
	return !s.Whole && j.namesProgram() && s.Name != comm(j.Container.Program)
}

// namesProgram reports whether the name of the container's program is known.
func (j *judge) namesProgram() bool {
	c := &j.Container
	return c.Known && !c.Shell && c.Front == ""
}
