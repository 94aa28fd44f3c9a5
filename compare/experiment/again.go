package experiment

import (
	"context"
	"time"

	"haltscope/cgroupfs/proc"
	"haltscope/compare/rules/verdict"
	"haltscope/dockercli"
)

// findNow takes hold of the run that docker restart has begun, and of its cgroup, which is another one at the same path.
func (x *experiment) findNow(a *arm) {
	if a.action.Verb != "restart" || a.EffectAt == nil || a.After == nil || a.After.State.Pid == 0 {
		return
	}
	group, err := x.kernel.Locate(a.After.State.Pid, a.id)
	if err != nil {
		return // it has ended again: the verdict says so
	}
	a.Now, a.nowRead = group, sample(group)
	group.Read(&a.Effective)
}

// anew reports whether another run of the twin has begun, by docker restart.
func (a *arm) anew() bool { return a.nowRead != nil }

// judge says what happened to the twin.
func (a *arm) judge() {
	switch a.Verb {
	case "restart":
		whole, before := verdict.JudgeRestart(a.FactsBefore("stop"), a.FactsNow(), a.sameNow())
		a.verdict, a.runBefore = whole, &before
	case "rm":
		whole, before := verdict.JudgeRemoval(a.FactsBefore("kill"), a.FactsNow())
		a.verdict, a.runBefore = whole, &before
	default:
		a.verdict = verdict.Judge(a.Facts())
	}
}

// sameNow tells whether the first process is still the one of before; nil where there is none to look at.
func (a *arm) sameNow() *bool {
	if a.After == nil || a.After.State.Pid == 0 {
		return nil
	}
	stat, err := proc.ReadStat(a.After.State.Pid)
	if err != nil {
		return nil
	}
	same := stat.PID == a.Process.PID && stat.StartTime == a.Process.StartTime
	return &same
}

// removed reports whether Docker knows the twin no more.
func (a *arm) removed() bool { return a.After == nil && a.AfterErr == nil }

// backID is the container that was brought back: the twin, or the one made anew in its place.
func (a *arm) backID() string {
	if a.anewID != "" {
		return a.anewID
	}
	return a.id
}

// cameBack sees what came back by docker restart itself.
func (x *experiment) cameBack(ctx context.Context, a *arm) {
	a.resumeCommand, a.resumeBegan = "restart", a.Began
	x.readAfterwards(ctx, a)
}

// runAnew brings a removed twin back in the one way that is left: docker run makes another container.
func (x *experiment) runAnew(ctx context.Context, a *arm) {
	if x.stays {
		return
	}
	a.resumeCommand = "run"
	done := x.progress.Step("docker run, in the place of the twin of docker "+a.action.String(), 0)
	defer done()
	a.resumeBegan = time.Now()
	if a.anewID, a.resumeErr = x.runTwin(ctx, a.name); a.resumeErr != nil {
		a.fail(a.resumeErr)
		return
	}
	x.readAfterwards(ctx, a)
	a.resumeEvents = dockercli.Since(x.events.Of(a.anewID), a.resumeBegan)
}

// readAfterwards finds out what became of the records.
func (x *experiment) readAfterwards(ctx context.Context, a *arm) {
	if !x.embedded {
		return
	}
	if a.recordsErr = x.readBack(ctx, a); a.recordsErr != nil && ctx.Err() == nil {
		a.fail(a.recordsErr)
	}
}
