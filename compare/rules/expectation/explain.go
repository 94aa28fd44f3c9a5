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
	why, advice = s.explainEnd(failed)
	if oom := s.oom(); failed["no-sigkill"] && !s.killed() && oom != "" {
		if why != "" {
			why += "; "
		}
		why += "the OOM killer killed another process in the container (" + oom + ")"
		advice = append(advice, moreMemory)
	}
	if failed["no-orphans"] {
		if why == "" {
			why = "the first process ended before the others, and the kernel killed them"
		}
		advice = append(advice, prediction.AdviseOrphans(*s.Predicted)...)
	}
	return why, advice
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
	aboutEnd := failed["within"] || failed["exit-code"] || s.killed() && failed["no-sigkill"] || failed["graceful"] ||
		failed["no-loss"] || failed["events"]
	if aboutEnd && slices.Contains([]verdict.Kind{verdict.Forced, verdict.Terminated, verdict.Killed, verdict.OOMKilled}, kind) {
		return s.explainKill()
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

// explainKill says why a signal ended the program.
func (s *Stop) explainKill() (why string, advice []prediction.Advice) {
	switch s.Verdict.Kind {
	case verdict.OOMKilled:
		return "the OOM killer ended it during the shutdown", []prediction.Advice{moreMemory}
	case verdict.Killed:
		why = "SIGKILL ended it"
	case verdict.Terminated:
		why = s.reaction() + ": the signal ended it, and none of the program's code ran"
	case verdict.Forced:
		if s.Predicted.InvalidSignal() {
			why = s.Predicted.StopSignalName() + " is not a valid signal: none was sent, and SIGKILL ended it"
		} else {
			why = fmt.Sprintf("%s, and was still running when the grace of %s ran out: SIGKILL", s.reaction(), s.Predicted.Grace)
		}
	}
	return why, prediction.Advise(*s.Predicted, s.Verdict.Kind)
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
