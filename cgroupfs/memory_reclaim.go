package cgroupfs

import (
	"errors"
	"fmt"
	"os"
	"strconv"

	"golang.org/x/sys/unix"
)

// ErrNoReclaim means that this kernel has no file to ask for reclaim with: memory.reclaim came with 5.19.
var ErrNoReclaim = errors.New("this kernel offers no reclaim of a cgroup")

// CanReclaimBytes reports whether an amount can be asked for. v1 knows only all or nothing.
func (g *Group) CanReclaimBytes() bool { return g.Version == 2 }

// CanReclaim is [ErrNoReclaim] where this kernel cannot be asked for reclaim.
func (g *Group) CanReclaim() error {
	in, name := g.reclaimFile()
	if in.open(); in.err != nil {
		return fmt.Errorf("looking for %s/%s: %w", in.path, name, in.err)
	}
	var is unix.Stat_t
	if err := unix.Fstatat(in.fd, name, &is, 0); errors.Is(err, os.ErrNotExist) && in.exists() {
		return ErrNoReclaim
	} else if err != nil {
		return fmt.Errorf("looking for %s/%s: %w", in.path, name, err)
	}
	return nil
}

// reclaimFile is the file to ask with.
func (g *Group) reclaimFile() (in *folder, name string) {
	if g.Version == 1 {
		return g.v1.usage.in, "memory.force_empty"
	}
	return g.freezer.request.in, "memory.reclaim"
}

// Reclaim asks the kernel to take back some bytes of what is charged to the cgroup and those below it: page cache and
// reclaimable slab, and pages without a file where there is swap. It works on a frozen cgroup and leaves it frozen. It
// returns once the kernel has done what it could; less reports that this was less than was asked for (EAGAIN). How much
// it was is for the caller to measure: the kernel may also take more.
//
// v1 takes all it can, whatever the amount, and does not tell whether that was all. Source: cgroup-v2.rst,
// "memory.reclaim"; cgroup-v1/memory.rst, section 5.1, memory.force_empty.
func (g *Group) Reclaim(bytes uint64) (less bool, err error) {
	in, name := g.reclaimFile()
	text := strconv.FormatUint(bytes, 10)
	if g.Version == 1 {
		text = "0"
	}
	if in.open(); in.err != nil {
		return false, fmt.Errorf("reclaiming from %s: %w", in.path, in.err)
	}
	// Below the folder held open: never another cgroup that was made at the same path.
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
		return false, nil // a signal to us ended it early: that says nothing of how much there is
	case err != nil:
		return false, fmt.Errorf("writing %s to %s/%s: %w", text, in.path, name, err)
	}
	return false, nil
}
