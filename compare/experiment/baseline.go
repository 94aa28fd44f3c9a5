package experiment

import (
	"context"
	"fmt"

	"haltscope/cgroupfs"
	"haltscope/compare/rules/prediction"
	"haltscope/compare/rules/verdict"
	"haltscope/compare/target"
)

// baseline is what was observed of a twin before the action.
type baseline struct {
	sampler    *sampler // goes on until the end of the hold
	members    []int
	membersErr error // why members is unknown
	target     *verdict.SignalTarget
	reading    cgroupfs.Reading
	predicted  *predicted // nil unless predictions were asked for
}

// predicted is what the action is predicted to do, and what that rests on.
type predicted struct {
	facts      prediction.Facts
	prediction prediction.Prediction
}

// baseline watches the running twins for a while, and reads them right before the action.
func (x *experiment) baseline(ctx context.Context, twins []*runningTwin) ([]baseline, error) {
	done := x.progress.Step("baseline", x.Baseline)
	defer done()
	all := make([]baseline, len(twins))
	for i, t := range twins {
		all[i].sampler = x.sample(t.group)
	}
	inspections := make([]target.Inspection, len(twins))
	if x.predict {
		ids := make([]string, len(twins))
		for i, t := range twins {
			ids[i] = t.id
		}
		found, err := x.docker.Inspect(ctx, ids...) // again: health checks have run since
		if err != nil {
			return nil, err
		}
		for i, t := range twins {
			container, ok := found[t.id]
			if !ok {
				return nil, fmt.Errorf("twin %s: %w", t.name, removedTwin(nil))
			}
			inspections[i] = target.Inspect(ctx, x.docker, x.host.EngineVersion, container, t.group)
		}
	}
	if err := wait(ctx, x.Baseline); err != nil {
		return nil, err
	}
	for i, t := range twins {
		b := &all[i]
		if x.predict {
			b.predicted = t.predict(&inspections[i])
		}
		b.members, b.membersErr = t.group.Members()
		b.target = target.ReadDispositions(t.container.State.Pid, b.members).For(t.signal)
		t.group.Read(&b.reading)
	}
	return all, nil
}

// predict predicts what the action will do.
func (t *runningTwin) predict(inspection *target.Inspection) *predicted {
	facts := inspection.ReadFacts()
	facts.Twin = true
	if t.action.Grace != nil {
		facts.Grace, facts.GraceFrom = *t.action.Grace, "docker stop -t"
	}
	return &predicted{facts, prediction.Predict(facts)}
}
