package target

import (
	"context"
	"errors"
	"fmt"
	"strings"

	"haltscope/cgroupfs"
	"haltscope/cgroupfs/proc"
	"haltscope/compare/document"
	"haltscope/compare/host"
	"haltscope/dockercli"
)

// Target is a container that a command is about.
type Target struct {
	Container dockercli.Container
	Group     *cgroupfs.Group // nil where it has no cgroup
}

// Name returns the name of the container, safe to print.
func (t *Target) Name() string { return t.Container.DisplayName() }

// Locate finds the cgroup of the container by its first process, or by the cgroup's name if that process is no longer in it.
// A container that is not running has none, as a rule.
func (t *Target) Locate(kernel *cgroupfs.Host) error {
	var failed error
	if pid := t.Container.State.Pid; pid > 0 {
		if t.Group, failed = kernel.Locate(pid, t.Container.ID); failed == nil {
			return nil
		}
	}
	groups, err := kernel.Containers()
	for id, g := range groups {
		if id == t.Container.ID && PlacedByDocker(&t.Container, g) {
			t.Group = g
		} else {
			g.Close()
		}
	}
	switch {
	case t.Group != nil:
		return nil
	case err != nil:
		return fmt.Errorf("finding the cgroup of container %s: %w", t.Name(), err)
	case errors.Is(failed, proc.ErrNoProcess):
		return nil // it has ended
	}
	return host.LocateError(failed)
}

// PlacedByDocker reports whether a cgroup that was found by its name is where Docker puts the container's: not in another
// container's cgroup, except by --cgroup-parent. Otherwise that other container created it, and gave it the name.
func PlacedByDocker(c *dockercli.Container, g *cgroupfs.Group) bool {
	return g.Inside == "" || strings.Contains(c.HostConfig.CgroupParent, g.Inside)
}

// Close closes the cgroup, if there is one.
func (t *Target) Close() {
	if t.Group != nil {
		t.Group.Close()
		t.Group = nil
	}
}

// Finder is what [Find] asks Docker.
type Finder interface {
	host.Engine
	selector
}

// FindContainers checks the host and finds containers, without their cgroups. It may return both containers and an error, if only some
// could not be found.
func FindContainers(ctx context.Context, docker Finder, which Selection) (*cgroupfs.Host, document.Host, []*Target, error) {
	kernel, here, err := host.Check(ctx, docker)
	if err != nil {
		return nil, here, nil, err
	}
	found, missing := which.Find(ctx, docker)
	var targets []*Target
	for _, c := range found {
		targets = append(targets, &Target{Container: c})
	}
	return kernel, here, targets, missing
}

// Find checks the host and finds containers, with their cgroups. It may return both containers and an error, if only some could not be
// found. The caller closes their groups.
func Find(ctx context.Context, docker Finder, which Selection) (*cgroupfs.Host, document.Host, []*Target, error) {
	kernel, here, all, failed := FindContainers(ctx, docker, which)
	var found []*Target
	for _, t := range all {
		if err := t.Locate(kernel); err != nil {
			failed = errors.Join(failed, err)
			continue
		}
		found = append(found, t)
	}
	return kernel, here, found, failed
}
