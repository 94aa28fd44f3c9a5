package experiment

import (
	"haltscope/compare/rules/verdict"
	"haltscope/compare/target"
	"haltscope/compare/value"
)

// judgement is what happened to a twin.
type judgement struct {
	verdict   verdict.Verdict
	runBefore *verdict.Verdict // how the run ended that a restart or a removal found; nil for other actions
}

// judge hands what was observed to the rules.
func judge(t *preparedTwin, a aftermath) judgement {
	p := &a.performed
	switch t.action.Verb {
	case value.Restart:
		whole, before := verdict.JudgeRestart(p.FactsBefore(value.Stop), p.FactsNow(), t.sameProcess(a.answers))
		return judgement{whole, &before}
	case value.Remove:
		whole, before := verdict.JudgeRemoval(p.FactsBefore(value.Kill), p.FactsNow())
		return judgement{whole, &before}
	}
	return judgement{verdict: verdict.Judge(p.Facts())}
}

// sameProcess reports whether the twin's first process is still the one from before the action.
func (t *runningTwin) sameProcess(docker answers) value.Maybe[bool] {
	if docker.after == nil {
		return target.SameProcess(t.process, 0)
	}
	return target.SameProcess(t.process, docker.after.State.Pid)
}
