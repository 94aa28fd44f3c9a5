package host

import (
	"context"

	"haltscope/cgroupfs"
	"haltscope/dockercli"
)

// Containers says how many of the daemon's running containers are found on this machine.
type Containers struct {
	Running, Here int  // running containers, and those of them that have a cgroup here
	Tied          bool // the main process of at least one of them is in that cgroup, by the PID that Docker reports
}

// FindContainers looks for the daemon's containers on this machine: for their cgroups, and for the main process of one of them.
// Containers may start and end meanwhile, so it looks three times before it says that there is none.
func FindContainers(ctx context.Context, docker Lister, kernel *cgroupfs.Host) (found Containers, err error) {
	for range 3 {
		lines, err := docker.Ps(ctx, false, dockercli.Filter{})
		if err != nil {
			return Containers{}, err
		}
		groups, err := kernel.Containers()
		if err != nil {
			return Containers{}, err
		}
		var here []string
		for _, l := range lines {
			if groups[l.ID] != nil {
				here = append(here, l.ID)
			}
		}
		for _, g := range groups {
			g.Close()
		}
		found = Containers{Running: len(lines), Here: len(here)}
		if found.Tied, err = tied(ctx, docker, kernel.Locate, here[:min(len(here), 8)]); err != nil || found.Running == 0 || found.Tied {
			return found, err
		}
	}
	return found, nil
}

// inspector is what tied asks Docker.
type inspector interface {
	InspectEach(ctx context.Context, names []string, got func(name string, found *dockercli.Container, err error))
}

// tied reports whether the main process of one of the containers is in its cgroup on this machine. It stops asking when it has
// found one. It returns an error only if docker could inspect no container that has a main process, and failed on some.
func tied(ctx context.Context, docker inspector, locate func(pid int, id string) (*cgroupfs.Group, error), ids []string) (tied bool,
	err error) {
	asking, enough := context.WithCancel(ctx)
	defer enough()
	failed := dockercli.Inspections{Failed: map[string]error{}}
	looked := false
	docker.InspectEach(asking, ids, func(id string, c *dockercli.Container, err error) {
		switch {
		case tied:
		case err != nil:
			failed.Failed[id] = err
		case c != nil && c.State.Pid != 0:
			looked = true
			if g, err := locate(c.State.Pid, c.ID); err == nil {
				g.Close()
				tied = true
				enough() // do not wait for one that hangs
			}
		}
	})
	if tied || looked {
		return tied, nil
	}
	return false, failed.Err()
}
