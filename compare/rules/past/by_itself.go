package past

import (
	"slices"

	"haltscope/compare/rules/verdict"
	"haltscope/compare/value"
)

// byItself judges an end that Docker was not asked for.
func (j *judge) byItself() (value.Kind, value.Confidence) {
	code := *j.Code
	if old := j.oldSignal(); old != nil {
		before := value.Age(value.Milliseconds(j.EndedAt.Sub(old.At)))
		return j.inconclusive("whether %s, %s before, ended it", signalText(old.Signal), before)
	}
	switch {
	case code == 0:
		if !j.Container.ZeroIsReal {
			return value.Exited, value.Likely // some engines write 0 where they lose the shim
		}
		return value.Exited, value.Certain
	case code == 255:
		return j.inconclusive("whether the program returned 255, or Docker made that code up, as it does when it loses the container's shim")
	case slices.Contains(verdict.RebootExitCodes(), code) && (j.Container.Front != "" || !j.Container.Known):
		return j.inconclusive("whether reboot(2) ended it, a signal from outside Docker, or the program returned %d", code)
	case code > 128 && value.ValidSignal(value.Signal(code-128)):
		j.how = "with the code of " + value.SignalName(value.Signal(code-128)) + ", which Docker did not send"
		return value.Crashed, value.Likely
	}
	return value.Crashed, value.Certain
}

// oldSignal returns the last signal that may have asked for the end, though so long before that it seemed to have no effect; nil for
// none.
func (j *judge) oldSignal() *Event {
	kills := j.kills()
	for i := range slices.Backward(kills) {
		if e := &kills[i]; j.EndedAt != nil && (e.Signal == 0 || j.mayStop(e.Signal)) {
			return e
		}
	}
	return nil
}
