package host

import (
	"context"
	"errors"
	"strings"

	"haltscope/cgroupfs"
	"haltscope/cgroupfs/proc"
	"haltscope/compare/value"
)

// namespaces refuses a PID or cgroup namespace in which the daemon's containers are not visible, because they would look as if they
// had ended. In the machine's initial namespaces it asks nobody.
func namespaces(ctx context.Context, docker Daemon, kernel *cgroupfs.Host) error {
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
