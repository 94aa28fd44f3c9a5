// Package target gathers the facts about one container: what docker inspect says, its cgroup, its processes, and what they do
// with signals. It changes nothing.
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
	"haltscope/compare/value"
	"haltscope/dockercli"
)

// subject is a container that was asked about.
type Target struct {
	Container dockercli.Container
	Group     *cgroupfs.Group // nil where it has no cgroup
}

func (s *Target) Name() string { return value.Clean(strings.TrimPrefix(s.Container.Name, "/")) }

// locate finds the cgroup of a container by its first process, or by its name where that process is not in it any more.
// One that does not run has none, as a rule.
func (s *Target) Locate(kernel *cgroupfs.Host) error {
	var failed error
	if pid := s.Container.State.Pid; pid > 0 {
		if s.Group, failed = kernel.Locate(pid, s.Container.ID); failed == nil {
			return nil
		}
	}
	groups, err := kernel.Containers()
	for id, g := range groups {
		if id == s.Container.ID && Placed(&s.Container, g) {
			s.Group = g
		} else {
			g.Close()
		}
	}
	switch {
	case s.Group != nil:
		return nil
	case err != nil:
		return fmt.Errorf("looking for the cgroup of container %s: %w", s.Name(), err)
	case errors.Is(failed, proc.ErrNoProcess):
		return nil // it has ended
	}
	return host.Located(failed)
}

// placed reports whether a cgroup that was found by its name is where Docker puts a container's: in no other container's, but
// for --cgroup-parent. Else that other container has made it, and named it so.
func Placed(c *dockercli.Container, g *cgroupfs.Group) bool {
	return g.Inside == "" || strings.Contains(c.HostConfig.CgroupParent, g.Inside)
}

func (s *Target) Close() {
	if s.Group != nil {
		s.Group.Close()
		s.Group = nil
	}
}

// fit checks the host and finds the containers.
func Check(ctx context.Context, docker *dockercli.Client, names []string) (*cgroupfs.Host, document.Host, []*Target, error) {
	kernel, here, err := host.Check(ctx, docker)
	if err != nil {
		return nil, here, nil, err
	}
	found, missing := docker.Find(ctx, names...)
	var subjects []*Target
	for _, c := range found {
		subjects = append(subjects, &Target{Container: c})
	}
	return kernel, here, subjects, missing
}

// Find checks the host and finds containers by name or id, with their cgroups. It may return both containers and an error, if
// only some could not be found. The caller closes their groups.
func Find(ctx context.Context, docker *dockercli.Client, names []string) (*cgroupfs.Host, document.Host, []*Target, error) {
	kernel, here, all, failed := Check(ctx, docker, names)
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
