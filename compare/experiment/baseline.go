package experiment

import (
	"context"

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
		for i, t := range twins {
			var err error
			if inspections[i], err = target.Inspect(ctx, x.docker, x.host.EngineVersion, t.container, t.group); err != nil {
				return nil, err
			}
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
	if t.action.Grace != nil {
		facts.Grace, facts.GraceFrom = *t.action.Grace, "docker stop -t"
	}
	return &predicted{facts, prediction.Predict(facts)}
}
