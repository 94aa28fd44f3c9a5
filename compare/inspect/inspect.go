package inspect

import (
	"context"
	"errors"
	"fmt"
	"slices"

	"haltscope/cgroupfs"
	"haltscope/compare/document"
	"haltscope/compare/target"
	"haltscope/dockercli"
)

// tries is how often an account is taken of containers whose state changes meanwhile.
const tries = 3

// Run puts Docker's account of containers beside the kernel's. It changes nothing of a container; docker top leaves an event. The report is there also beside
// an error that concerns some of them only.
func Run(ctx context.Context, docker *dockercli.Client, names []string, progress Progress) (*document.Inspect, error) {
	done := progress.Step("finding the containers", 0)
	kernel, here, subjects, missing := target.FindContainers(ctx, docker, names)
	done()
	if len(subjects) == 0 {
		return nil, missing
	}
	done = progress.Step(fmt.Sprintf("docker stats, docker top, and the cgroups of %d", len(subjects)), 0)
	accounts, err := settledAccounts(ctx, docker, kernel, subjects)
	done()
	if ctx.Err() != nil {
		return nil, ctx.Err()
	}
	doc := &document.Inspect{Schema: document.InspectSchema, Host: here, Containers: []document.Inspected{}}
	for _, a := range accounts {
		doc.Containers = append(doc.Containers, a.document())
		a.Close()
	}
	if len(doc.Containers) == 0 {
		return nil, errors.Join(missing, err)
	}
	doc.Notes = document.Notes(doc)
	return doc, errors.Join(missing, err)
}

// settledAccounts takes the accounts, and takes them again of containers that Docker tells otherwise of behind. One that
// was removed meanwhile has none, and is an error of its own; docker stats, which tells of none then, is asked again. One that
// docker no longer answers about keeps its account, with an error that says so.
func settledAccounts(ctx context.Context, docker *dockercli.Client, kernel *cgroupfs.Host, subjects []*target.Target) ([]*account, error) {
	var removed error
	for try := 1; ; try++ {
		accounts, failed := accountsOf(ctx, docker, kernel, subjects)
		ids := make([]string, len(subjects))
		for i, s := range subjects {
			ids[i] = s.Container.ID
		}
		now := docker.InspectMany(ctx, ids...)
		changed := false
		var left []*target.Target
		for _, s := range subjects {
			c, there := now.Found[s.Container.ID]
			if now.Failed[s.Container.ID] != nil {
				left = append(left, s)
				continue
			}
			if !there {
				removed = errors.Join(removed, fmt.Errorf("container %s was removed while it was looked at: %w", s.Name(), dockercli.ErrNotFound))
				s.Close()
				changed = true
				continue
			}
			changed = changed || !same(s.Container, c)
			s.Container = c
			left = append(left, s)
		}
		accounts = slices.DeleteFunc(accounts, func(a *account) bool { return !slices.Contains(left, a.Target) })
		if subjects = left; !changed || try == tries || len(left) == 0 {
			return accounts, errors.Join(removed, failed, now.Err())
		}
		for _, s := range subjects {
			s.Close()
		}
	}
}
