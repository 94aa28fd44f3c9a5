package experiment

import (
	"haltscope/cgroupfs/proc"
	"haltscope/compare/rules/verdict"
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
		whole, before := verdict.JudgeRestart(p.FactsBefore(value.Stop), p.FactsNow(), sameProcess(t, a.answers))
		return judgement{whole, &before}
	case value.Remove:
		whole, before := verdict.JudgeRemoval(p.FactsBefore(value.Kill), p.FactsNow())
		return judgement{whole, &before}
	}
	return judgement{verdict: verdict.Judge(p.Facts())}
}

// sameProcess reports whether the twin's first process is still the one from before the action; nil if there is none to compare.
func sameProcess(t *preparedTwin, docker answers) *bool {
	if docker.after == nil || docker.after.State.Pid == 0 {
		return nil
	}
	stat, err := proc.ReadStat(docker.after.State.Pid)
	if err != nil {
		return nil
	}
	same := t.isFirst(stat)
	return &same
}

// isFirst reports whether a process is the twin's first one, as of the start.
func (t *runningTwin) isFirst(stat proc.Stat) bool {
	return stat.PID == t.process.PID && stat.StartTime == t.process.StartTime
}
