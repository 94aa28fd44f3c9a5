package cgroupfs

import (
	"fmt"
	"os"
	"slices"
	"sync"
)

// Group is the cgroup of one container. It opens files when they are first read, and keeps them open. Its methods may be
// called from several goroutines.
type Group struct {
	Version int    // 1 or 2
	Path    string // its folder; on v1, that in the freezer hierarchy
	// Inside is the id of the container in whose cgroup this one lies, or "". It is set only for a group that was found by
	// its name: a container that can make cgroups may have made it, and named it after any other.
	Inside string

	mountPoint  string              // of v2, or of v1's freezer
	controllers map[string]location // v1 only: its folder in each mounted hierarchy
	folders     []*folder           // the group's own first
	freezer     freezerFiles
	v2          filesV2
	v1          filesV1

	mu sync.Mutex // for the files
}

// GroupDescriptors is how many files a group keeps open at most, besides one or two for each cgroup above it.
const GroupDescriptors = 14

// folder returns the group's folder for a controller, or "" if the controller is not mounted.
func (g *Group) folder(controller string) string {
	if g.Version == 2 {
		return g.Path
	}
	return g.controllers[controller].path
}

// openFolders opens the folders, so that they are those of the cgroups that exist now.
func (g *Group) openFolders() {
	for _, f := range g.folders {
		f.open()
	}
}

// files lists all files.
func (g *Group) files() []*file { return slices.Concat(g.freezer.all(), g.v1.all(), g.v2.all()) }

// Close closes the group. Readings are [figure.Failed] afterwards.
func (g *Group) Close() {
	g.mu.Lock()
	defer g.mu.Unlock()
	for _, f := range g.files() {
		f.close()
	}
	for _, f := range g.folders {
		f.close()
	}
}

// Release closes the files until they are read again. They will be those of the same cgroup, or [figure.Vanished].
func (g *Group) Release() {
	g.mu.Lock()
	defer g.mu.Unlock()
	for _, f := range g.files() {
		f.release()
	}
	for _, f := range g.folders {
		f.release()
	}
}

// ReleaseMemory is [Group.Release] for the files about memory only.
func (g *Group) ReleaseMemory() {
	g.mu.Lock()
	defer g.mu.Unlock()
	for _, f := range slices.Concat(g.v1.memory(), g.v2.memory()) {
		f.release()
	}
}

// releaseAllBut is [Group.Release] for all but the given files and the group's own folder. The caller holds the lock.
func (g *Group) releaseAllBut(kept ...*file) {
	for _, f := range g.files() {
		if !slices.Contains(kept, f) {
			f.release()
		}
	}
	for _, f := range g.folders {
		if f != g.freezer.state.in {
			f.release()
		}
	}
}

// Exists reports whether the cgroup still exists. Docker removes it when the container ends, and makes another one at the
// same path when the container starts again.
func (g *Group) Exists() bool {
	g.mu.Lock()
	defer g.mu.Unlock()
	return g.freezer.request.in.exists()
}

// Inode returns the inode number of its folder, on v1 of that in the freezer hierarchy; 0 if it is not known. No other cgroup has the
// same one until the machine boots again.
func (g *Group) Inode() uint64 {
	g.mu.Lock()
	defer g.mu.Unlock()
	if len(g.folders) == 0 {
		return 0
	}
	return g.folders[0].inode
}

// replaced reports whether the cgroup is gone. Another one may then be at its path. If the cgroup is still there, everything
// that was read by path until now belongs to it, because a removed cgroup never comes back.
func (g *Group) replaced() bool {
	g.mu.Lock()
	defer g.mu.Unlock()
	return len(g.folders) > 0 && !g.folders[0].exists()
}

// Members lists the PIDs of the processes in the cgroup and in those below it, in ascending order. If a cgroup below could
// not be read, it returns the others and an error.
func (g *Group) Members() ([]int, error) {
	pids, err := members(g.Path)
	if (err == nil || gone(err)) && g.replaced() {
		return nil, fmt.Errorf("listing the processes of %s: the cgroup is gone: %w", g.Path, os.ErrNotExist)
	}
	return pids, err
}
