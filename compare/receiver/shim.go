package receiver

import (
	"fmt"
	"strings"

	"haltscope/cgroupfs"
)

// shims are the names by which the process above a container's first is known: containerd's, whichever its version, and
// podman's. The kernel keeps 15 characters of a name.
var shims = []string{"containerd-shim", "conmon"}

// Shim takes hold of the shim of a container by its first process: the parent, which waits for its end.
func Shim(first int) (*cgroupfs.Process, error) {
	stat, err := cgroupfs.ReadStat(first)
	if err != nil {
		return nil, fmt.Errorf("looking for the shim: %w", err)
	}
	parent, err := cgroupfs.ReadStat(stat.PPID)
	if err != nil {
		return nil, fmt.Errorf("looking for the shim of process %d: %w", first, err)
	}
	for _, name := range shims {
		if strings.HasPrefix(parent.Comm, name) {
			return cgroupfs.OpenProcess(stat.PPID)
		}
	}
	return nil, fmt.Errorf("process %d, the parent of process %d, is no shim: its name is %q", stat.PPID, first, parent.Comm)
}
