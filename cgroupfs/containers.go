package cgroupfs

import (
	"os"
	"strings"

	"golang.org/x/sys/unix"
)

// idLength is the number of hexadecimal digits in a container's full id.
const idLength = 64

// Containers finds all cgroups that are named after the full id of a container, anywhere in the hierarchy, and returns
// them by that id. See [CutAtID] for the names.
//
// One container may be below another, because of docker run --cgroup-parent, or because it runs in a container. A
// container may name the cgroups that it makes as it likes; so of two cgroups with the same id the outer one is returned,
// and [Group].Inside names the container that the cgroup lies in. The caller has to find out whether it is genuine.
//
// A cgroup that cannot be read is skipped, with all below it. See [Host.Search].
func (h *Host) Containers() (map[string]*Group, error) {
	found, _, err := h.Search()
	return found, err
}

// Search is [Host.Containers], and also returns the cgroups that were skipped.
func (h *Host) Search() (map[string]*Group, []Skipped, error) {
	s := search{host: h, top: h.mounts[h.mainController()].point, found: map[string]*Group{}, depth: map[string]int{}}
	top, err := os.Open(s.top)
	if err != nil {
		return s.found, nil, err
	}
	defer top.Close()
	err = s.list(top, position{})
	return s.found, s.skipped, err
}

// search is a search for containers.
type search struct {
	host    *Host
	top     string // where the hierarchy is mounted
	found   map[string]*Group
	depth   map[string]int // in how many containers the one found lies
	skipped []Skipped
}

// position is where a search stands.
type position struct {
	path       string // below the mount
	inside     string // id of the innermost container here
	containers int    // how many containers this is in
	levels     int    // how many cgroups this is below the top
}

// list searches the cgroups below an open one. The error is about that one alone.
func (s *search) list(dir *os.File, at position) error {
	entries, err := dir.ReadDir(-1)
	if err != nil {
		return err
	}
	var parents map[string]*os.File
	for _, e := range entries {
		if !e.IsDir() {
			continue
		}
		var stat unix.Stat_t
		if unix.Fstatat(int(dir.Fd()), e.Name(), &stat, unix.AT_SYMLINK_NOFOLLOW) != nil {
			continue // removed in the meantime
		}
		below := position{path: at.path + "/" + e.Name(), inside: at.inside, containers: at.containers, levels: at.levels + 1}
		if id, ok := idOf(e.Name()); ok {
			if parents == nil {
				parents = s.host.openParents(at.path)
			}
			s.add(id, s.host.locations(below.path, stat.Ino, parents), at)
			below.inside, below.containers = id, at.containers+1
		}
		// A cgroup has one link from itself, one from its parent, and one from each child. So most need not be read, because
		// they have no children. Source: fs/kernfs/inode.c, kernfs_refresh_inode.
		if stat.Nlink == 2 {
			continue
		}
		if err := s.enter(dir, e.Name(), below); err != nil && !gone(err) {
			s.skipped = append(s.skipped, Skipped{s.top + below.path, err})
		}
	}
	return nil
}

// add adds the cgroup of a container, unless one with its id was found that is in fewer containers, or as few.
func (s *search) add(id string, at map[string]location, parent position) {
	if old, ok := s.found[id]; ok {
		if s.depth[id] <= parent.containers {
			return
		}
		old.Close()
	}
	g := s.host.open(at)
	g.Inside = parent.inside
	s.found[id], s.depth[id] = g, parent.containers
}

// enter searches a cgroup in an open one.
func (s *search) enter(dir *os.File, name string, at position) error {
	if at.levels > maxDepth {
		return errTooDeep
	}
	below, err := openFolderAt(dir, name)
	if err != nil {
		return err
	}
	defer below.Close()
	return s.list(below, at)
}

// openParents opens a cgroup that contains containers, in each hierarchy. One that cannot be opened is left out: its
// containers are then opened by their whole path, which reports the error. The garbage collector closes the folders with
// the last group that uses them.
func (h *Host) openParents(path string) map[string]*os.File {
	parents := map[string]*os.File{}
	for _, controller := range h.controllers() {
		if m, ok := h.mounts[controller]; ok {
			if dir, err := os.Open(m.point + path); err == nil {
				parents[controller] = dir
			}
		}
	}
	return parents
}

// locations returns where a cgroup is in each hierarchy, given its inode number in the main one.
func (h *Host) locations(path string, inode uint64, parents map[string]*os.File) map[string]location {
	at := map[string]location{}
	for _, controller := range h.controllers() {
		if m, ok := h.mounts[controller]; ok {
			at[controller] = location{path: m.point + path, inode: inode, parent: parents[controller]}
		}
		inode = 0 // it has other numbers in the other hierarchies
	}
	return at
}

// idOf returns the container id in the name of a cgroup. See [CutAtID].
func idOf(name string) (id string, ok bool) {
	if scope, ok := strings.CutSuffix(name, ".scope"); ok {
		dash := strings.LastIndexByte(scope, '-')
		if strings.HasSuffix(scope[:max(dash, 0)], "conmon") {
			return "", false
		}
		name = scope[dash+1:]
	}
	name = strings.TrimPrefix(name, "libpod-")
	if len(name) != idLength {
		return "", false
	}
	return name, strings.Trim(name, "0123456789abcdef") == ""
}
