package cgroupfs

import (
	"encoding/binary"
	"errors"
	"fmt"
	"os"
	"strings"

	"github.com/containerd/cgroups/v3"
	"golang.org/x/sys/unix"
)

// perfEvent is the controller whose cgroups perf events name by their id.
const perfEvent = "perf_event"

// fileIDKernfs is the type of a file handle that holds the id of a cgroup. Source: enum fid_type, FILEID_KERNFS.
const fileIDKernfs = 0xfe

// ErrNoCgroup means that there is no cgroup of an id any more.
var ErrNoCgroup = errors.New("the cgroup is gone")

// PathOfID returns the path of the cgroup with an id that a perf event has, from the root of its hierarchy on: that of the controller
// perf_event, which is v2's unless v1 has taken it. It needs CAP_DAC_READ_SEARCH. Source: kernel/events/core.c, perf_event_cgroup;
// fs/kernfs/mount.c, kernfs_fh_to_dentry, since Linux 5.5.
func (h *Host) PathOfID(id uint64) (string, error) {
	m, err := h.perfEventMount()
	if err != nil {
		return "", err
	}
	path, err := m.pathOfID(id)
	if err != nil {
		return "", fmt.Errorf("cgroup %d below %s: %w", id, m.point, err)
	}
	return path, nil
}

// perfEventMount returns where the hierarchy of perf_event is mounted.
func (h *Host) perfEventMount() (mount, error) {
	own, _, err := cgroups.ParseCgroupFileUnified("/proc/self/cgroup")
	if err != nil {
		return mount{}, err
	}
	controller := "" // v2
	if _, ok := own[perfEvent]; ok {
		controller = perfEvent
	}
	m, ok := h.mounts[controller]
	if !ok {
		return mount{}, fmt.Errorf("the hierarchy of %s is not mounted: %w", perfEvent, ErrNoCgroups)
	}
	return m, nil
}

func (m mount) pathOfID(id uint64) (string, error) {
	root, err := os.Open(m.point)
	if err != nil {
		return "", err
	}
	defer root.Close()
	handle := unix.NewFileHandle(fileIDKernfs, binary.NativeEndian.AppendUint64(nil, id))
	fd, err := unix.OpenByHandleAt(int(root.Fd()), handle, unix.O_PATH|unix.O_CLOEXEC)
	switch {
	case errors.Is(err, unix.ESTALE):
		return "", ErrNoCgroup
	case err != nil:
		return "", fmt.Errorf("open_by_handle_at: %w", err)
	}
	defer unix.Close(fd)
	path, err := os.Readlink(fmt.Sprintf("/proc/self/fd/%d", fd))
	if err != nil {
		return "", err
	}
	path, removed := strings.CutSuffix(path, " (deleted)")
	below, ok := strings.CutPrefix(path, strings.TrimSuffix(m.point, "/"))
	switch {
	case removed:
		return "", ErrNoCgroup
	case !ok:
		return "", ErrOutside
	case below == "":
		return "/", nil
	}
	return below, nil
}

// UnitOfPath returns the innermost systemd service or scope that a cgroup path belongs to; "" if it is none's, or a container's.
func UnitOfPath(path string) string { return unitIn(path) }
