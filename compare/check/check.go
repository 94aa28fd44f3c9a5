// Package check stops a twin and judges the stop by expectations: a gate for CI.
package check

import (
	"context"
	"errors"
	"fmt"
	"slices"

	"haltscope/compare/document"
	"haltscope/compare/experiment"
	"haltscope/compare/fault"
	"haltscope/compare/rules/expectation"
	"haltscope/compare/rules/prediction"
	"haltscope/compare/target"
	"haltscope/compare/value"
	"haltscope/dockercli"
)

// Run stops a twin and judges the stop. The error wraps [fault.ErrNotMet] if an expectation is not met; any other error means
// that the check could not be made, or not in full.
func Run(ctx context.Context, docker *dockercli.Client, o experiment.Options, e expectation.Expectations,
	progress experiment.Progress) (*document.Check, error) {
	o.FineCodes = e.ExitCodes
	stopped, failed := experiment.Stop(ctx, docker, o, progress)
	if stopped == nil {
		return nil, failed
	}
	doc, err := judge(stopped, &e)
	if o.Ready.Log == nil && !o.Ready.Healthy {
		warn(doc, stopped.Facts)
	}
	if ends := stopped.Ends; ends != nil && ends.Untraced != "" {
		doc.Warnings = append(doc.Warnings, ends.Untraced)
	}
	return doc, errors.Join(err, failed)
}

// judge judges a stop. The error says which expectations are not met or, if all others are, which could not be judged.
func judge(s *experiment.Stopped, e *expectation.Expectations) (*document.Check, error) {
	stop := expectation.Stop{Verdict: s.Verdict, Run: &s.Run, Predicted: &s.Facts,
		Ends: s.Ends, Unknown: s.Unknown, Returned: s.Returned}
	doc := &document.Check{Schema: document.CheckSchema, Host: s.Host, Image: s.Image, Like: s.Like, Command: s.Command,
		Expectations: e.Judge(&stop), Predicted: target.Outcome(&s.Prediction.Stop), Run: s.Run, Fix: []string{}, Warnings: []string{},
		Skipped: s.Skipped, Replaced: s.Replaced}
	var err error
	if doc.Pass, err = passed(doc.Expectations); err == nil {
		doc.Notes = document.Notes(doc)
		return doc, nil
	}
	if pass, known := doc.Pass.Get(); known && !pass {
		why, advice := expectation.Explain(&stop, doc.Expectations)
		doc.Why = why
		doc.Fix, doc.Warnings = target.FixAndWarn(advice, "", target.StopTwinLater)
		err = fmt.Errorf("%w: %s", fault.ErrNotMet, why)
	}
	doc.Notes = document.Notes(doc)
	return doc, err
}

// warn warns of a stop that may have come too early: nothing said when the twin is ready.
func warn(doc *document.Check, f prediction.Facts) {
	for _, early := range target.Fix(prediction.Early(f), "", target.StopTwinLater) {
		if !slices.Contains(doc.Warnings, early) {
			doc.Warnings = append(doc.Warnings, early)
		}
	}
}

// passed reports whether all expectations are met. It is absent if none is known not to be met, and some could not be judged;
// the error names those.
func passed(all []document.Expectation) (value.Maybe[bool], error) {
	var unknown []error
	for _, one := range all {
		pass, known := one.Pass.Get()
		switch {
		case !known:
			unknown = append(unknown, fmt.Errorf("%s: could not tell whether it was met: %s", one.Name, one.Pass.Detail()))
		case !pass:
			return value.Known(false), fault.ErrNotMet
		}
	}
	if len(unknown) > 0 {
		return value.Absent[bool](value.Failed, "an expectation could not be judged"), errors.Join(unknown...)
	}
	return value.Known(true), nil
}
