package expectation

import (
	"haltscope/compare/rules/prediction"
	"haltscope/compare/rules/verdict"
	"haltscope/compare/value"
)

// runsOn reports whether the kernel shows that the twin's program has not ended, whatever Docker says of it: no expectation of its end
// is met then, and its exit code is Docker's own.
func (s *Stop) runsOn() bool { return s.Verdict.Kind == verdict.RunsOn }

// ofEnd are the expectations that are about the end of the program or of other processes.
var ofEnd = map[string]bool{"within": true, "exit-code": true, "no-sigkill": true, "graceful": true, "no-orphans": true}

// judgeEnd returns the judgement of an expectation: that it is not met if it is about an end that has not come.
func (s *Stop) judgeEnd(name, got string, pass value.Maybe[bool]) (string, value.Maybe[bool]) {
	if s.runsOn() && ofEnd[name] {
		return "it runs on", value.Known(false)
	}
	return got, pass
}

// explainRunsOn says what shows that it has not ended, and how to reach the program.
func (s *Stop) explainRunsOn() (why string, advice []prediction.Advice) {
	why = "it has not ended, whatever Docker says"
	if n := len(s.Verdict.Because); n > 0 {
		why += ": " + s.Verdict.Because[n-1].Value
	}
	if s.Predicted == nil {
		return why, nil
	}
	if s.Predicted.HostCommand() != "" {
		return why, []prediction.Advice{{Change: prediction.FirstThread, Program: s.Predicted.Target.First.Name}, {Change: prediction.UseInit}}
	}
	return why, prediction.Unreached(*s.Predicted)
}
