package socket

import (
	"errors"
	"fmt"
	"io/fs"
	"os"
	"slices"
	"strconv"
	"strings"

	"golang.org/x/sys/unix"
)

// Owner is a process that holds sockets.
type Owner struct {
	PID     int
	Sockets []uint32 // those that were asked for, by inode
}

// Owners returns which processes hold sockets, given by their inodes. The owner of a socket stays unknown if its process has ended, is in
// another PID namespace, or may not be read. If several processes hold the same socket, it returns one of them. It looks first at
// processes with high PIDs, which are usually young, and at no more than it has to. Source: proc_pid_fd(5).
func Owners(inodes []uint32) (owners []Owner, err error) {
	if len(inodes) == 0 {
		return nil, nil
	}
	folder, err := os.Open("/proc")
	if err != nil {
		return nil, err
	}
	names, err := folder.Readdirnames(-1)
	folder.Close()
	if err != nil {
		return nil, fmt.Errorf("listing the processes: %w", err)
	}
	var all []int
	for _, name := range names {
		if pid, err := strconv.Atoi(name); err == nil {
			all = append(all, pid)
		}
	}
	slices.Sort(all)
	wanted := map[uint32]bool{}
	for _, inode := range inodes {
		wanted[inode] = true
	}
	for _, pid := range slices.Backward(all) {
		if len(wanted) == 0 {
			break
		}
		held, err := heldBy(pid, wanted)
		if err != nil {
			return nil, err
		}
		if len(held) > 0 {
			owners = append(owners, Owner{pid, held})
		}
	}
	return owners, nil
}

// heldBy returns the sockets in the set that a process holds, and removes them from it. A process that has ended, or that may not
// be read, holds none.
func heldBy(pid int, wanted map[uint32]bool) (held []uint32, err error) {
	path := fmt.Sprintf("/proc/%d/fd", pid)
	folder, err := os.Open(path)
	if err != nil {
		return nil, unlessHidden(err)
	}
	defer folder.Close()
	names, err := folder.Readdirnames(-1)
	if err != nil {
		return nil, unlessHidden(err)
	}
	for _, name := range names {
		target, err := os.Readlink(path + "/" + name)
		if err != nil {
			if err := unlessHidden(err); err != nil {
				return nil, err
			}
			continue // it was closed, or is hidden
		}
		if inode, ok := socketInode(target); ok && wanted[inode] {
			delete(wanted, inode)
			held = append(held, inode)
		}
	}
	return held, nil
}

func unlessHidden(err error) error {
	if errors.Is(err, fs.ErrNotExist) || errors.Is(err, fs.ErrPermission) || errors.Is(err, unix.ESRCH) {
		return nil
	}
	return err
}

// socketInode parses the target of a link in /proc/PID/fd:
//
//	socket:[422773]
func socketInode(target string) (uint32, bool) {
	digits, ok := strings.CutPrefix(target, "socket:[")
	if !ok {
		return 0, false
	}
	digits, ok = strings.CutSuffix(digits, "]")
	if !ok {
		return 0, false
	}
	inode, err := strconv.ParseUint(digits, 10, 32)
	return uint32(inode), err == nil
}
