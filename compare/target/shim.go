package target

import (
	"fmt"
	"strings"

	"haltscope/cgroupfs/proc"
)

// shims are how the names of shims begin: containerd's of each version, and podman's. The kernel keeps 15 characters of a name.
var shims = []string{"containerd-shim", "conmon"}

// OpenShim opens the shim of a container by the container's first process: it is the parent, which waits for that process's end.
func OpenShim(first int) (*proc.Process, error) { return openShim(first, proc.ReadStat) }

// openShim is [OpenShim] with another way to read /proc/PID/stat.
func openShim(first int, stat readStat) (*proc.Process, error) {
	child, err := stat(first)
	if err != nil {
		return nil, fmt.Errorf("finding the shim: %w", err)
	}
	// The parent is opened first. What is read after that is about the open process only if it is still the parent and
	// started when the open process did: otherwise its pid has been reused.
	parent, err := proc.OpenProcess(child.PPID)
	if err != nil {
		return nil, fmt.Errorf("finding the shim of process %d: %w", first, err)
	}
	if err := isShim(parent, child, stat); err != nil {
		parent.Close()
		return nil, err
	}
	return parent, nil
}

// isShim returns an error unless an open process is the parent of another, and a shim by its name.
func isShim(parent *proc.Process, child proc.Stat, stat readStat) error {
	is, err := stat(parent.PID)
	if err != nil {
		return fmt.Errorf("finding the shim of process %d: %w", child.PID, err)
	}
	again, err := stat(child.PID)
	if err != nil {
		return fmt.Errorf("finding the shim of process %d: %w", child.PID, err)
	}
	if is.ID() != parent.ID() || again.ID() != child.ID() || again.PPID != parent.PID {
		return fmt.Errorf("finding the shim of process %d: process %d is no longer its parent: %w", child.PID, parent.PID,
			proc.ErrNoProcess)
	}
	for _, name := range shims {
		if strings.HasPrefix(is.Comm, name) {
			return nil
		}
	}
	return fmt.Errorf("process %d, the parent of process %d, is not a shim: its name is %q", parent.PID, child.PID, is.Comm)
}
