package experiment

import (
	"encoding/csv"
	"fmt"
	"maps"
	"os"
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
	replaced []document.ReplacedMount
	sources  map[string]string // of what is copied: the directory on this host, by the path in the container
}

// newMountPlan returns a plan without mounts.
func newMountPlan(s *Service, engine dockercli.Engine) *mountPlan {
	p := &mountPlan{Service: s, sources: map[string]string{}}
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
		default:
			l.replace(m, plan)
		}
	}
}

// replacement decides what replaces a mount, and says why that is not obvious; "" if the twin can have the mount itself. Through a socket
// or a device a twin could change something outside of itself, even if the mount is read-only: docker.sock is one. A directory that could
// not be searched for them may have one.
func (p *mountPlan) replacement(m *dockercli.Mount) (by document.Replacement, because string) {
	info, err := os.Stat(m.Source)
	switch {
	case m.Type == "bind" && err == nil && info.Mode().IsRegular() && !m.RW:
		return "", ""
	case m.Type == "bind" && err == nil && info.Mode().IsRegular():
		return document.ReadOnly, ""
	case m.Type == "bind" && err == nil && !info.IsDir():
		return document.NothingMounted, ""
	}
	if !m.RW {
		special, err := findSpecial(m.Source, maxSearched)
		switch {
		case special != "":
			return document.NothingMounted, "it has a socket, a FIFO or a device: " + value.Quote(special)
		case err == nil:
			return "", ""
		}
		because = "it could not be searched for sockets and devices: " + value.Clean(err.Error())
	}
	if p.CopyVolumes {
		return document.Copy, because
	}
	return document.NewVolume, because
}

// replace mounts something else at the place of a mount, if the twin cannot have that.
func (l *flagList) replace(m *dockercli.Mount, plan *mountPlan) {
	r := document.ReplacedMount{Destination: m.Destination, Type: m.Type, Source: m.From()}
	switch r.By, r.Because = plan.replacement(m); r.By {
	case "":
		l.mount("type="+m.Type, "source="+m.From(), "target="+m.Destination, "readonly")
		return
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

// emptied returns a sentence about the mounts of the container whose content the twins do not have; "" if there are none.
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
