package experiment

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"runtime"
	"slices"
	"strings"
	"sync"
	"time"

	"haltscope/compare/document"
	"haltscope/compare/fault"
	"haltscope/compare/target"
	"haltscope/compare/value"
	"haltscope/dockercli"
)

// PredictSeveral predicts what stop, kill and pause would do to the containers of a selection, and performs the actions on twins of each.
// It may return both a document and an error, if only some failed or it was interrupted. The error wraps [ErrDiffers] if something was
// observed that was not predicted.
func PredictSeveral(ctx context.Context, docker *dockercli.Client, which target.Selection, o Options, progress Progress) (*document.Predict,
	error) {
	m, err := predictionMachine(ctx, docker)
	if err != nil {
		return nil, err
	}
	found, failed := which.Find(ctx, docker)
	failed = target.OrImage(ctx, docker, failed, verifyImage)
	if len(found) == 0 && failed != nil {
		return nil, failed
	}
	batches := slices.Collect(slices.Chunk(found, atOnce()))
	if len(found) > 0 {
		m.announce(ctx, batches, o.Baseline)
	}
	var all []document.Predicted
	for _, batch := range batches {
		done, err := m.predictBatch(ctx, batch, o, progress)
		all, failed = append(all, done...), errors.Join(failed, err)
		if ctx.Err() != nil {
			failed = errors.Join(fault.ErrInterrupted, failed)
			break
		}
	}
	if len(all) == 0 && failed != nil {
		return nil, failed
	}
	return m.document(all), failed
}

// atOnce is how many containers are tried at the same time, with three twins each. Twins mostly wait, but a program that starts takes a
// processor; one that does not get it is looked at too early.
func atOnce() int { return max(2, runtime.NumCPU()/2) }

// predictBatch predicts for some containers at the same time.
func (m machine) predictBatch(ctx context.Context, batch []dockercli.Container, o Options, progress Progress) (done []document.Predicted,
	failed error) {
	answers := make([]*document.Predicted, len(batch))
	errs := make([]error, len(batch))
	var all sync.WaitGroup
	for i, c := range batch {
		of := o
		of.Like = strings.TrimPrefix(c.Name, "/")
		all.Go(func() {
			name := c.DisplayName()
			one, err, cleanUpErr := m.predictOne(ctx, of, true, prefixed{progress, name + ": "})
			answers[i] = one
			if ctx.Err() != nil {
				err, answers[i] = nil, nil // an attempt that was interrupted does not count
			}
			if err = errors.Join(err, cleanUpErr); err != nil {
				errs[i] = fmt.Errorf("%s: %w", name, err)
			}
		})
	}
	all.Wait()
	for _, one := range answers {
		if one != nil {
			done = append(done, *one)
		}
	}
	return done, errors.Join(errs...)
}

// announce logs what is going to be tried, and how long it takes if every grace runs out.
func (m machine) announce(ctx context.Context, batches [][]dockercli.Container, baseline time.Duration) {
	daemon, err := target.DaemonGrace(ctx, m.docker, m.host.EngineVersion)
	if err != nil {
		m.docker.Log.Debug().Err(err).Msg("cannot read the daemon's default grace")
	}
	graces, count := make([][]time.Duration, len(batches)), 0
	for i, batch := range batches {
		for _, c := range batch {
			graces[i] = append(graces[i], value.Grace(cmp.Or(c.Config.StopTimeout, daemon.Seconds)))
			count++
		}
	}
	text := fmt.Sprintf("trying stop, kill and pause on twins of %s, %d at a time", value.Count(count, "container", "containers"),
		len(batches[0]))
	takes, limited := estimate(graces, baseline)
	text += ": about " + takes.Round(time.Second).String() + ", or less where programs end before their grace runs out"
	if !limited {
		text += "; more where there is no limit to the grace"
	}
	m.docker.Log.Info().Msg(text)
}

// perBatch is how long a batch takes besides its baseline and its longest grace: twins are created, started, inspected and removed.
const perBatch = 5 * time.Second

// estimate returns how long batches of containers with these graces take if each runs out. limited is false if one has no end.
func estimate(batches [][]time.Duration, baseline time.Duration) (takes time.Duration, limited bool) {
	limited = true
	for _, graces := range batches {
		limited = limited && slices.Min(graces) >= 0
		takes += baseline + perBatch + max(slices.Max(graces), 0)
	}
	return takes, limited
}
