package watch

import (
	"fmt"
	"time"

	"golang.org/x/sys/unix"

	"haltscope/compare/rules/verdict"
	"haltscope/compare/value"
)

// endLine writes how a run ended.
func (t *Timeline) endLine(r *run) Line {
	t.claimPastVictims(r)
	f, base := t.endFacts(r)
	v := verdict.Judge(f)
	line := t.line(r.endedAt(), endAction(r, f, v), v.Kind, "", v.Because...)
	line.Missing = v.Missing
	madeUp := f.Shim != nil && f.Shim.LostAt != nil && f.Wait == nil // by Docker, which had lost the shim
	if f.State != nil && !madeUp {
		code, _ := verdict.RealExitCode(f.State.ExitCode, f.Wait)
		line.ExitCode = &code
	}
	for _, e := range f.Events {
		if e.Action == "kill" {
			line.Signals = append(line.Signals, e.Signal)
		}
	}
	line.addDuration(r, f, base)
	t.addEndOOM(r, &line, f.OOMKills)
	redacted := v
	sender := t.sentBy(r, &v, base)
	asked := t.endAskedBy(r, &v)
	line.SentBy, line.AskedBy = &sender, &asked.by
	if f.Target != nil || f.NamespaceEnd != nil || f.Sent != nil {
		redacted = verdict.Judge(t.withoutNames(f, r, base))
		line.RedactedBecause = redacted.Because
	}
	if r.end.source == sourceKernel && r.answeredSinceExit() {
		line.addBecause(verdict.Observation{Source: sourceInspect, Value: "running, after the end"})
	}
	if r.aliveAt != nil && r.end.source == sourceKernel {
		line.addBecause(verdict.Observation{Source: sourceKernel, Value: "it ended while haltscope did not run, at some time in the " +
			value.Age(value.Milliseconds(r.exitedAt.Sub(line.At))) + " after this one"})
	}
	besides := r.unconfirmedText(v.Kind)
	if held, ok := r.heldUpFor(); ok {
		besides += "; its PID namespace was held up for " + value.Duration(value.Milliseconds(held))
	}
	if off := t.policyWasOff(r, v); off != nil {
		besides += "; " + off.text("was off")
		line.addBecause(off.because)
	}
	line.setMessage(func(names bool) string {
		besides := besides
		if asked.text != nil {
			besides += asked.text(names)
		}
		if names {
			return endMessage(v, f, line, names) + besides
		}
		return endMessage(redacted, f, line, names) + besides
	})
	return line
}

// addBecause adds an observation without names.
func (l *Line) addBecause(o verdict.Observation) {
	l.Because = append(l.Because, o)
	if l.RedactedBecause != nil {
		l.RedactedBecause = append(l.RedactedBecause, o)
	}
}

// addDuration adds how long an end took since the signal that caused it. Others may have been sent before.
func (l *Line) addDuration(r *run, f verdict.Facts, base time.Time) {
	took := r.end.at.Sub(base)
	if f.EndedAt != nil {
		took = *f.EndedAt
	}
	if f.Verb == value.Kill {
		took -= sentAt(f.Events, f.Signal)
	}
	if len(l.Signals) == 0 || took < 0 || r.aliveAt != nil && r.end.source == sourceKernel {
		return
	}
	l.Duration, l.took = &took, "after"
	if r.exitingAt != nil {
		l.took = "within" // it was seen to be ending then
	}
}

// withoutNames returns the facts without the names of programs and of other containers.
func (t *Timeline) withoutNames(f verdict.Facts, r *run, base time.Time) verdict.Facts {
	if f.Target != nil {
		f.Target = r.dispositions.WithoutNames().For(f.Signal)
	}
	f.NamespaceEnd = t.namespaceEnded(r, base, false)
	f.Sent = t.sentFacts(r, base, false)
	return f
}

// sentAt returns when a signal was first sent, since the first of all; 0 if its number is not known.
func sentAt(events []verdict.Event, signal unix.Signal) time.Duration {
	for _, e := range events {
		if e.Action == "kill" && e.Signal == signal {
			return e.At
		}
	}
	return 0
}

