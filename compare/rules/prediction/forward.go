package prediction

import (
	"fmt"
	"slices"
	"time"

	"haltscope/compare/rules/verdict"
	"haltscope/compare/value"
)

// throughForwarders follows the signal through the inits and wrappers, and sets the signal of f to the one that arrives. It reports
// whether one arrives; if none does, the outcome is decided.
func (f *Facts) throughForwarders(o *Outcome) bool {
	for i := range f.Target.Forwarders {
		w := &f.Target.Forwarders[i]
		init := Inits[w.Name]
		o.note(init.Source, "%s", init.Text)
		if text := w.groupText(); text != "" {
			o.note("/proc/PID/cmdline, environ", "%s", text)
		}
		if !w.takes(f.Signal) {
			o.note(w.Process.status()+": SigCgt, SigIgn, SigBlk", "%s does not forward %s: the signal acts on %[1]s itself", w.Name,
				value.SignalName(f.Signal))
			f.actsOnForwarder(o, w)
			return false
		}
		if f.waitsForContinue(o, &w.Process) {
			return false
		}
		instead := w.forwards(f.Signal)
		if _, rewritten := w.Options.Rewrites[f.Signal]; rewritten {
			o.note("/proc/PID/cmdline", "its init is configured to forward %s instead of %s", signalOrNothing(instead), value.SignalName(f.Signal))
		} else if instead == 0 {
			o.note(init.Source, "%s takes %s and does not forward it", w.Name, value.SignalName(f.Signal))
		}
		if instead == 0 {
			f.survive(o, NotForwarded)
			return false
		}
		f.Signal = instead
	}
	return true
}

// actsOnForwarder decides what a signal does that an init or a wrapper does not take in order to forward it.
func (f *Facts) actsOnForwarder(o *Outcome, w *Forwarder) {
	if disposition, evidence := w.Process.Disposition(f.Signal, f.Grace); disposition == Blocked || disposition == BlockedNow {
		o.note(evidence.Source, "%s blocks %s, and does not accept it while its child runs", w.Name, value.SignalName(f.Signal))
		f.survive(o, NotForwarded)
		return
	}
	f.deliver(o, &w.Process)
}

func signalOrNothing(signal value.Signal) string {
	if signal == 0 {
		return "nothing"
	}
	return value.SignalName(signal)
}

// killedByForwarder changes the outcome if a wrapper sends SIGKILL some time after the signal, and before the grace has run out.
func (f *Facts) killedByForwarder(o *Outcome) {
	for i := range f.Target.Forwarders {
		w := &f.Target.Forwarders[i]
		after := w.killAfter()
		if after == 0 {
			continue
		}
		waits := Inits[w.Name].KillAfter > 0 // all of it, whatever has ended
		o.note(Inits[w.Name].Source, "%s sends SIGKILL %s after the signal", w.Name, after)
		switch {
		case f.Grace >= 0 && after >= f.Grace && waits:
			f.survive(o, TakesLong)
			o.note(f.GraceFrom, "%s takes %s to end, and the grace is %s", w.Name, after, f.Grace)
			continue
		case f.Grace >= 0 && after >= f.Grace:
			continue
		case waits:
			o.After = &after
		}
		f.replaceForced(o, w, after)
	}
}

// replaceForced replaces an outcome in which the grace runs out: the SIGKILL of a wrapper comes before that.
func (f *Facts) replaceForced(o *Outcome, w *Forwarder, after time.Duration) {
	last := verdict.Forced
	if f.Grace < 0 {
		last = verdict.Inconclusive
		if f.signalOnly {
			last = verdict.RunsOn
		}
	}
	if i := slices.Index(o.Candidates, last); o.Kind == Undecided && i >= 0 {
		o.Candidates[i], o.After = verdict.Killed, &after
		o.DecidedBy = fmt.Sprintf("whether the program ends before %s sends SIGKILL, after %s", w.Name, after)
	} else if o.Kind == last {
		o.Kind, o.After, o.Reason = verdict.Killed, &after, WrapperKills
	}
	if slices.Contains(o.candidates(), verdict.Killed) && !slices.Contains(o.ExitCodes, sigkillExitCode) {
		o.ExitCodes = sortCodes(append(o.ExitCodes, sigkillExitCode))
	}
}

// returned replaces the exit codes of the program by what the inits and wrappers return in their place.
func (f *Facts) returned(o *Outcome) {
	r := &f.Target
	codes := []int{}
	for _, code := range o.ExitCodes {
		instead := r.Returned(code, f.Signal)
		if code == sigkillExitCode && o.Allows(verdict.Forced) {
			instead = code // Docker's SIGKILL ends them as well
		}
		if instead != code {
			changed := Evidence{"/proc/PID/cmdline", fmt.Sprintf("%s returns %d in place of %d", r.Init, instead, code)}
			o.Because = slices.Insert(o.Because, max(len(o.Because)-1, 0), changed)
		}
		codes = append(codes, instead)
	}
	if none, failure := r.Returned(0, f.Signal), r.Returned(1, f.Signal); o.OwnExitCode && none == failure {
		o.OwnExitCode = false // it returns the same, whatever the program returned
		codes = append(codes, none)
	}
	if slices.ContainsFunc(r.Forwarders, func(w Forwarder) bool { return Inits[w.Name].OwnCode }) {
		o.OwnExitCode = true
	}
	if len(codes) > 0 {
		o.ExitCodes = sortCodes(codes)
	}
}
