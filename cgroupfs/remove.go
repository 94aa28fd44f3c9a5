package cgroupfs

import (
	"errors"
	"fmt"
	"os"
	"strings"

	"github.com/moby/sys/mountinfo"
	"golang.org/x/sys/unix"
)

// Remove removes the cgroup, and those below it, in each mounted hierarchy. The kernel refuses to remove one that has processes. A
// runtime that takes its container for ended cannot remove the cgroup while a process is in it, and does not come back to it.
func (g *Group) Remove() error {
	below, ok := strings.CutPrefix(g.Path, g.mountPoint+"/")
	if !ok {
		return fmt.Errorf("removing the cgroup %s: it is not below %s", g.Path, g.mountPoint)
	}
	mounts, err := mountinfo.GetMounts(mountinfo.FSTypeFilter("cgroup", "cgroup2"))
	if err != nil {
		return fmt.Errorf("removing the cgroup %s: %w", g.Path, err)
	}
	var failed []error
	for _, m := range mounts {
		failed = append(failed, removeTree(m.Mountpoint+"/"+below))
	}
	return errors.Join(failed...)
}

// removeTree removes a cgroup and those below it. One that is not there is no error.
func removeTree(path string) error {
	dir, err := os.Open(path)
	if gone(err) {
		return nil
	}
	if err != nil {
		return fmt.Errorf("removing a cgroup: %w", err)
	}
	defer dir.Close()
	if err := removeBelow(dir, 0); err != nil {
		return fmt.Errorf("removing the cgroups below %s: %w", path, err)
	}
	if err := unix.Rmdir(path); err != nil && !gone(err) {
		return fmt.Errorf("removing the cgroup %s: %w", path, err)
	}
	return nil
}

// removeBelow removes the cgroups below an open one.
func removeBelow(dir *os.File, depth int) error {
	if depth > maxDepth {
		return errTooDeep
	}
	entries, err := dir.ReadDir(-1)
	if err != nil && !gone(err) {
		return err
	}
	for _, e := range entries {
		if !e.IsDir() {
			continue
		}
		below, err := openFolderAt(dir, e.Name())
		if gone(err) {
			continue
		}
		if err != nil {
			return err
		}
		err = removeBelow(below, depth+1)
		below.Close()
		if err != nil {
			return err
		}
		if err := unix.Unlinkat(int(dir.Fd()), e.Name(), unix.AT_REMOVEDIR); err != nil && !gone(err) {
			return err
		}
	}
	return nil
}
