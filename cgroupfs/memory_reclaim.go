package cgroupfs

import (
	"errors"
	"fmt"
	"os"
	"strconv"
	"strings"

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
	r := reclaimRequest{
		write: func(bytes uint64) error {
			text := strconv.FormatUint(bytes, 10)
			if g.Version == 1 {
				text = "0"
			}
			_, err := unix.Write(fd, []byte(text))
			return err
		},
		charged: func() (uint64, error) { return g.charged(in) },
	}
	if less, err = r.until(bytes); err != nil {
		return false, fmt.Errorf("reclaiming %d bytes by %s/%s: %w", bytes, in.path, name, err)
	}
	return less, nil
}

// charged returns how many bytes are charged to the cgroup of a folder, and to those below it.
func (g *Group) charged(in *folder) (uint64, error) {
	name := "memory.current"
	if g.Version == 1 {
		name = "memory.usage_in_bytes"
	}
	fd, err := in.openFile(name)
	if err != nil {
		return 0, fmt.Errorf("opening %s: %w", name, err)
	}
	defer unix.Close(fd)
	var data [32]byte
	n, err := unix.Read(fd, data[:])
	if err != nil {
		return 0, fmt.Errorf("reading %s: %w", name, err)
	}
	bytes, err := strconv.ParseUint(strings.TrimSpace(string(data[:n])), 10, 64)
	if err != nil {
		return 0, fmt.Errorf("reading %s: %w", name, err)
	}
	return bytes, nil
}

// reclaimRequest is a way to request that the kernel reclaims some bytes, and to know how many are charged.
type reclaimRequest struct {
	write   func(bytes uint64) error
	charged func() (uint64, error)
}

// mostInterrupted bounds how often a request is made again that a signal to this process has ended.
const mostInterrupted = 1000

var errInterrupted = fmt.Errorf("%d signals to this process ended it, one after another", mostInterrupted)

// until requests to reclaim bytes, and requests what is left of them when a signal has ended that early (EINTR), which says nothing about
// how much there is: Go's runtime sends itself signals. Source: mm/vmscan.c, user_proactive_reclaim; mm/memcontrol-v1.c,
// mem_cgroup_force_empty.
func (r *reclaimRequest) until(bytes uint64) (less bool, err error) {
	start, err := r.charged()
	if err != nil {
		return false, err
	}
	left := bytes
	for range mostInterrupted {
		switch err := r.write(left); {
		case errors.Is(err, unix.EAGAIN):
			return true, nil
		case !errors.Is(err, unix.EINTR):
			return false, err
		}
		now, err := r.charged()
		if err != nil {
			return false, err
		}
		freed := start - min(now, start)
		if freed >= bytes {
			return false, nil
		}
		left = bytes - freed
	}
	return false, errInterrupted
}
