// Package reclaim gives memory of containers back to the host. A container that is paused stays paused.
//
// What can be reclaimed, and what cannot, is a rule of package memory. This package asks the kernel for it and measures the result.
package reclaim

import (
	"context"
	"errors"

	"github.com/rs/zerolog"

	"haltscope/cgroupfs"
	"haltscope/compare/document"
	"haltscope/compare/fault"
	"haltscope/compare/target"
	"haltscope/dockercli"
)

// Options say how much memory to reclaim.
type Options struct {
	Bytes   uint64 // 0 for everything that the kernel can take
	DryRun  bool   // only report what could be reclaimed
	Running bool   // also from containers that are not frozen
}

// Run reclaims memory from containers. It may return both a document and an error, if only some containers failed.
func Run(ctx context.Context, docker *dockercli.Client, which target.Selection, o Options, progress Progress) (*document.Reclaim, error) {
	done := progress.Step("finding the containers", 0)
	kernel, here, targets, failed := target.FindContainers(ctx, docker, which)
	done()
	if kernel != nil && kernel.Version == 1 && o.Bytes > 0 {
		return nil, &fault.UsageError{Text: "--bytes: cgroup v1 reclaims all or nothing (memory.force_empty)", Next: "leave it out"}
	}
	if len(targets) == 0 && failed != nil {
		return nil, failed
	}
	doc := &document.Reclaim{Schema: document.ReclaimSchema, Host: here, DryRun: o.DryRun, Containers: []document.Reclaimed{}}
	for _, t := range targets {
		one, err := runOne(ctx, docker.Log, kernel, t, o, progress)
		if errors.Is(err, errNotNow) && !which.ByName() {
			docker.Log.Warn().Err(err).Msg("left out")
			err = nil
		}
		failed = errors.Join(failed, err)
		if one != nil {
			doc.Containers = append(doc.Containers, *one)
		}
		if ctx.Err() != nil {
			return nil, errors.Join(ctx.Err(), failed)
		}
	}
	if len(doc.Containers) == 0 && failed != nil {
		return nil, failed
	}
	doc.Notes = document.Notes(doc)
	return doc, failed
}

// runOne reclaims memory from one container, and closes it.
func runOne(ctx context.Context, log zerolog.Logger, kernel *cgroupfs.Host, t *target.Target, o Options,
	progress Progress) (*document.Reclaimed, error) {
	defer t.Close()
	before, err := prepare(kernel, t, o)
	if err != nil {
		return nil, err
	}
	r := result{Target: t, options: o, before: before, after: before.Reading}
	if !o.DryRun {
		announce(log, t.Name(), before.facts)
		if r.after, r.exhausted, r.took, err = r.reclaim(ctx, progress); err != nil {
			return nil, refused(t, err)
		}
	}
	doc := r.document()
	return &doc, nil
}
