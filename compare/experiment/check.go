package experiment

import (
	"context"
	"errors"
	"fmt"
	"slices"

	"haltscope/compare/document"
	"haltscope/compare/fault"
	"haltscope/compare/host"
	"haltscope/compare/predict"
	"haltscope/compare/rules/verdict"
	"haltscope/compare/value"
	"haltscope/dockercli"
)

// Check stops a twin and holds that against expectations. The error wraps [fault.ErrNotMet] where one is not met; any
// other means that the check could not be made, or not in full.
func Check(ctx context.Context, docker *dockercli.Client, o Options, e Expectations, progress Progress) (*document.Check, error) {
	kernel, here, err := host.Check(ctx, docker)
	if err != nil {
		return nil, err
	}
	o.Foresee, o.Orphans = true, e.NoOrphans
	x := newExperiment(o, docker, kernel, here, progress)
	x.stays = !x.embedded
	doc, err := x.check(ctx, &e)
	if ctx.Err() != nil {
		return nil, errors.Join(fault.ErrInterrupted, x.cleanUpErr)
	}
	return doc, errors.Join(err, x.cleanUpErr)
}

func (x *experiment) check(ctx context.Context, e *Expectations) (*document.Check, error) {
	if err := x.begin(ctx); err != nil {
		return nil, err
	}
	defer x.cleanUp()
	compared, failed := x.carryOut(ctx)
	if compared == nil {
		return nil, failed
	}
	a := x.arms[0]
	run := &compared.Arms[0].Runs[0]
	run.Repeat, run.Position = 1, 1
	if _, ended := run.State.ExitCode.Get(); ended && slices.Contains([]verdict.Kind{verdict.Exited, verdict.Crashed, verdict.Inconclusive}, a.verdict.Kind) && len(a.EventsSeen) == 0 && a.EventsErr == nil {
		return nil, errors.Join(failed, fmt.Errorf("the twin ended by itself before it was stopped (%s): %w", a.verdict.Kind, errNotStopped))
	}
	s := &stopped{verdict: a.verdict, run: run, orphans: a.others.orphans(), foreseen: &a.foreseen, unknown: a.unknown(), returned: a.returned()}
	doc := &document.Check{Schema: document.CheckSchema, Host: x.host, Image: compared.Image, Command: compared.Command,
		Expectations: e.hold(s), Predicted: predict.Outcome(&a.prediction.Stop), Run: *run, Fix: []string{}, Skipped: []string{}}
	if x.like != nil {
		doc.Like, doc.Skipped = x.like.name, x.like.lacks()
		doc.Image = value.Clean(a.Before.Config.Image)
	}
	doc.Pass = value.Known(true)
	var unknown []error
	for _, one := range doc.Expectations {
		pass, known := one.Pass.Get()
		switch {
		case !known:
			unknown = append(unknown, fmt.Errorf("%s: whether it was met is not known: %s", one.Name, one.Pass.Detail()))
		case !pass:
			doc.Pass = value.Known(false)
		}
	}
	pass, _ := doc.Pass.Get()
	if !pass {
		why, advice := explainStop(s, e, doc.Expectations)
		doc.Why, doc.Fix = why, append(doc.Fix, advice...)
	}
	if pass && len(unknown) > 0 {
		doc.Pass = value.Absent[bool](value.Failed, "an expectation could not be judged")
	}
	doc.Notes = document.Notes(doc)
	if !pass {
		return doc, errors.Join(failed, fmt.Errorf("%w: %s", fault.ErrNotMet, doc.Why))
	}
	return doc, errors.Join(append(unknown, failed)...)
}

// returned reports whether the kernel says that the program ended by itself. Of one behind an init it says so of the init.
func (a *arm) returned() bool {
	return a.Wait != nil && a.Wait.Exited() && (a.Target == nil || a.Target.Init == "")
}

// unknown is why it is not known what became of the twin; "" where it is.
func (a *arm) unknown() string {
	switch {
	case a.AfterErr != nil:
		return "docker inspect: " + dockercli.Cause(a.AfterErr)
	case a.After == nil:
		return "the twin was removed by somebody else"
	case a.CommandErr != nil && !dockercli.Refused(a.CommandErr) && a.After.State.Running:
		return "docker stop: " + dockercli.Cause(a.CommandErr)
	}
	return ""
}
