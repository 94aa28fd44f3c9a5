// Package inspect compares what Docker says about containers with what the kernel says, and finds out who holds their memory.
//
// It reads the kernel's files right before and right after it asks Docker, and starts again if Docker's answer changed in between. The
// judgements are in packages drift and memory.
package inspect

import (
	"context"
	"errors"
	"fmt"
	"slices"

	"haltscope/cgroupfs"
	"haltscope/compare/document"
	"haltscope/compare/target"
	"haltscope/compare/value"
	"haltscope/dockercli"
)

// tries is how often the account of containers is taken whose state changes meanwhile.
const tries = 3

// Run inspects containers. It changes none of them; docker top leaves an event in Docker's history. It may return both a document and
// an error, if only some containers failed.
//
// With files above 0, it also finds the files in each container's memory, and lists that many of the largest.
func Run(ctx context.Context, docker *dockercli.Client, which target.Selection, files int, progress Progress) (*document.Inspect, error) {
	done := progress.Step("finding the containers", 0)
	kernel, here, targets, missing := target.FindContainers(ctx, docker, which)
	done()
	switch {
	case len(targets) == 0 && missing != nil:
		return nil, missing
	case len(targets) == 0:
		return complete(&document.Inspect{Host: here}), nil
	}
	done = progress.Step("asking docker stats and docker top, and reading "+value.Count(len(targets), "cgroup", "cgroups"), 0)
	accounts, removed, failed := settledAccounts(ctx, docker, kernel, targets)
	done()
	if ctx.Err() != nil {
		return nil, ctx.Err()
	}
	if files > 0 {
		addFiles(ctx, docker, kernel, accounts, files, progress)
	}
	if !which.ByName() && removed != nil {
		docker.Log.Warn().Err(removed).Msg("left out")
		removed = nil
	}
	failed = errors.Join(missing, removed, failed)
	doc := &document.Inspect{Host: here}
	for _, a := range accounts {
		doc.Containers = append(doc.Containers, a.document())
		a.Close()
	}
	if len(doc.Containers) == 0 && failed != nil {
		return nil, failed
	}
	addLastEnds(ctx, docker, accounts, doc)
	return complete(doc), failed
}

// complete returns the document with what belongs to every one.
func complete(d *document.Inspect) *document.Inspect {
	d.Schema = document.InspectSchema
	if d.Containers == nil {
		d.Containers = []document.Inspected{}
	}
	d.Notes = document.Notes(d)
	return d
}

// settledAccounts takes the accounts, and takes them again if Docker's inspection changed meanwhile. A container that was removed
// meanwhile has no account, and is named in removed; because docker stats then has no figures for any container, all are asked about
// again. A container about which docker no longer answers keeps its account, with an error.
func settledAccounts(ctx context.Context, docker *dockercli.Client, kernel *cgroupfs.Host, targets []*target.Target) (all []*account,
	removed, failed error) {
	for try := 1; ; try++ {
		accounts, failed := accountsOf(ctx, docker, kernel, targets)
		left, changed, gone, err := inspectAgain(ctx, docker, targets)
		removed = errors.Join(removed, gone)
		accounts = slices.DeleteFunc(accounts, func(a *account) bool { return !slices.Contains(left, a.Target) })
		if targets = left; !changed || try == tries || len(left) == 0 {
			return accounts, removed, errors.Join(failed, err)
		}
		for _, t := range targets {
			t.Close()
		}
	}
}

// inspector is what inspectAgain asks Docker.
type inspector interface {
	InspectMany(ctx context.Context, names ...string) dockercli.Inspections
}

// inspectAgain updates the inspections of targets, and returns those that still exist and whether anything changed. The error gone names
// those that were removed, which it closes; err names those about which docker did not answer.
func inspectAgain(ctx context.Context, docker inspector, targets []*target.Target) (left []*target.Target, changed bool, gone,
	err error) {
	ids := make([]string, len(targets))
	for i, t := range targets {
		ids[i] = t.Container.ID
	}
	now := docker.InspectMany(ctx, ids...)
	for _, t := range targets {
		c, exists := now.Found[t.Container.ID]
		switch {
		case now.Failed[t.Container.ID] != nil:
		case !exists:
			gone = errors.Join(gone, fmt.Errorf("container %s was removed during the inspection: %w", t.Name(), dockercli.ErrNotFound))
			t.Close()
			changed = true
			continue
		default:
			changed = changed || !sameState(t.Container, c)
			t.Container = c
		}
		left = append(left, t)
	}
	return left, changed, gone, now.Err()
}
