package cgroupfs

import (
	"errors"
	"fmt"
	"os"
	"slices"

	"golang.org/x/sys/unix"

	"haltscope/cgroupfs/figure"
)

// FrozenBelow is a cgroup below a container's for which a freeze is requested, while there may be none for the container itself: one
// that an engine, an init or a user has made in it. Docker knows nothing of it, and neither pause nor unpause changes it.
type FrozenBelow struct {
	Path    string        // its folder
	Frozen  figure.Figure // 1 once freezing is complete
	Members []int         // its processes and those of the cgroups below it, in ascending order
}

// FrozenBelow returns the cgroups below this one for which a freeze is requested and that have processes. Of nested ones it returns
// the outermost. If a cgroup cannot be read, it returns those that were found, and an error.
func (g *Group) FrozenBelow() ([]FrozenBelow, error) {
	s := frozenSearch{version: g.Version}
	path := g.frozenFolder()
	dir, err := os.Open(path)
	if err == nil {
		defer dir.Close()
		err = s.list(dir, path, 0)
	}
	if err == nil {
		err = s.err
	}
	switch {
	case err != nil && !g.Exists():
		return nil, nil
	case err != nil:
		return s.found, fmt.Errorf("looking for frozen cgroups below %s: %w", path, err)
	}
	return s.found, nil
}

// frozenSearch is a search for frozen cgroups.
type frozenSearch struct {
	version int
	found   []FrozenBelow
	err     error // about the first cgroup that could not be read
}

// list looks at the cgroups below an open one. The error is about that one alone.
func (s *frozenSearch) list(dir *os.File, path string, depth int) error {
	var stat unix.Stat_t
	if err := unix.Fstat(int(dir.Fd()), &stat); err != nil {
		return err
	}
	if stat.Nlink == 2 {
		return nil // it has none; see [search.list]
	}
	entries, err := dir.ReadDir(-1)
	if err != nil && !gone(err) {
		return err
	}
	for _, e := range entries {
		if !e.IsDir() {
			continue
		}
		if err := s.enter(dir, e.Name(), path+"/"+e.Name(), depth+1); err != nil && !gone(err) && s.err == nil {
			s.err = err
		}
	}
	return nil
}

// enter looks at a cgroup in an open one, and at those below it unless a freeze is requested for it.
func (s *frozenSearch) enter(above *os.File, name, path string, depth int) error {
	if depth > maxDepth {
		return errTooDeep
	}
	dir, err := openFolderAt(above, name)
	if err != nil {
		return err
	}
	defer dir.Close()
	request, state := "freezer.self_freezing", "freezer.state"
	if s.version == 2 {
		request, state = "cgroup.freeze", "cgroup.events"
	}
	data, err := readAt(dir, request)
	if errors.Is(err, os.ErrNotExist) {
		return nil // removed in the meantime
	}
	if err != nil {
		return err
	}
	if !figure.Parse(data).Is(1) {
		return s.list(dir, path, depth)
	}
	frozen, err := readAt(dir, state)
	if err != nil {
		return err
	}
	f := FrozenBelow{Path: path, Frozen: parseFreezerState(frozen)}
	if s.version == 2 {
		f.Frozen = parseEvents(frozen).Frozen
	}
	var m memberList
	if err := m.add(dir, depth); err != nil {
		return err
	}
	slices.Sort(m.pids)
	if f.Members = slices.Compact(m.pids); len(f.Members) > 0 {
		s.found = append(s.found, f)
	}
	return m.err
}
