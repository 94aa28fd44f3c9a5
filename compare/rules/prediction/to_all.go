package prediction

import (
	"fmt"
	"slices"
	"strings"

	"haltscope/compare/rules/verdict"
	"haltscope/compare/value"
)

// ToAll returns what the signal target does to all other processes when a signal is sent to the container; nil if it does nothing of
// that kind.
func (r *SignalTarget) ToAll(sent value.Signal) *ToAll { return r.toAll(r.Delivered(sent)) }

// toAll is [SignalTarget.ToAll] for the signal that arrives.
func (r *SignalTarget) toAll(signal value.Signal) *ToAll {
	init, p := Inits[r.Supervisor], r.Process()
	if p == nil || init.ToAll == nil || !slices.Contains(init.EndsOn, signal) || !takes(r.Supervisor, p, signal) {
		return nil
	}
	return init.ToAll
}

// Told returns the signal that the programs under the signal target get when one is sent to the container: that which arrives, if it is
// not known to send another one to all.
func (r *SignalTarget) Told(sent value.Signal) value.Signal { return r.told(r.Delivered(sent)) }

func (r *SignalTarget) told(signal value.Signal) value.Signal {
	if all := r.toAll(signal); all != nil {
		return all.Signal
	}
	return signal
}

// signalsAll decides what a signal does on which a supervisor signals all processes and ends.
func (f *Facts) signalsAll(o *Outcome, p *Process, all *ToAll) {
	name := f.Target.Supervisor
	if all.Takes > 0 && f.Grace >= 0 && f.Grace <= all.Takes {
		f.survive(o, ServicesFirst)
		o.note(f.GraceFrom, "%s takes %s to end, and the grace is %s", name, all.Takes, f.Grace)
		return
	}
	kinds := f.programKinds(o)
	if len(kinds) == 0 {
		kinds = []verdict.Kind{verdict.Graceful}
	}
	var open []string
	if len(kinds) > 1 {
		open = append(open, fmt.Sprintf("whether %s ends within %s of %s, before %s sends SIGKILL", f.Programs[0].Name, all.KillAfter,
			value.SignalName(all.Signal), name))
	}
	decided := f.endsInTime(o, p, all)
	if !decided {
		kinds = append(kinds, verdict.Forced)
		open = append(open, "how long "+name+" takes to stop everything else")
	}
	if len(kinds) == 1 {
		takes := all.Takes
		o.Kind, o.After = kinds[0], &takes
	} else {
		f.undecided(o, strings.Join(open, ", and ")+f.ofStop(onTwin), kinds...)
	}
	o.OwnExitCode, o.ExitCodes = false, []int{0}
	if p.CanReboot {
		o.ExitCodes = verdict.RebootExitCodes()
		o.note("reboot(2)", "a container that shuts down by it has one of these exit codes: %v", verdict.RebootExitCodes())
	}
	if !decided && f.Grace >= 0 {
		o.ExitCodes = append(o.ExitCodes, sigkillExitCode)
	}
	o.ExitCodes = sortCodes(o.ExitCodes)
}

// endsInTime reports whether a supervisor is known to take no longer than [ToAll] says. Versions of busybox init that catch their signals,
// instead of waiting for them, may go on where they must not reboot.
func (f *Facts) endsInTime(o *Outcome, p *Process, all *ToAll) bool {
	actions := f.Target.ShutdownActions
	if all.Takes == 0 || actions == nil || *actions > 0 || p.Caught.Has(f.Signal) && !p.CanReboot {
		return false
	}
	if f.Grace >= 0 && f.Grace < 2*all.Takes {
		o.note(f.GraceFrom, "it calls sync(2), which takes longer while much is to be written, and the grace of %s leaves little room",
			f.Grace)
		return false
	}
	o.note("/proc/PID/root", "/etc/inittab has no shutdown action now")
	return true
}

// inTurnConsequences say what becomes of the processes that a supervisor signals as it ends.
func (f *Facts) inTurnConsequences() []Evidence {
	all := f.Target.ToAll(f.Signal)
	if all == nil || len(f.InTurn) == 0 {
		return nil
	}
	get, have, are := "get", "have", "are"
	if len(f.InTurn) == 1 {
		get, have, are = "gets", "has", "is"
	}
	text := fmt.Sprintf("%s sends %s to all processes as it ends. %s %s it, %s %s to end, and %s then killed with SIGKILL.",
		f.Target.Supervisor, value.SignalName(all.Signal), strings.Join(listed(f.InTurn), ", "), get, have, all.KillAfter, are)
	return []Evidence{{"cgroup.procs", text}}
}
