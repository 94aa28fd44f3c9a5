package expectation

import (
	"fmt"
	"slices"

	"haltscope/compare/document"
	"haltscope/compare/rules/prediction"
	"haltscope/compare/rules/verdict"
	"haltscope/compare/value"
)

var moreMemory = prediction.Advice{Change: prediction.MoreMemory}

// Explain says in a line why a stop did not meet its expectations, and what to change.
func Explain(s *Stop, judged []document.Expectation) (why string, advice []prediction.Advice) {
	failed := unmet(judged)
	if s.runsOn() && slices.ContainsFunc(judged, func(e document.Expectation) bool { return failed[e.Name] }) {
		return s.explainRunsOn()
	}
	why, advice = s.explainEnd(failed)
	also := func(text string) {
		if why != "" {
			why += "; "
		}
		why += text
	}
	before, _ := s.killed()
	if !s.programKilled() && failed["no-sigkill"] {
		if oom := s.oom(); oom != "" {
			also("the OOM killer killed another process in the container (" + oom + ")")
			advice = add(advice, moreMemory)
		} else if len(before) > 0 {
			also(s.killedText(&before[0]))
			advice = add(advice, prediction.Advice{Change: prediction.KillLater, Program: before[0].Name})
		}
	}
	if failed["no-orphans"] && (why == "" || !s.programKilled()) {
		also(s.orphans())
		advice = add(advice, prediction.AdviseOrphans(*s.Predicted)...)
	}
	return why, advice
}

// add adds advice to change what no other advice changes.
func add(all []prediction.Advice, more ...prediction.Advice) []prediction.Advice {
	for _, one := range more {
		if !slices.ContainsFunc(all, func(a prediction.Advice) bool { return a.Change == one.Change }) {
			all = append(all, one)
		}
	}
	return all
}

// killedText says that SIGKILL ended a process while the first one was running.
func (s *Stop) killedText(p *verdict.Process) string {
	after := ""
	if p.EndedAt != nil {
		after = ", " + value.Duration(value.Milliseconds(*p.EndedAt)) + " after the command"
	}
	return p.KilledText(verdict.SIGKILL{After: after, SharedNamespace: s.sharedNamespace()})
}

// orphans says which processes the first one left.
func (s *Stop) orphans() string {
	if s.Ends == nil {
		return ""
	}
	_, others := s.Ends.Killed()
	left := s.Ends.Left()
	first := "the first process"
	for _, p := range s.Ends.All {
		if p.Parent == 0 && !p.Injected {
			first = p.Name
		}
	}
	if len(others) == 0 && len(left) > 0 {
		return fmt.Sprintf("%s ended before %s, which runs on", first, named(left))
	}
	return fmt.Sprintf("%s ended before %s, and %s killed what was left", first, named(others), s.sweeper())
}

// unmet returns the names of the expectations that are known not to be met.
func unmet(judged []document.Expectation) map[string]bool {
	names := map[string]bool{}
	for _, e := range judged {
		pass, known := e.Pass.Get()
		names[e.Name] = known && !pass
	}
	return names
}

// explainEnd says why the program ended as it did, if that is why an expectation was not met.
func (s *Stop) explainEnd(failed map[string]bool) (why string, advice []prediction.Advice) {
	kind := s.Verdict.Kind
	aboutEnd := failed["within"] || failed["exit-code"] || s.programKilled() && failed["no-sigkill"] || failed["graceful"] ||
		failed["no-loss"] || failed["events"]
	if aboutEnd && slices.Contains([]verdict.Kind{verdict.Forced, verdict.Terminated, verdict.Killed, verdict.OOMKilled}, kind) {
		return s.explainKill()
	}
	if kind == verdict.FailedStopping && (failed["graceful"] || failed["exit-code"]) {
		return s.explainFailure()
	}
	if kind == verdict.Crashed && (failed["graceful"] || failed["exit-code"]) {
		return s.explainCrash()
	}
	switch {
	case failed["within"]:
		return fmt.Sprintf("it handles %s, but takes longer than that to end", value.SignalName(s.Predicted.Signal)),
			[]prediction.Advice{{Change: prediction.EndSooner}}
	case failed["no-loss"]:
		return "it ended before all records that it had acknowledged were on disk",
			[]prediction.Advice{{Change: prediction.SaveRecords}}
	case failed["exit-code"]:
		return fmt.Sprintf("it ended with an exit code of its own (verdict: %s)", kind),
			[]prediction.Advice{{Change: prediction.ExitCode}}
	case failed["graceful"]:
		return fmt.Sprintf("the verdict is %s", kind), nil
	case failed["events"]:
		return "Docker reported a different sequence of events", nil
	}
	return "", nil
}

