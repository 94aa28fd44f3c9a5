package experiment

import (
	"encoding/csv"
	"fmt"
	"io/fs"
	"maps"
	"os"
	"path/filepath"
	"slices"
	"strings"

	"haltscope/compare/document"
	"haltscope/compare/value"
	"haltscope/dockercli"
)

// mountPlan is how the mounts of a container become those of its twins.
type mountPlan struct {
	*Service
	// noCopyUp is the option of docker run --mount that leaves a new volume empty; "" if the engine has none.
	noCopyUp string
	sockets  []string // of engines on this host
	replaced []document.ReplacedMount
	sources  map[string]string // of what is copied: the directory on this host, by the path in the container
}

// engineSockets are where Docker, containerd and podman listen by default.
var engineSockets = []string{"/run/docker.sock", "/run/containerd/containerd.sock", "/run/podman/podman.sock"}

// newMountPlan returns a plan without mounts. host is where the client finds its daemon, such as unix:///run/docker.sock.
func newMountPlan(s *Service, engine dockercli.Engine, host string) *mountPlan {
	p := &mountPlan{Service: s, sockets: slices.Clone(engineSockets), sources: map[string]string{}}
	if socket, local := strings.CutPrefix(host, "unix://"); local {
		p.sockets = append(p.sockets, filepath.Clean(socket))
	}
	if engine == dockercli.Docker {
		p.noCopyUp = "volume-nocopy" // podman fills a new volume only when the container starts, and only if it is empty
	}
	return p
}

// mounts takes over what the container can only read. Whatever it can write to is replaced, so that a twin changes nothing of
// the container's: see [document.ReplacedMount]. What the user mounts comes first.
func (l *flagList) mounts(c *dockercli.Container, plan *mountPlan) {
	for _, path := range slices.Sorted(maps.Keys(c.HostConfig.Tmpfs)) {
		if !plan.mountsAt(path) {
			l.add("--tmpfs", strings.TrimSuffix(path+":"+c.HostConfig.Tmpfs[path], ":"))
		}
	}
	mounts := slices.SortedFunc(slices.Values(c.Mounts), func(a, b dockercli.Mount) int { // docker inspect gives them in random order
		return strings.Compare(a.Destination, b.Destination)
	})
	for i := range mounts {
		m := &mounts[i]
		_, listed := c.HostConfig.Tmpfs[m.Destination]
		switch {
		case plan.mountsAt(m.Destination):
		case m.Type == "tmpfs" && !listed: // of --mount
			l.mount(append([]string{"type=tmpfs", "target=" + m.Destination}, c.HostConfig.TmpfsOptions(m.Destination)...)...)
		case m.Type == "tmpfs":
		case m.Type != "bind" && m.Type != "volume":
			l.skip(true, "the %s at %s", value.Clean(m.Type), value.Clean(m.Destination))
		case !m.RW && plan.replacement(m) != document.NothingMounted:
			l.mount("type="+m.Type, "source="+m.From(), "target="+m.Destination, "readonly")
		default:
			l.replace(m, plan)
		}
	}
}

// replacement decides what replaces a mount. Through a socket or a device a twin could change something outside of itself, even if
// the mount is read-only: docker.sock is one.
func (p *mountPlan) replacement(m *dockercli.Mount) document.Replacement {
	info, err := os.Stat(m.Source)
	switch {
	case m.Type == "bind" && err == nil && info.Mode().IsRegular():
		return document.ReadOnly
	case m.Type == "bind" && err == nil && !info.IsDir():
		return document.NothingMounted
	case !m.RW && m.Source != "" && p.hasSocket(m.Source):
		return document.NothingMounted
	case p.CopyVolumes:
		return document.Copy
	}
	return document.NewVolume
}

// hasSocket reports whether the socket of an engine is somewhere below a directory, which may show the folder of the socket, or one
// above that, at another place: a volume or a mount may bind it.
func (p *mountPlan) hasSocket(dir string) bool {
	return slices.ContainsFunc(p.sockets, func(socket string) bool {
		info, err := os.Stat(socket)
		if err != nil || info.Mode()&fs.ModeSocket == 0 {
			return false
		}
		for at := socket; at != "/" && at != "."; at = filepath.Dir(at) {
			below := strings.TrimPrefix(strings.TrimPrefix(socket, filepath.Dir(at)), "/")
			if there, err := os.Stat(filepath.Join(dir, below)); err == nil && os.SameFile(info, there) {
				return true
			}
		}
		return false
	})
}

// replace mounts something else at the place of a mount.
func (l *flagList) replace(m *dockercli.Mount, plan *mountPlan) {
	r := document.ReplacedMount{Destination: m.Destination, Type: m.Type, Source: m.From(), By: plan.replacement(m)}
	switch r.By {
	case document.ReadOnly:
		l.mount("type=bind", "source="+m.Source, "target="+m.Destination, "readonly")
	case document.Copy:
		plan.sources[m.Destination] = m.Source
		fields := []string{"type=volume", "target=" + m.Destination}
		if plan.noCopyUp != "" {
			fields = append(fields, plan.noCopyUp)
		}
		l.mount(fields...)
	case document.NewVolume:
		l.add("--volume", m.Destination)
	}
	plan.replaced = append(plan.replaced, r)
}

// mount adds a --mount, whose value is one line of CSV.
func (l *flagList) mount(fields ...string) {
	var line strings.Builder
	w := csv.NewWriter(&line)
	if err := w.Write(fields); err != nil {
		panic(err) // a Builder takes everything
	}
	w.Flush()
	l.add("--mount", strings.TrimSuffix(line.String(), "\n"))
}

// emptied says where the twins have something else than the container, and not its content, in a sentence about them; "" for
// nowhere.
func (l *like) emptied() string {
	var all []string
	for _, r := range l.replaced {
		switch r.By {
		case document.NewVolume:
			all = append(all, "a new volume at "+value.Clean(r.Destination))
		case document.NothingMounted:
			all = append(all, "nothing at "+value.Clean(r.Destination))
		}
	}
	if len(all) == 0 {
		return ""
	}
	return fmt.Sprintf("it had %s, without the content that %s has there", strings.Join(all, ", "), l.name)
}
