package experiment

import (
	"context"
	"errors"
	"fmt"
	"slices"

	"haltscope/compare/document"
	"haltscope/compare/fault"
	"haltscope/compare/host"
	"haltscope/compare/rules/prediction"
	"haltscope/compare/rules/verdict"
	"haltscope/compare/value"
	"haltscope/dockercli"
)

// Stopped is what was observed of one twin that was stopped.
type Stopped struct {
	Host       document.Host
	Image      string // the twin's, or that of the container it is modeled on
	Like       string // the container that the twin is modeled on; "" for none
	Skipped    []string
	Replaced   []document.ReplacedMount
	Command    []string
	Run        document.Run
	Verdict    verdict.Verdict
	Facts      prediction.Facts // right before the stop
	Prediction prediction.Prediction
	Ends       *verdict.Ends // how the twin's processes ended; nil where nobody looked
	Unknown    string        // why it is not known what happened to the twin; "" if it is
	Returned   bool          // the kernel says that the program returned its exit code: no signal ended it
}

// errNotStopped means that a twin ended before it was stopped.
var errNotStopped = errors.New("there was nothing to stop")

// Stop performs the only action of o, a stop, on one twin. It may return both a result and an error if something about the
// twin could not be observed.
func Stop(ctx context.Context, docker *dockercli.Client, o Options, progress Progress) (*Stopped, error) {
	kernel, here, err := host.Check(ctx, docker)
	if err != nil {
		return nil, err
	}
	o.predict = true
	o.leaveEnded = o.Image != "" || o.Like != "" // only the embedded workload has something to read back
	var stopped *Stopped
	err, cleanUpErr := machine{docker, kernel, here}.conduct(ctx, o, progress, func(x *experiment) error {
		recipe, arms, err := x.act(ctx)
		if err != nil {
			return err
		}
		a, failed := arms[0], x.finish(arms)
		if a.endedBefore() {
			return errors.Join(failed, x.endedBefore(a.verdict.Kind))
		}
		if a.removed() {
			return failed // which says so: what an expectation is about cannot be known of it
		}
		stopped = x.stopped(recipe, a)
		return failed
	})
	if ctx.Err() != nil {
		return nil, errors.Join(fault.ErrInterrupted, cleanUpErr)
	}
	return stopped, errors.Join(err, cleanUpErr)
}

// endedBefore says that a twin ended before it was stopped, and what to try.
func (x *experiment) endedBefore(kind verdict.Kind) error {
	err := fmt.Errorf("the twin ended before it was stopped (%s): %w", kind, errNotStopped)
	switch kind {
	case verdict.Killed:
		return fault.WithHint(err, "another client or process killed it: check it again without that")
	case verdict.OOMKilled:
		return fault.WithHint(err, "allow it more memory: --memory")
	}
	return x.image.ended(err)
}

func (x *experiment) stopped(r recipe, a *arm) *Stopped {
	s := &Stopped{
		Host:       x.host,
		Image:      r.image,
		Skipped:    []string{},
		Replaced:   []document.ReplacedMount{},
		Command:    append([]string{}, r.command...),
		Run:        a.run(),
		Verdict:    a.verdict,
		Facts:      a.baseline.predicted.facts,
		Prediction: a.baseline.predicted.prediction,
		Ends:       a.performed.Processes,
		Unknown:    a.unknown(),
		Returned:   a.returned(),
	}
	s.Facts.Strain.During = a.performed.During
	s.Run.Repeat, s.Run.Position = 1, 1
	if l := x.image.like; l != nil {
		s.Like, s.Skipped = l.name, l.lacks()
		s.Replaced = append(s.Replaced, l.replaced...)
		s.Image = value.Clean(a.container.Config.Image)
	}
	return s
}

// endedBefore reports whether the twin ended before it was stopped: Docker sent no event of a stop.
func (a *arm) endedBefore() bool {
	_, ended := a.state().ExitCode.Get()
	kinds := []verdict.Kind{verdict.Exited, verdict.Crashed, verdict.Killed, verdict.OOMKilled, verdict.Inconclusive}
	return ended && slices.Contains(kinds, a.verdict.Kind) && len(a.performed.EventsSeen) == 0 && a.performed.EventsErr == nil
}

// returned reports whether the kernel says that the program ended by itself.
func (a *arm) returned() bool {
	wait, target := a.performed.Wait, a.baseline.target
	if wait != nil && target != nil && target.Init != "" { // what the init returned says nothing about the program
		wait = a.performed.Processes.WaitOf(target.PID)
	}
	return wait != nil && wait.Exited()
}

// unknown is why it is not known what happened to the twin; "" if it is.
func (a *arm) unknown() string {
	p := &a.performed
	switch {
	case p.AfterErr != nil:
		return "docker inspect: " + dockercli.Cause(p.AfterErr)
	case p.CommandErr != nil && !dockercli.Refused(p.CommandErr) && p.After != nil && p.After.State.Running:
		return "docker stop: " + dockercli.Cause(p.CommandErr)
	}
	return ""
}
