package host

import (
	"context"
	"errors"
	"net"
	"strings"

	"golang.org/x/sys/unix"

	"haltscope/cgroupfs"
	"haltscope/cgroupfs/proc"
	"haltscope/compare/fault"
	"haltscope/compare/value"
	"haltscope/dockercli"
)

// namespaces refuses a PID or cgroup namespace in which the daemon's containers are not seen, so that none of them is taken
// for ended. It asks nobody in the namespaces that the machine has booted with.
func namespaces(ctx context.Context, docker *dockercli.Client, kernel *cgroupfs.Host) error {
	_, pid, cgroup := proc.InitialNamespaces()
	if !pid.Is(0) && !cgroup.Is(0) {
		return nil
	}
	var other []string
	if pid.Is(0) {
		other = append(other, "PID")
	}
	if cgroup.Is(0) {
		other = append(other, "cgroup")
	}
	if pid.Is(0) && Outside(ctx, docker) {
		return wrongNamespace("PID", errors.New("the daemon's process is not among those that are seen here"))
	}
	seen, err := Look(ctx, docker, kernel)
	if err != nil {
		return Unanswered(ctx, err, "docker ps")
	}
	if seen.Running > 0 && !seen.Tied {
		return wrongNamespace(strings.Join(other, " and "), errors.New("the first process of none of its "+
			value.Count(seen.Running, "running container", "running containers")+" is found here, in the container's cgroup"))
	}
	return nil
}

// wrongNamespace is the error for a namespace in which Docker's containers are not seen.
func wrongNamespace(kind string, why error) error {
	return &fault.UnfitError{What: "haltscope runs in another " + kind + " namespace than the docker daemon", Err: why,
		Next: "run haltscope on the host itself, or in a container with --privileged --pid host --cgroupns host"}
}

// Located is the error of finding a container's cgroup by its first process, as one of the host where it is.
func Located(err error) error {
	var elsewhere *cgroupfs.NotInContainerError
	switch {
	case errors.As(err, &elsewhere):
		return Remote(err)
	case errors.Is(err, cgroupfs.ErrOutside):
		return wrongNamespace("cgroup", err)
	}
	return err
}

// ownProc refuses a /proc of another PID namespace: its numbers are not those that the system calls take.
func ownProc() error {
	own, err := proc.ShowsOwnNamespace()
	switch {
	case err != nil:
		return &fault.UnfitError{What: "looking for this process in /proc", Err: err, Next: "mount it: mount -t proc proc /proc"}
	case !own:
		return &fault.UnfitError{What: "/proc shows the processes of another PID namespace than the one that haltscope runs in",
			Next: "run haltscope on the host itself (unshare --pid needs --mount-proc, too)"}
	}
	return nil
}

// Outside reports whether the daemon's socket belongs to a process that cannot be seen from this PID namespace. It is false
// where that cannot be told: the daemon is asked by a network, or there is none, as with podman.
//
// unix(7), SO_PEERCRED: the pid is that of the process that listens, as the asking one sees it; 0 where it does not.
func Outside(ctx context.Context, docker *dockercli.Client) bool {
	endpoint, err := docker.Endpoint(ctx)
	path, local := strings.CutPrefix(endpoint.Host, "unix://")
	if err != nil || !local {
		return false
	}
	ctx, cancel := context.WithTimeout(ctx, docker.Timeout)
	defer cancel()
	conn, err := (&net.Dialer{}).DialContext(ctx, "unix", path)
	if err != nil {
		return false
	}
	defer conn.Close()
	raw, err := conn.(*net.UnixConn).SyscallConn()
	if err != nil {
		return false
	}
	outside := false
	failed := raw.Control(func(fd uintptr) {
		peer, err := unix.GetsockoptUcred(int(fd), unix.SOL_SOCKET, unix.SO_PEERCRED)
		outside = err == nil && peer.Pid == 0
	})
	return failed == nil && outside
}

// Seen is how many of the daemon's containers are found here.
type Seen struct {
	Running, Here int  // containers that run, and those of them that have a cgroup here
	Tied          bool // one of these has its first process in it, by the number that Docker tells
}

// Look looks for the daemon's containers here: by their cgroups, and one of them by its first process. Any may end, or
// begin, in between: so it looks again before it says that there is none.
func Look(ctx context.Context, docker *dockercli.Client, kernel *cgroupfs.Host) (s Seen, err error) {
	for range 3 {
		lines, err := docker.Ps(ctx, false, dockercli.Filter{})
		if err != nil {
			return Seen{}, err
		}
		groups, err := kernel.Containers()
		if err != nil {
			return Seen{}, err
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
		s = Seen{Running: len(lines), Here: len(here)}
		if s.Tied, err = tied(ctx, docker, kernel.Locate, here[:min(len(here), 8)]); err != nil || s.Running == 0 || s.Tied {
			return s, err
		}
	}
	return s, nil
}

// tied reports whether the first process of one of the containers is one of this machine's, in its cgroup: it asks until it
// has found one. It returns an error only if docker could inspect none that has a first process, and failed on some.
func tied(ctx context.Context, docker *dockercli.Client, locate func(pid int, id string) (*cgroupfs.Group, error), ids []string) (tied bool, err error) {
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
				enough() // one that hangs need not be waited for
			}
		}
	})
	if tied || looked {
		return tied, nil
	}
	return false, failed.Err()
}
