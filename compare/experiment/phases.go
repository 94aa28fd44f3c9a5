package experiment

import (
	"context"
	"sync"

	"haltscope/compare/document"
	"haltscope/compare/value"
)

// prepared is what the experiment has right before the action.
type prepared struct {
	recipe recipe
	probes probePlan
	twins  []*preparedTwin
}

// preparedTwin is a twin right before its action.
type preparedTwin struct {
	*runningTwin
	log      *workloadLog // nil unless the twin runs the embedded workload
	probed   firstProbes
	baseline baseline
}

// prepare starts the twins, and observes them until right before the action.
func (x *experiment) prepare(ctx context.Context) (*prepared, error) {
	probes, err := x.planProbes(ctx, x.docker)
	if err != nil {
		return nil, err
	}
	recipe := x.recipe(probes)
	started, err := x.start(ctx, x.docker, recipe)
	if err != nil {
		return nil, err
	}
	running, err := x.find(ctx, started)
	if err != nil {
		return nil, err
	}
	logs, err := x.awaitReady(ctx, running, recipe.command)
	if err != nil {
		return nil, err
	}
	probed, err := x.probeBefore(ctx, running, probes)
	if err != nil {
		return nil, err
	}
	if err := x.startLoad(running[0]); err != nil {
		return nil, err
	}
	baselines, err := x.baseline(ctx, running)
	if err != nil {
		return nil, err
	}
	p := &prepared{recipe: recipe, probes: probes}
	for i, t := range running {
		p.twins = append(p.twins, &preparedTwin{runningTwin: t, log: logs[i], probed: probed[i], baseline: baselines[i]})
	}
	return p, x.leftovers.load.check()
}

// act prepares the twins and carries out the actions on them.
func (x *experiment) act(ctx context.Context) (recipe, []*arm, error) {
	p, err := x.prepare(ctx)
	if err != nil {
		return recipe{}, nil, err
	}
	arms, err := x.carryOut(ctx, p)
	return p.recipe, arms, err
}

// carryOut performs the actions, and observes their effects and how the twins are brought back.
func (x *experiment) carryOut(ctx context.Context, p *prepared) ([]*arm, error) {
	performed := x.perform(ctx, p.twins)
	if err := x.leftovers.load.end(); err != nil {
		x.failures.add(err)
	}
	answers := x.observe(ctx, p.twins)
	arms := each(p.twins, func(i int, t *preparedTwin) *arm {
		after := x.hold(ctx, t, performed[i], answers[i])
		if after.removed() && t.action.Verb != value.Remove {
			t.failures.add(removedTwin(after.performed.EventsSeen))
		}
		judged := judge(t, after)
		open := x.probeAfter(ctx, p.probes, t, after)
		resumed := x.resume(ctx, p.recipe, t, after)
		probes := append(t.probed.all, x.probeResumed(ctx, open, resumed)...)
		return &arm{preparedTwin: t, aftermath: after, judgement: judged, resumed: resumed, probes: probes}
	})
	for i, back := range x.inspectResumed(ctx, arms) {
		arms[i].back = back
	}
	return arms, ctx.Err()
}

// arm is one action on one twin, and everything that was observed of it.
type arm struct {
	*preparedTwin
	aftermath
	judgement
	probes  []document.Probe
	resumed resumed
	back    backRun // how the twin runs after it was brought back
}

// each calls do for all elements concurrently, and returns the results in order.
func each[T, U any](all []T, do func(i int, one T) U) []U {
	results := make([]U, len(all))
	var running sync.WaitGroup
	for i, one := range all {
		running.Go(func() { results[i] = do(i, one) })
	}
	running.Wait()
	return results
}
