package cgroupfs

import (
	"os"
	"strings"

	"golang.org/x/sys/unix"
)

// idLength is the number of hexadecimal digits of a container's full id.
const idLength = 64

// Containers finds every cgroup that is named after the full id of a container (ID as the cgroupfs driver names it, or
// the systemd driver's docker-ID.scope, or podman's names), wherever it is in the hierarchy, by that id. One may be below another, by
// docker run --cgroup-parent or as a container's own container; of two of the same name the outer one counts, for a
// container may name the cgroups that it makes as it likes. Whether one in a container is that of the container whose name it
// has, the caller must find out: see [Group].Inside.
//
// A cgroup that cannot be looked into is skipped: it hides what is below it, and nothing else. See [Host.Search].
func (h *Host) Containers() (map[string]*Group, error) {
	found, _, err := h.Search()
	return found, err
}

// Search is [Host.Containers] that also returns the cgroups that could not be looked into.
func (h *Host) Search() (map[string]*Group, []Skipped, error) {
	scan := scan{host: h, found: map[string]*Group{}, within: map[string]int{}}
	top, err := os.Open(h.mounts[h.controllers()[0]].point)
	if err != nil {
		return scan.found, nil, err
	}
	defer top.Close()
	if err := scan.folder(top, "", "", 0, 0); err != nil {
		return scan.found, scan.skipped, err
	}
	return scan.found, scan.skipped, nil
}

// scan is a search for containers.
type scan struct {
	host    *Host
	found   map[string]*Group
	within  map[string]int // how many containers the one found is in
	skipped []Skipped
}

// folder looks through the cgroups below one, which is in some containers, the innermost of them being inside. The error is
// about that one alone.
func (s *scan) folder(dir *os.File, below, inside string, containers, depth int) error {
	entries, err := dir.ReadDir(-1)
	if err != nil {
		return err
	}
	var above map[string]*os.File
	for _, e := range entries {
		if !e.IsDir() {
			continue
		}
		path, innermost, inner := below+"/"+e.Name(), inside, containers
		var is unix.Stat_t
		if unix.Fstatat(int(dir.Fd()), e.Name(), &is, unix.AT_SYMLINK_NOFOLLOW) != nil {
			continue // it has gone
		}
		if id, ok := idOf(e.Name()); ok {
			if above == nil {
				above = s.host.above(below)
			}
			if old, known := s.found[id]; !known || s.within[id] > containers {
				if known {
					old.Close()
				}
				s.found[id], s.within[id] = s.host.open(s.host.places(path, is.Ino, above)), containers
				s.found[id].Inside = inside
			}
			innermost, inner = id, inner+1
		}
		// A cgroup has a link from itself, one from above, and one from each below it (fs/kernfs/inode.c,
		// kernfs_refresh_inode): most have none below, and need not be read to know.
		if is.Nlink == 2 {
			continue
		}
		if err := s.enter(dir, e.Name(), path, innermost, inner, depth+1); err != nil && !gone(err) {
			s.skipped = append(s.skipped, Skipped{s.host.mounts[s.host.controllers()[0]].point + path, err})
		}
	}
	return nil
}

// enter looks through a cgroup inside an open one.
func (s *scan) enter(dir *os.File, name, path, inside string, containers, depth int) error {
	if depth > maxDepth {
		return errTooDeep
	}
	inner, err := openBelow(dir, name)
	if err != nil {
		return err
	}
	defer inner.Close()
	return s.folder(inner, path, inside, containers, depth)
}

// above opens a cgroup that holds containers, in each hierarchy. It is closed with the last of those who know of it. One
// that cannot be opened is left out: what is in it is then opened by its whole path, and that says why it cannot be.
func (h *Host) above(path string) map[string]*os.File {
	above := map[string]*os.File{}
	for _, controller := range h.controllers() {
		if m, ok := h.mounts[controller]; ok {
			if dir, err := os.Open(m.point + path); err == nil {
				above[controller] = dir
			}
		}
	}
	return above
}

// places is where a cgroup is in each hierarchy; its inode number is that of the first.
func (h *Host) places(path string, ino uint64, above map[string]*os.File) map[string]place {
	places := map[string]place{}
	for _, controller := range h.controllers() {
		if m, ok := h.mounts[controller]; ok {
			places[controller] = place{path: m.point + path, ino: ino, in: above[controller]}
		}
		ino = 0 // another hierarchy has another
	}
	return places
}

// idOf takes the id out of a cgroup's name: see [CutAtID].
func idOf(name string) (string, bool) {
	if scope, ok := strings.CutSuffix(name, ".scope"); ok {
		at := strings.LastIndexByte(scope, '-')
		if strings.HasSuffix(scope[:max(at, 0)], "conmon") {
			return "", false
		}
		name = scope[at+1:]
	}
	name = strings.TrimPrefix(name, "libpod-")
	if len(name) != idLength {
		return "", false
	}
	return name, strings.Trim(name, "0123456789abcdef") == ""
}
