package experiment

import (
	"context"
	"errors"
	"fmt"

	"haltscope/compare/document"
	"haltscope/compare/fault"
	"haltscope/compare/host"
	"haltscope/compare/predict"
	"haltscope/compare/rules/prediction"
	"haltscope/compare/rules/verdict"
	"haltscope/compare/target"
	"haltscope/compare/value"
	"haltscope/dockercli"
)

// prepareForesight asks Docker what a prediction needs of each twin.
func (x *experiment) prepareForesight(ctx context.Context) error {
	if !x.Foresee {
		return nil
	}
	for _, a := range x.arms {
		subject, err := target.Inspect(ctx, x.docker, x.host.EngineVersion, a.Before, a.Group)
		if err != nil {
			return err
		}
		a.subject = &subject
	}
	return nil
}

// foresee says what the action will come to, right before it.
func (a *arm) foresee() {
	if a.subject == nil {
		return
	}
	a.foreseen = a.subject.ReadFacts()
	if a.action.Grace != nil {
		a.foreseen.Grace, a.foreseen.GraceFrom = *a.action.Grace, "docker stop -t"
	}
	a.prediction = prediction.Predict(a.foreseen)
}

// outcome is what was predicted of the arm's action.
func (a *arm) outcome() *prediction.Outcome {
	switch a.action.Verb {
	case "kill":
		return &a.prediction.Kill
	case "pause":
		return &a.prediction.Pause
	}
	return &a.prediction.Stop
}

// ErrDiffers means that what was predicted and what was seen differ.
var ErrDiffers = fmt.Errorf("%w: what was predicted and what was seen differ", fault.ErrNotMet)

// Foretell predicts what stop, kill and pause come to, from twins of an image or of a container. With act it does to
// them what it predicts, and puts what it saw beside it; the error wraps [ErrDiffers] where the two differ.
func Foretell(ctx context.Context, docker *dockercli.Client, o Options, act bool, progress Progress) (*document.Predict, error) {
	kernel, here, err := host.Check(ctx, docker)
	if err == nil {
		err = host.DockerOnly(here, "predict", predict.DockerOnly)
	}
	if err != nil {
		return nil, err
	}
	o.Foresee = true
	o.Actions = []Action{{text: "stop", Verb: "stop"}}
	if act {
		o.Actions = append(o.Actions, Action{text: "kill", Verb: "kill"}, Action{text: "pause", Verb: "pause"})
	}
	x := newExperiment(o, docker, kernel, here, progress)
	doc, err := x.foretell(ctx, act)
	if ctx.Err() != nil {
		return nil, errors.Join(fault.ErrInterrupted, x.cleanUpErr)
	}
	return doc, errors.Join(err, x.cleanUpErr)
}

func (x *experiment) foretell(ctx context.Context, act bool) (*document.Predict, error) {
	if err := x.begin(ctx); err != nil {
		return nil, err
	}
	defer x.cleanUp()
	var failed error
	if act {
		var compared *document.Compare
		if compared, failed = x.carryOut(ctx); compared == nil {
			return nil, failed
		}
	} else {
		for _, phase := range []func(context.Context) error{x.start, x.find, x.awaitReady, x.baseline} {
			if err := phase(ctx); err != nil {
				return nil, err
			}
		}
	}
	doc := &document.Predict{Schema: document.PredictSchema, Host: x.host}
	one, same := x.foretold(act)
	doc.Containers = []document.Predicted{one}
	doc.Notes = document.Notes(doc)
	if !same && failed == nil {
		failed = ErrDiffers
	}
	return doc, failed
}

// foretold lays the twins' predictions together, each from its own twin, and reports whether what was seen agrees.
func (x *experiment) foretold(act bool) (document.Predicted, bool) {
	stop := x.arms[0]
	d := predict.Document(stop.Before, &stop.foreseen, &stop.prediction)
	d.Twins, d.Image = true, value.Clean(x.Image)
	d.Name = d.Image
	if x.like != nil {
		d.Name, d.Skipped = x.like.name, x.like.lacks()
		d.Image = value.Clean(stop.Before.Config.Image)
	}
	if !act {
		return d, true
	}
	all := true
	for _, a := range x.arms {
		f := predict.Outcome(a.outcome())
		o := a.observed()
		f.Observed, f.Match = &o, a.agrees(&o)
		all = all && (f.Match == nil || *f.Match)
		switch a.action.Verb {
		case "stop":
			d.Stop = f
		case "kill":
			d.Kill = f
		case "pause":
			d.Pause = f
		}
	}
	d.Match = &all
	return d, all
}

func (a *arm) observed() document.Observed {
	v := a.Verdict(a.verdict)
	o := document.Observed{Outcome: v.Kind, Because: v.Because, Missing: v.Missing, ExitCode: a.state().ExitCode, EffectMs: a.Effect()}
	return o
}

// agrees compares what was predicted with what was seen: the outcome, and the exit code of what has ended. Nil where what
// was seen decides nothing either.
func (a *arm) agrees(o *document.Observed) *bool {
	p := a.outcome()
	code, ended := o.ExitCode.Get()
	same := p.Allows(a.verdict.Kind)
	if a.verdict.Kind == verdict.Inconclusive && ended && !same {
		if p.AllowsExitCode(code) {
			return nil
		}
		return &same
	}
	same = same && (!ended || p.AllowsExitCode(code))
	return &same
}
