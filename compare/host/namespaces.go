package host

import (
	"context"
	"errors"
	"net"
	"strings"

	"golang.org/x/sys/unix"

	"haltscope/cgroupfs"
	"haltscope/cgroupfs/proc"
	"haltscope/compare/value"
	"haltscope/dockercli"
)

// namespaces refuses a PID or cgroup namespace in which the daemon's containers are not visible, because they would look as if they
// had ended. In the machine's initial namespaces it asks nobody.
func namespaces(ctx context.Context, docker *dockercli.Client, kernel *cgroupfs.Host) error {
	_, pid, cgroup := proc.InitialNamespaces()
	if !pid.Is(0) && !cgroup.Is(0) {
		return nil
	}
	var kinds []string
	if pid.Is(0) {
		kinds = append(kinds, "PID")
	}
	if cgroup.Is(0) {
		kinds = append(kinds, "cgroup")
	}
	if pid.Is(0) && DaemonOutside(ctx, docker) {
		return namespaceError("PID", errors.New("the daemon's process is not visible here"))
	}
	seen, err := FindContainers(ctx, docker, kernel)
	if err != nil {
		return DaemonError(ctx, docker, err, "docker ps")
	}
	if seen.Running > 0 && !seen.Tied {
		return namespaceError(strings.Join(kinds, " and "), errors.New("none of its "+
			value.Count(seen.Running, "running container has its main process",
				"running containers has its main process")+" here, in its own cgroup"))
	}
	return nil
}

// DaemonOutside reports whether the daemon's socket belongs to a process that is not visible in this PID namespace. It returns
// false if that cannot be known: the daemon is reached over a network, or there is none, as with podman.
//
// Source: unix(7), SO_PEERCRED. The PID is that of the listening process, as seen by the caller, and 0 if it is not visible.
func DaemonOutside(ctx context.Context, docker *dockercli.Client) bool {
	path, err := socket(ctx, docker)
	if err != nil {
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
