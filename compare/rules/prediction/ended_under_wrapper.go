package prediction

import (
	"fmt"
	"slices"
	"time"

	"haltscope/compare/rules/verdict"
)

// endedUnderWrapper changes the outcome of a signal target that the signal ends at once, and that does nothing but wait for programs:
// the container is there for those. What has not ended by then is killed with the container's first process.
func (f *Facts) endedUnderWrapper(o *Outcome) {
	if o.Kind != verdict.Terminated || len(f.Programs) == 0 || f.Target.toAll(f.Signal) != nil {
		return
	}
	wrapper := f.Target.Process().label()
	o.Reason = WaitsForOthers
	race := "" // a program that handles the signal
	for i := range f.Programs {
		p := &f.Programs[i]
		source := fmt.Sprintf("/proc/%d/stat", p.PID)
		may, does := f.programMay(p)
		switch {
		case !f.Target.signals(p.PID):
			o.Kind = verdict.Killed
			o.note(source, "%s, which %s waits for, gets no signal, and is killed with SIGKILL once that has ended", p.Name, wrapper)
			return
		case len(may) == 1: // killed
			o.Kind = verdict.Killed
			o.note(source+": pgrp", "%s gets the signal as well, and %s: it is killed with SIGKILL once %s has ended", p.Name, does, wrapper)
			return
		case slices.Contains(may, verdict.Graceful):
			race = p.Name
			o.note(source+": pgrp", "%s, which %s, gets the signal as well, and has time until %s has ended", p.Name, does, wrapper)
		}
	}
	if race != "" {
		codes, after := o.ExitCodes, time.Duration(0)
		f.undecided(o, fmt.Sprintf("whether %s ends before %s has, which the signal ends at once", race, wrapper), verdict.Killed,
			verdict.Graceful)
		o.ExitCodes, o.OwnExitCode, o.After = codes, false, &after
	}
}
