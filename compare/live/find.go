// Package live looks at containers as they are: Docker's account beside the kernel's, without touching them, and gives
// memory of one back where its user asks for that.
package live

import (
	"context"
	"errors"
	"fmt"
	"strings"

	"haltscope/cgroupfs"
	"haltscope/compare/document"
	"haltscope/compare/host"
	"haltscope/compare/value"
	"haltscope/dockercli"
)

// subject is a container that was asked about.
type subject struct {
	container dockercli.Container
	group     *cgroupfs.Group // nil where it has no cgroup
}

func (s *subject) name() string { return value.Clean(strings.TrimPrefix(s.container.Name, "/")) }

// locate finds the cgroup of a container by its first process, or by its name where that process is not in it any more.
// One that does not run has none, as a rule.
func (s *subject) locate(kernel *cgroupfs.Host) error {
	var failed error
	if pid := s.container.State.Pid; pid > 0 {
		if s.group, failed = kernel.Locate(pid, s.container.ID); failed == nil {
			return nil
		}
	}
	groups, err := kernel.Containers()
	for id, g := range groups {
		if id == s.container.ID && placed(&s.container, g) {
			s.group = g
		} else {
			g.Close()
		}
	}
	switch {
	case s.group != nil:
		return nil
	case err != nil:
		return fmt.Errorf("looking for the cgroup of container %s: %w", s.name(), err)
	case errors.Is(failed, cgroupfs.ErrNoProcess):
		return nil // it has ended
	}
	return host.Located(failed)
}

// placed reports whether a cgroup that was found by its name is where Docker puts a container's: in no other container's, but
// for --cgroup-parent. Else that other container has made it, and named it so.
func placed(c *dockercli.Container, g *cgroupfs.Group) bool {
	return g.Inside == "" || strings.Contains(c.HostConfig.CgroupParent, g.Inside)
}

func (s *subject) close() {
	if s.group != nil {
		s.group.Close()
		s.group = nil
	}
}

// fit checks the host and finds the containers.
func fit(ctx context.Context, docker *dockercli.Client, names []string) (*cgroupfs.Host, document.Host, []*subject, error) {
	kernel, here, err := host.Check(ctx, docker)
	if err != nil {
		return nil, here, nil, err
	}
	found, missing := docker.Find(ctx, names...)
	var subjects []*subject
	for _, c := range found {
		subjects = append(subjects, &subject{container: c})
	}
	return kernel, here, subjects, missing
}
