package cgroupfs

import (
	"os"
	"path/filepath"
	"strings"

	"haltscope/cgroupfs/figure"
)

// Freezer is what the kernel's freezer was asked to do, and what it has done. These are two facts: freezing takes time, and
// a task in an uninterruptible sleep delays it.
type Freezer struct {
	// Requested is 1 if freezing was requested, for this cgroup or for one above it.
	Requested figure.Figure
	// By is the folder of the cgroup for which it was requested: this one, or else the nearest above it.
	By string
	// Above is the folder of the nearest cgroup above this one for which it was requested, or "". While that one is frozen,
	// thawing this one has no effect.
	Above string
	// Frozen is 1 once freezing is complete.
	Frozen figure.Figure
}

// freezerFiles are the files of the freezer: cgroup.freeze and cgroup.events on v2, freezer.self_freezing and freezer.state
// on v1.
type freezerFiles struct {
	own            string // folder of the container's cgroup
	request, state file
	above          []file // the request of each cgroup above, nearest first
}

// freezerFiles returns the freezer's files of the group, and of each cgroup above it but the root, which has none.
//
// With systemd, crun runs the processes of a Podman container in a cgroup named "container" below the scope, and freezes
// that one, which the files of the scope do not show. Memory is still counted at the scope. Source: crun.1,
// run.oci.systemd.subgroup.
func (g *Group) freezerFiles(in *folder, request, state string) freezerFiles {
	above := filepath.Dir(g.Path)
	below := filepath.Join(g.Path, "container")
	if strings.HasPrefix(filepath.Base(g.Path), "libpod-") && isFolder(below) {
		in, above = newFolder(location{path: below}), g.Path
		g.folders = append(g.folders, in)
	}
	f := freezerFiles{own: g.Path, request: file{in: in, name: request}, state: file{in: in, name: state}}
	for dir := above; strings.HasPrefix(dir, g.mountPoint+"/"); dir = filepath.Dir(dir) {
		// It is opened later: while the group exists, no other cgroup can be at this path.
		in := newFolder(location{path: dir})
		g.folders = append(g.folders, in)
		f.above = append(f.above, file{in: in, name: request})
	}
	return f
}

// frozenFolder returns the folder of the cgroup that the runtime freezes.
func (g *Group) frozenFolder() string {
	if in := g.freezer.state.in; in != nil {
		return in.path
	}
	return g.Path
}

func isFolder(path string) bool {
	info, err := os.Stat(path)
	return err == nil && info.IsDir()
}

func (f *freezerFiles) all() []*file {
	all := []*file{&f.request, &f.state}
	for i := range f.above {
		all = append(all, &f.above[i])
	}
	return all
}

// read returns the state of the freezer and, on v2, whether the cgroup is populated, which is in the same file.
func (f *freezerFiles) read(buf []byte, version int) (freezer Freezer, populated figure.Figure) {
	populated = figure.Without(figure.Unsupported)
	data, state := f.state.read(buf)
	switch {
	case version == 2 && state == figure.Present:
		e := parseEvents(data)
		freezer.Frozen, populated = e.Frozen, e.Populated
	case version == 2:
		freezer.Frozen, populated = figure.Without(state), figure.Without(state)
	case string(data) == thawed:
		return Freezer{Requested: figure.Number(0), Frozen: figure.Number(0)}, populated
	case state == figure.Present:
		freezer.Frozen = parseFreezerState(data)
	default:
		freezer.Frozen = figure.Without(state)
	}
	freezer.Requested = f.request.figure(buf)
	if freezer.Requested.Is(1) {
		freezer.By = f.own
	}
	for i := range f.above {
		if !f.above[i].figure(buf).Is(1) {
			continue
		}
		freezer.Above = f.above[i].in.path
		if freezer.Requested.Is(0) {
			freezer.Requested, freezer.By = figure.Number(1), freezer.Above
		}
		break
	}
	return freezer, populated
}
