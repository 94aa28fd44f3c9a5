package experiment

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"time"

	"haltscope/cgroupfs"
	"haltscope/compare/document"
	"haltscope/compare/fault"
	"haltscope/dockercli"
)

// repeated does the experiment again and again, each time with twins of its own, and lays the runs together. A run that
// fails does not lose the others. An interruption keeps those that are whole.
type repeated struct {
	Options
	docker   *dockercli.Client
	kernel   *cgroupfs.Host
	host     document.Host
	progress Progress

	doc    *document.Compare
	errs   []error
	failed []document.FailedRun
}

func (r *repeated) do(ctx context.Context) (*document.Compare, error) {
	times := max(r.Repeat, 1)
	for n := 1; n <= times && ctx.Err() == nil; n++ {
		if !r.once(ctx, n) {
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
	r.doc.Repeats = document.Repeats{Requested: times, Completed: done, Interrupted: ctx.Err() != nil, Failed: append([]document.FailedRun{}, r.failed...)}
	r.doc.Notes = document.Notes(r.doc)
	return r.doc, errors.Join(r.errs...)
}

// once does one run, and reports whether another may follow.
func (r *repeated) once(ctx context.Context, n int) bool {
	o := r.Options
	// Whose turn comes first is another one each time: what the order does to the figures, it does to all.
	shift := (n - 1) % len(o.Actions)
	o.Actions = slices.Concat(o.Actions[shift:], o.Actions[:shift])
	o.Prove = o.Prove && (r.doc == nil || len(r.doc.Proofs) == 0)
	progress := r.progress
	if r.Repeat > 1 {
		progress = numbered{progress, fmt.Sprintf("run %d of %d: ", n, r.Repeat)}
	}
	x := newExperiment(o, r.docker, r.kernel, r.host, progress)
	doc, err := x.do(ctx)
	if err != nil && ctx.Err() == nil {
		if r.Repeat > 1 {
			err = fmt.Errorf("run %d of %d: %w", n, r.Repeat, err)
		}
		r.errs = append(r.errs, err)
	}
	if x.cleanUpErr != nil {
		r.errs = append(r.errs, x.cleanUpErr)
	}
	if ctx.Err() != nil {
		return false // a run that was cut short is none
	}
	if doc == nil {
		r.failed = append(r.failed, document.FailedRun{Repeat: n, Error: fault.Line(err)})
	} else {
		r.add(doc, n, shift)
	}
	var unfit *fault.UnfitError
	hopeless := errors.Is(err, dockercli.ErrNotFound) || errors.As(err, &unfit)
	return x.cleanUpErr == nil && !(r.doc == nil && hopeless)
}

// add puts the runs of another document beside those that are there.
func (r *repeated) add(doc *document.Compare, n, shift int) {
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

// numbered says with each step which run it belongs to.
type numbered struct {
	Progress
	prefix string
}

func (n numbered) Step(text string, expect time.Duration) func() {
	return n.Progress.Step(n.prefix+text, expect)
}