// explainFailure says how a program failed that had handled the signal.
func (s *Stop) explainFailure() (why string, advice []prediction.Advice) {
	fix := prediction.Advice{Change: prediction.ExitCode, Why: prediction.Failed}
	if code, ok := s.Run.State.ExitCode.Get(); ok && code == 0 {
		fix.Why = "" // 0 is not expected
		if len(s.Verdict.Under) == 0 {
			return fmt.Sprintf("%s handled %s and ended with exit code 0, which is not an expected one", s.who(),
				value.SignalName(s.Predicted.Signal)), []prediction.Advice{fix}
		}
	}
	return fmt.Sprintf("%s handled %s, and then failed: %s", s.who(), value.SignalName(s.Predicted.Signal), s.deciding()),
		[]prediction.Advice{fix}
}

// explainCrash says how a program crashed after the signal.
func (s *Stop) explainCrash() (why string, advice []prediction.Advice) {
	return fmt.Sprintf("%s crashed after %s: %s", s.who(), value.SignalName(s.Predicted.Signal), s.deciding()), nil
}

// who names the program, with the wrappers in front of it.
func (s *Stop) who() string {
	switch {
	case s.Verdict.Of == "":
		return "it"
	case len(s.Verdict.Under) > 0:
		return s.Verdict.Of + " (under " + s.Verdict.Wrappers() + ")"
	}
	return s.Verdict.Of
}

// deciding is the observation that decided the verdict: the last one.
func (s *Stop) deciding() string {
	if len(s.Verdict.Because) == 0 {
		return string(s.Verdict.Kind)
	}
	return s.Verdict.Because[len(s.Verdict.Because)-1].Value
}

// explainKill says why a signal ended the program.
func (s *Stop) explainKill() (why string, advice []prediction.Advice) {
	switch s.Verdict.Kind {
	case verdict.OOMKilled:
		return "the OOM killer ended it during the shutdown", []prediction.Advice{moreMemory}
	case verdict.Killed:
		why = "SIGKILL ended it"
		if s.Verdict.How != "" {
			why = s.Verdict.How
		}
	case verdict.Terminated:
		why = s.deciding()
		if s.Verdict.OtherSignal == 0 { // else its handler may have begun
			why += ": none of the program's code ran"
		}
	case verdict.Forced:
		if s.Predicted.InvalidSignal() {
			why = s.Predicted.StopSignalName() + " is not a valid signal: none was sent, and SIGKILL ended it"
		} else {
			why = fmt.Sprintf("%s, and was still running when the grace of %s ran out: SIGKILL", s.reaction(), s.Predicted.Grace)
		}
	}
	return why, prediction.AdviseOn(*s.Predicted, &s.Verdict)
}

// reaction says how the signal's target reacts to the stop signal; "" if the target is unknown.
func (s *Stop) reaction() string {
	target := &s.Predicted.Target
	p := target.ProcessFor(s.Predicted.Signal)
	if p == nil {
		return ""
	}
	signal := target.Delivered(s.Predicted.Signal)
	if signal == 0 {
		return "no signal reaches " + p.Name
	}
	_, because := p.Disposition(signal, s.Predicted.Grace)
	return because.Value
}
