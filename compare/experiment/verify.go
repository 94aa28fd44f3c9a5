package experiment

import (
	"context"
	"errors"
	"fmt"

	"haltscope/compare/document"
	"haltscope/compare/fault"
	"haltscope/compare/host"
	"haltscope/compare/rules/prediction"
	"haltscope/compare/rules/verdict"
	"haltscope/compare/target"
	"haltscope/compare/value"
	"haltscope/dockercli"
)

// ErrDiffers means that an action did not do what was predicted.
var ErrDiffers = fmt.Errorf("%w: the prediction and the observation differ", fault.ErrNotMet)

// Predict predicts what stop, kill and pause would do, from twins of an image or of a container. If verify is set, it also
// performs the actions on twins, and reports what was observed. The error wraps [ErrDiffers] if that differs from a prediction.
func Predict(ctx context.Context, docker *dockercli.Client, o Options, verify bool, progress Progress) (*document.Predict, error) {
	m, err := predictionMachine(ctx, docker)
	if err != nil {
		return nil, err
	}
	asImage := "haltscope predict --image"
	if verify {
		asImage = verifyImage
	}
	one, err, cleanUpErr := m.predictOne(ctx, o, verify, progress)
	if ctx.Err() != nil {
		return nil, errors.Join(fault.ErrInterrupted, cleanUpErr)
	}
	err = errors.Join(target.OrImage(ctx, docker, err, asImage), cleanUpErr)
	if one == nil {
		return nil, err
	}
	return m.document([]document.Predicted{*one}), err
}

// verifyImage begins the command that tries the actions on twins of an image.
const verifyImage = "haltscope predict --verify --image"

// predictionMachine checks whether twins can be predicted here.
func predictionMachine(ctx context.Context, docker *dockercli.Client) (machine, error) {
	kernel, here, err := host.Check(ctx, docker)
	if err == nil {
		err = host.DockerOnly(here, "predict", target.PredictDockerOnly)
	}
	return machine{docker, kernel, here}, err
}

// document returns the predictions as a document.
func (m machine) document(all []document.Predicted) *document.Predict {
	d := &document.Predict{Schema: document.PredictSchema, Host: m.host, Unpredicted: []document.Unpredicted{},
		DaemonAtBoot: value.Absent[bool](value.NotMeasured, "twins have no restart policy"), Containers: append([]document.Predicted{}, all...)}
	d.Notes = document.Notes(d)
	return d
}

// predictOne is [Predict] for one container or image. The prediction is nil if there is none.
func (m machine) predictOne(ctx context.Context, o Options, verify bool, progress Progress) (one *document.Predicted, err,
	cleanUpErr error) {
	o.predict = true
	o.Actions = []Action{{text: "stop", Verb: value.Stop}}
	if verify {
		o.Actions = append(o.Actions, Action{text: "kill", Verb: value.Kill}, Action{text: "pause", Verb: value.Pause})
	}
	err, cleanUpErr = m.conduct(ctx, o, progress, func(x *experiment) error {
		p, err := x.prepare(ctx)
		if err != nil {
			return err
		}
		predicted := x.predicted(p.twins[0])
		same := true
		var failed error
		if verify {
			arms, err := x.carryOut(ctx, p)
			if err != nil {
				return err
			}
			same, failed = addObserved(&predicted, arms), x.finish(arms)
		}
		one = &predicted
		if !same && failed == nil {
			return ErrDiffers
		}
		return failed
	})
	return one, err, cleanUpErr
}

// predicted is the document of the prediction for a twin that is to be stopped.
func (x *experiment) predicted(t *preparedTwin) document.Predicted {
	p := t.baseline.predicted
	d := target.Predicted(t.container, &p.facts, &p.prediction)
	d.Fix, d.Warnings = target.FixAndWarn(p.prediction.Advice, "", target.PredictTwinsLater)
	d.AfterReboot = nil // twins have no restart policy
	d.Twins, d.Image = true, value.Clean(x.image.reference)
	d.Name = d.Image
	if l := x.image.like; l != nil {
		d.Name, d.Skipped, d.Replaced = l.name, l.lacks(), l.replaced
		d.Image = value.Clean(t.container.Config.Image)
	}
	return d
}

// addObserved replaces each prediction by that of the twin of its action, adds what was observed, and reports whether all match.
func addObserved(d *document.Predicted, arms []*arm) bool {
	all := true
	for _, a := range arms {
		expected := a.baseline.predicted.outcome(a.action.Verb)
		seen := a.observed()
		o := target.Outcome(expected)
		o.Observed, o.Match = &seen, matches(expected, seen.Outcome, seen.ExitCode)
		if seen.Outcome != verdict.Inconclusive {
			o.DecidedBy = "" // it is decided
		}
		all = all && (o.Match == nil || *o.Match)
		switch a.action.Verb {
		case value.Stop:
			d.Stop = o
			d.Fix, d.Warnings = target.FixAndWarn(a.advice(), "", target.PredictTwinsLater)
		case value.Kill:
			d.Kill = o
		case value.Pause:
			d.Pause = o
		}
	}
	d.Match = &all
	return all
}

// advice returns what to change, given how the stop of the twin really went.
func (a *arm) advice() []prediction.Advice {
	facts := a.baseline.predicted.facts
	facts.Strain.During = a.performed.During
	return prediction.AdviseOn(facts, &a.verdict)
}

// outcome is what is predicted of an action.
func (p *predicted) outcome(verb value.Verb) *prediction.Outcome {
	switch verb {
	case value.Kill:
		return &p.prediction.Kill
	case value.Pause:
		return &p.prediction.Pause
	}
	return &p.prediction.Stop
}

func (a *arm) observed() document.Observed {
	v := a.performed.Verdict(a.verdict)
	o := document.Observed{Outcome: v.Kind, Because: v.Because, Missing: v.Missing, ExitCode: a.state().ExitCode,
		EffectMs: a.performed.Effect()}
	switch {
	case v.Kind == verdict.RunsOn:
		o.ExitCode = value.Absent[int](value.NotMeasured, "it has not ended, whatever Docker says")
	case v.Kind == verdict.Inconclusive && a.action.Verb == value.Pause && dockercli.Refused(a.performed.CommandErr):
		o.Outcome, o.Missing = prediction.Refused, ""
	}
	return o
}

// matches compares a prediction with what was observed: the verdict, and the exit code if the twin has ended. The result is
// nil if what was observed does not decide it, or if it could not have come out otherwise than predicted.
func matches(p *prediction.Outcome, kind verdict.Kind, exitCode value.Maybe[int]) *bool {
	code, ended := exitCode.Get()
	same := p.Allows(kind)
	if kind == verdict.Inconclusive && ended && !same {
		if p.AllowsExitCode(code) {
			return nil
		}
		return &same
	}
	same = same && (!ended || p.AllowsExitCode(code))
	if same && p.AllowsAll() {
		return nil
	}
	return &same
}
