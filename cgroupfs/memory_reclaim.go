package cgroupfs

import (
	"errors"
	"fmt"
	"os"
	"strconv"

	"golang.org/x/sys/unix"
)

// ErrNoReclaim means that this kernel has no file to request reclaim: memory.reclaim came with Linux 5.19.
var ErrNoReclaim = errors.New("this kernel cannot reclaim memory of a cgroup on request")

// CanReclaimBytes reports whether [Group.Reclaim] can be given an amount. On v1 it reclaims as much as it can.
func (g *Group) CanReclaimBytes() bool { return g.Version == 2 }

// CanReclaim returns nil if the cgroup has the file to request reclaim, and an error that wraps [ErrNoReclaim] if this
// kernel has no such file.
func (g *Group) CanReclaim() error {
	in, name := g.reclaimFile()
	if in.open(); in.err != nil {
		return fmt.Errorf("looking for %s/%s: %w", in.path, name, in.err)
	}
	var s unix.Stat_t
	if err := unix.Fstatat(in.fd, name, &s, 0); errors.Is(err, os.ErrNotExist) && in.exists() {
		return ErrNoReclaim
	} else if err != nil {
		return fmt.Errorf("looking for %s/%s: %w", in.path, name, err)
	}
	return nil
}

func (g *Group) reclaimFile() (in *folder, name string) {
	if g.Version == 1 {
		return g.v1.usage.in, "memory.force_empty"
	}
	return g.freezer.request.in, "memory.reclaim"
}

// Reclaim makes the kernel reclaim some bytes of what is charged to the cgroup and those below it: page cache, reclaimable
// slab and, if there is swap, anonymous pages. It works on a frozen cgroup, which stays frozen. On v1 it reclaims as much as
// it can, whatever the number of bytes.
//
// It returns when the kernel has done what it could. On v2, less reports that this was less than requested (EAGAIN). The kernel
// may also reclaim more: measure the memory to know how much it was.
//
// Source: cgroup-v2.rst, "memory.reclaim"; cgroup-v1/memory.rst, section 5.1, memory.force_empty.
func (g *Group) Reclaim(bytes uint64) (less bool, err error) {
	in, name := g.reclaimFile()
	text := strconv.FormatUint(bytes, 10)
	if g.Version == 1 {
		text = "0"
	}
	if in.open(); in.err != nil {
		return false, fmt.Errorf("reclaiming from %s: %w", in.path, in.err)
	}
	// Relative to the open folder, so that it is never another cgroup at the same path.
	fd, err := unix.Openat(in.fd, name, unix.O_WRONLY|unix.O_CLOEXEC, 0)
	if errors.Is(err, os.ErrNotExist) && in.exists() {
		err = ErrNoReclaim
	}
	if err != nil {
		return false, fmt.Errorf("opening %s/%s: %w", in.path, name, err)
	}
	defer unix.Close(fd)
	_, err = unix.Write(fd, []byte(text))
	switch {
	case errors.Is(err, unix.EAGAIN):
		return true, nil
	case errors.Is(err, unix.EINTR):
		return false, nil // a signal to this process ended it early, which says nothing about how much there is
	case err != nil:
		return false, fmt.Errorf("writing %s to %s/%s: %w", text, in.path, name, err)
	}
	return false, nil
}
