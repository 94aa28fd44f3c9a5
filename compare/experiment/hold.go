package experiment

import (
	"context"
	"errors"
	"slices"
	"time"

	"haltscope/cgroupfs"
	"haltscope/cgroupfs/figure"
	"haltscope/compare/action"
	"haltscope/compare/rules/memory"
	"haltscope/compare/value"
)

// aftermath is what was observed of a twin after the action.
type aftermath struct {
	performed  action.Action // with its effects
	answers    answers
	restarted  bool // docker restart has begun another run
	swap       memory.Swap
	noReclaim  bool // this kernel cannot be asked to reclaim memory
	exists     bool // the cgroup
	members    []int
	membersErr error              // why members is unknown
	samples    []cgroupfs.Reading // from the baseline to the end of the hold
}

// removed reports whether Docker does not know the twin any more, or is removing it.
func (a *aftermath) removed() bool {
	if after := a.answers.after; after != nil {
		return after.State.Status == "removing"
	}
	return a.answers.afterErr == nil
}

// hold watches a twin that lives for a while, and then reads its cgroup. It does not wait for a twin that has ended.
func (x *experiment) hold(ctx context.Context, t *preparedTwin, performed action.Action, docker answers) aftermath {
	group := t.group
	var again *sampler // of the run that docker restart has begun
	if restarted := x.findRestarted(t, performed, docker); restarted != nil {
		group, again = restarted, x.sample(restarted)
		group.Read(&performed.Effective)
	}
	if performed.EffectAt == nil || t.action.Verb == value.Pause || again != nil {
		left := max(x.Hold-time.Since(performed.Effective.At), 0)
		done := x.progress.Step("watching the twin of docker "+t.action.String(), left)
		wait(ctx, left) // an interruption ends the hold early, and the experiment after it
		done()
	}
	performed.Final = action.Final{After: docker.after, AfterErr: docker.afterErr, Now: group}
	group.Read(&performed.ReadAfter)
	details := group.Details()
	a := aftermath{
		answers:   docker,
		restarted: again != nil,
		swap:      memory.Swap{Swap: group.Swap(&details), LazyFree: group.LazyFree()},
		noReclaim: errors.Is(group.CanReclaim(), cgroupfs.ErrNoReclaim),
		exists:    group.Exists(),
	}
	a.members, a.membersErr = group.Members()
	performed.Left = a.members
	a.samples = slices.Clone(t.baseline.sampler.end())
	performed.OOMKills = oomKills(performed.ReadBefore, performed.ReadAfter, a.samples, a.restarted)
	if again != nil {
		a.samples = append(a.samples, again.end()...)
	}
	performed.ReadEvents()
	a.performed = performed
	return a
}

// findRestarted opens the cgroup of the run that docker restart has begun, until the clean-up. It is another cgroup at the
// same path. The result is nil if there is no such run.
func (x *experiment) findRestarted(t *preparedTwin, performed action.Action, docker answers) *cgroupfs.Group {
	if t.action.Verb != value.Restart || performed.EffectAt == nil || docker.after == nil || docker.after.State.Pid == 0 {
		return nil
	}
	group, err := x.kernel.Locate(docker.after.State.Pid, t.id)
	if err != nil {
		x.docker.Log.Debug().Err(err).Str("twin", t.name).Msg("the run after the restart cannot be read")
		return nil // it has ended as well, and the verdict says so
	}
	x.leftovers.atEnd(group.Close)
	return group
}

// held is how long the twin was watched after the effect, and the CPU time that its cgroup used meanwhile.
func (a *aftermath) held() (time.Duration, figure.Figure) {
	from, to := &a.performed.Effective, &a.performed.ReadAfter
	return to.At.Sub(from.At), to.CPUUsage.Since(from.CPUUsage)
}

// wait waits for a time. It returns an error if ctx ends first.
func wait(ctx context.Context, d time.Duration) error {
	select {
	case <-ctx.Done():
		return ctx.Err()
	case <-time.After(d):
		return nil
	}
}
