package experiment

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"time"

	"haltscope/compare/document"
	"haltscope/compare/fault"
	"haltscope/dockercli"
)

// compareOnce runs an experiment once. cleanUpErr is why twins may be left.
type compareOnce func(ctx context.Context, o Options, progress Progress) (doc *document.Compare, err, cleanUpErr error)

// repeat runs the experiment as often as o asks, each time with twins of its own, and combines the runs. A run that fails does
// not lose the others. An interruption keeps the runs that are complete.
func repeat(ctx context.Context, o Options, progress Progress, once compareOnce) (*document.Compare, error) {
	r := repetition{Options: o, progress: progress, once: once}
	times := max(o.Repeat, 1)
	for n := 1; n <= times && ctx.Err() == nil; n++ {
		if !r.runOnce(ctx, n) {
			break
		}
	}
	if ctx.Err() != nil {
		r.errs = append([]error{fault.ErrInterrupted}, r.errs...)
	}
	if r.doc == nil {
		return nil, errors.Join(r.errs...)
	}
	done := 0
	for i := range r.doc.Arms {
		arm := &r.doc.Arms[i]
		arm.Summary = document.Summarize(arm.Runs)
		done = len(arm.Runs)
	}
	r.doc.Repeats = document.Repeats{Requested: times, Completed: done, Interrupted: ctx.Err() != nil,
		Failed: append([]document.FailedRun{}, r.failed...)}
	r.doc.Notes = document.Notes(r.doc)
	return r.doc, errors.Join(r.errs...)
}

// repetition is the runs so far.
type repetition struct {
	Options
	progress Progress
	once     compareOnce

	doc    *document.Compare // of all complete runs; nil before the first
	errs   []error
	failed []document.FailedRun
}

// runOnce runs the experiment for the nth time, and reports whether another run may follow.
func (r *repetition) runOnce(ctx context.Context, n int) bool {
	o := r.Options
	// Another action comes first each time, so that the order has the same influence on all of them.
	shift := (n - 1) % len(o.Actions)
	o.Actions = slices.Concat(o.Actions[shift:], o.Actions[:shift])
	o.Prove = o.Prove && (r.doc == nil || len(r.doc.Proofs) == 0)
	progress := r.progress
	if r.Repeat > 1 {
		progress = prefixed{progress, fmt.Sprintf("run %d of %d: ", n, r.Repeat)}
	}
	doc, err, cleanUpErr := r.once(ctx, o, progress)
	if err != nil && ctx.Err() == nil {
		if r.Repeat > 1 {
			err = fmt.Errorf("run %d of %d: %w", n, r.Repeat, err)
		}
		r.errs = append(r.errs, err)
	}
	if cleanUpErr != nil {
		r.errs = append(r.errs, cleanUpErr)
	}
	if ctx.Err() != nil {
		return false // a run that was interrupted does not count
	}
	if doc == nil {
		r.failed = append(r.failed, document.FailedRun{Repeat: n, Error: fault.Line(err)})
	} else {
		r.add(doc, n, shift)
	}
	var unfit *fault.UnfitError
	hopeless := errors.Is(err, dockercli.ErrNotFound) || errors.As(err, &unfit)
	return cleanUpErr == nil && !(r.doc == nil && hopeless)
}

// add adds the nth run. Its actions were rotated by shift.
func (r *repetition) add(doc *document.Compare, n, shift int) {
	arms := slices.Concat(doc.Arms[len(doc.Arms)-shift:], doc.Arms[:len(doc.Arms)-shift])
	for i := range arms {
		run := &arms[i].Runs[0]
		run.Repeat, run.Position = n, (i-shift+len(arms))%len(arms)+1
	}
	if r.doc == nil {
		r.doc = doc
		doc.Arms = arms
		return
	}
	for i := range arms {
		r.doc.Arms[i].Runs = append(r.doc.Arms[i].Runs, arms[i].Runs...)
	}
	if len(r.doc.Explanation) == 0 {
		r.doc.Explanation = doc.Explanation
	}
	if len(r.doc.Proofs) == 0 {
		r.doc.Proofs = doc.Proofs
	}
}

// prefixed says what each step belongs to: a run, or a container.
type prefixed struct {
	Progress
	prefix string
}

func (p prefixed) Step(text string, expect time.Duration) func() {
	return p.Progress.Step(p.prefix+text, expect)
}

func (p prefixed) Grace(text string, grace time.Duration) func() {
	return p.Progress.Grace(p.prefix+text, grace)
}