// endAction is the action that ended a run: stop, kill, or die if nobody asked for it.
func endAction(r *run, f verdict.Facts, v verdict.Verdict) string {
	switch {
	case v.ByItself && (!r.stopEvent || len(r.signals) == 0): // no signal had a part in it, or a stop came too late to send one
		return "die"
	case r.stopEvent:
		return "stop"
	case f.Verb == value.Stop && v.Kind == verdict.Inconclusive: // whether it was a stop is what is missing
		return "kill"
	case f.Verb != "":
		return string(f.Verb)
	}
	return "die"
}

func endMessage(v verdict.Verdict, f verdict.Facts, line Line, names bool) string {
	switch {
	case v.Kind == verdict.OOMKilled:
		return "killed by the OOM killer" + oomText(line.OOM, line.OOMKills, names) + "; " + exitCodeText(line)
	case line.OOM != nil:
		return endText(v, f, line) + "; before that, " + oomKilledText(line.OOM, line.OOMKills, names)
	}
	return endText(v, f, line)
}

func exitCodeText(line Line) string {
	if line.ExitCode == nil {
		return "exit code unknown"
	}
	return fmt.Sprintf("exit code %d", *line.ExitCode)
}

// endText says how a run ended, except by the OOM killer.
func endText(v verdict.Verdict, f verdict.Facts, line Line) string {
	code, after := exitCodeText(line), ""
	if line.Duration != nil {
		after = " " + line.took + " " + value.Duration(value.Milliseconds(*line.Duration))
	}
	if v.Reboot {
		code = "by reboot(2), " + code
	}
	switch v.Kind {
	case verdict.Graceful:
		if v.Doubt != "" {
			code += "; that is a wrapper's end: how the program under it ended was not observed"
		}
		return "ended gracefully" + after + ", " + code
	case verdict.FailedStopping:
		return "failed while stopping" + after + ", " + code
	case verdict.Terminated:
		if v.How != "" {
			return "ended by the default action of a signal: " + v.How + "; none of the program's code ran, " + code
		}
		return "ended" + after + " by the signal's default action: none of the program's code ran, " + code
	case verdict.Forced:
		if v.GraceRanOut {
			return "forced: " + v.How + ", SIGKILL, " + code
		}
		return "forced: " + v.How + ", " + code
	case verdict.Killed:
		switch {
		case v.Sender == verdict.ByRequest && v.How == "":
			return "killed by request" + after + ", " + code
		}
		return "killed: " + v.How + ", " + code
	case verdict.Exited:
		return "ended by itself, " + code + outsideText(v, f)
	case verdict.Crashed:
		return crashText(f, line) + outsideText(v, f)
	}
	how := "ended"
	if f.Wait != nil && f.Wait.Signaled() {
		how += " on " + signalText(f.Wait.Signal())
	}
	return how + ", " + code + "; cause unknown: " + v.Missing
}

// outsideText says which signal from outside Docker a run may have acted on that ended by itself.
func outsideText(v verdict.Verdict, f verdict.Facts) string {
	s := v.SentBy
	if s == nil || s.By != verdict.FromOutside {
		return ""
	}
	if f.Wait != nil && f.Wait.Signaled() && f.Wait.Signal() == s.Signal {
		return "; the signal came from " + s.From
	}
	return fmt.Sprintf("; right before that, %s came from %s", value.SignalName(s.Signal), s.From)
}

func crashText(f verdict.Facts, line Line) string {
	code := exitCodeText(line)
	switch {
	case f.Wait != nil && f.Wait.Signaled():
		return "crashed on " + signalText(f.Wait.Signal()) + ", " + code
	case line.ExitCode != nil && verdict.IsCrash(unix.Signal(*line.ExitCode-128)):
		return "crashed, " + code + ", as on " + signalText(unix.Signal(*line.ExitCode-128))
	}
	return "failed by itself, " + code
}

func signalText(s unix.Signal) string { return fmt.Sprintf("%s (signal %d)", value.SignalName(s), s) }
