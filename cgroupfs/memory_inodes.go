package cgroupfs

import (
	"errors"
	"fmt"
	"os"
	"strings"

	"golang.org/x/sys/unix"
)

// MemoryInodes returns the inode numbers of the group and of the cgroups below it, in the hierarchy of the memory controller. They are
// what /proc/kpagecgroup names cgroups by.
func (g *Group) MemoryInodes() (map[uint64]bool, error) {
	path, inodes := g.folder("memory"), map[uint64]bool{}
	if path == "" {
		return nil, fmt.Errorf("the memory controller of %s: %w", g.Path, ErrOutside)
	}
	err := eachInode(path, func(inode uint64, path string) { inodes[inode] = true })
	if (err == nil || gone(err)) && g.replaced() {
		err = fmt.Errorf("the cgroup is gone: %w", os.ErrNotExist)
	}
	if err != nil {
		return nil, fmt.Errorf("listing the cgroups at %s: %w", path, err)
	}
	return inodes, nil
}

// MemoryPaths returns the folders of cgroups in the hierarchy of the memory controller, by their inode numbers. Those that do not exist
// any more are missing.
func (h *Host) MemoryPaths(inodes map[uint64]bool) (map[uint64]string, error) {
	top, paths := h.mounts[""].point, map[uint64]string{}
	if h.Version == 1 {
		top = h.mounts["memory"].point
	}
	if top == "" {
		return nil, fmt.Errorf("listing the cgroups of the memory controller: %w", ErrNoCgroups)
	}
	err := eachInode(top, func(inode uint64, path string) {
		if inodes[inode] {
			paths[inode] = path
		}
	})
	if err != nil {
		return nil, fmt.Errorf("listing the cgroups at %s: %w", top, err)
	}
	return paths, nil
}

// eachInode calls found for a cgroup and for those below it. The error is about that one alone, or that one was too deep.
func eachInode(path string, found func(inode uint64, path string)) error {
	top, err := os.Open(path)
	if err != nil {
		return err
	}
	defer top.Close()
	return listInodes(top, path, 0, found)
}

func listInodes(dir *os.File, path string, depth int, found func(inode uint64, path string)) error {
	var s unix.Stat_t
	if err := unix.Fstat(int(dir.Fd()), &s); err != nil {
		return err
	}
	found(s.Ino, path)
	if s.Nlink == 2 {
		return nil // it has none below; see [search.list]
	}
	entries, err := dir.ReadDir(-1)
	if err != nil && !(depth > 0 && gone(err)) {
		return err
	}
	for _, e := range entries {
		if !e.IsDir() {
			continue
		}
		if depth >= maxDepth {
			return errTooDeep
		}
		below, err := openFolderAt(dir, e.Name())
		if err == nil {
			err = listInodes(below, path+"/"+e.Name(), depth+1, found)
			below.Close()
		}
		if err != nil && !errors.Is(err, os.ErrNotExist) && !gone(err) {
			return err
		}
	}
	return nil
}

// IsBelow reports whether a folder in the hierarchy of the memory controller is that of a cgroup above the group.
func (g *Group) IsBelow(folder string) bool {
	return folder != "" && strings.HasPrefix(g.folder("memory"), strings.TrimSuffix(folder, "/")+"/")
}
