// Package why explains how runs of containers ended that nobody watched.
//
// It gathers what is left: the journal of a watch, docker inspect, the daemon's event history, dockerd's log, the kernel's log and
// systemd's journal. Package past judges each run. What could not be read is named in the document. It changes nothing.
package why

import (
	"context"
	"errors"
	"slices"
	"strings"
	"time"

	"haltscope/compare/document"
	"haltscope/compare/host"
	"haltscope/compare/target"
	"haltscope/compare/twin"
	"haltscope/compare/value"
	"haltscope/dockercli"
)

// Options say what to explain.
type Options struct {
	Names     []string  // of containers; none for all
	Since     time.Time // explain every end since then; zero for the last runs
	Last      int       // how many runs of each container, without Since
	DaemonLog string    // the file of dockerd's log; "" for the usual places
	Journal   string    // the folder of a watch's journal; "" for that of the systemd unit
	Redact    bool      // show no line of a container's log
}

// Progress shows the steps that take time. A step is over when done is called.
type Progress interface {
	// Step begins a step; expect is how long it takes by design, or 0.
	Step(text string, expect time.Duration) (done func())
}

const dockerOnly = "its rules are those of Docker's engine, its events and its log"

// Run explains the ends of containers. It may return both a document and an error, if only some containers were found.
func Run(ctx context.Context, docker *dockercli.Client, o Options, progress Progress) (*document.Why, error) {
	done := progress.Step("docker inspect, events and logs", 0)
	defer done()
	gathered := make(chan *sources, 1)
	go func() { gathered <- gather(ctx, docker, o) }()
	_, here, err := host.Check(ctx, docker)
	s := <-gathered
	if err == nil {
		err = host.DockerOnly(here, "why", dockerOnly)
	}
	if tellsNothing(ctx, docker, err) {
		return s.withoutDocker(o, err)
	}
	if err != nil {
		return nil, err
	}
	s.engine = here.EngineVersion
	s.grace, s.graceErr = target.DaemonGrace(ctx, docker, s.engine)
	subjects, err := s.subjects(ctx, docker, o.Names)
	if len(subjects) == 0 && err != nil {
		return nil, err
	}
	doc := s.newDocument(here, o)
	s.explainAll(doc, subjects, o, func(sub *subject, d *document.WhyContainer) {
		if len(o.Names) > 0 && !o.Redact {
			addLogHint(ctx, docker, sub, d)
		}
	})
	return doc, err
}

// newDocument returns a document without containers.
func (s *sources) newDocument(here document.Host, o Options) *document.Why {
	doc := &document.Why{Schema: document.WhySchema, Host: here, Sources: s.documents(), Containers: []document.WhyContainer{}}
	if !o.Since.IsZero() {
		doc.Since = o.Since.Format(time.RFC3339)
	}
	return doc
}

// explainAll adds containers to a document. It calls more for each.
func (s *sources) explainAll(doc *document.Why, subjects []subject, o Options, more func(*subject, *document.WhyContainer)) {
	explained := make([]explainedContainer, 0, len(subjects))
	for i := range subjects {
		e := s.explain(&subjects[i], o)
		more(&subjects[i], &e.document)
		explained = append(explained, e)
	}
	if len(o.Names) == 0 {
		slices.SortStableFunc(explained, func(a, b explainedContainer) int { return b.last.Compare(a.last) })
	}
	for i := range explained {
		if len(o.Names) > 0 || len(explained[i].document.Runs) > 0 {
			doc.Containers = append(doc.Containers, explained[i].document)
		}
	}
	if !o.Since.IsZero() {
		doc.Timeline = s.timelineOf(explained, o.Since, s.read)
	}
	doc.Notes = document.Notes(doc)
}

// subject is a container whose ends are explained.
type subject struct {
	id, name  string
	container *dockercli.Container // nil if it was removed
	events    []dockercli.Event
	warnings  []string
}

// subjects finds the containers with these names, or all. Of those that Docker does not know any more, the events tell.
func (s *sources) subjects(ctx context.Context, docker *dockercli.Client, names []string) (all []subject, err error) {
	if len(names) == 0 {
		return s.every()
	}
	var failed []error
	seen := map[string]bool{}
	for _, name := range names {
		one, err := s.subject(ctx, docker, name)
		switch {
		case err != nil:
			failed = append(failed, err)
		case !seen[one.id]:
			seen[one.id] = true
			all = append(all, one)
		}
	}
	return all, errors.Join(failed...)
}

// subject finds the container with a name or by the beginning of an id. One that exists goes before one that was removed.
func (s *sources) subject(ctx context.Context, docker *dockercli.Client, name string) (subject, error) {
	removed := s.removed(name)
	found, err := docker.Find(ctx, name)
	switch {
	case err == nil:
		one := s.existing(&found[0])
		for _, id := range removed {
			if id != one.id && s.nameOf(id) == strings.TrimPrefix(name, "/") {
				one.warnings = append(one.warnings, "another container had this name before, and was removed: haltscope why "+value.ShortID(id))
			}
		}
		return one, nil
	case !errors.Is(err, dockercli.ErrNotFound) && !ambiguous(ctx, docker, name, err):
		return subject{}, err
	case !errors.Is(err, dockercli.ErrNotFound), len(removed) > 1 && s.nameOf(removed[0]) != strings.TrimPrefix(name, "/"):
		return subject{}, ambiguousID(name)
	case len(removed) == 0:
		return subject{}, err
	}
	last := removed[len(removed)-1]
	one := subject{id: last, name: s.nameOf(last), events: s.events[last]}
	for _, id := range removed[:len(removed)-1] {
		one.warnings = append(one.warnings, "another container had this name before: haltscope why "+value.ShortID(id))
	}
	return one, nil
}

// ambiguous reports whether docker refused a name because the ids of several containers begin so. Its words for that differ between
// versions.
func ambiguous(ctx context.Context, docker *dockercli.Client, name string, err error) bool {
	if !dockercli.Refused(err) {
		return false
	}
	lines, err := docker.Ps(ctx, true, dockercli.Filter{})
	begin := 0
	for i := range lines {
		if strings.HasPrefix(lines[i].ID, name) {
			begin++
		}
	}
	return err == nil && begin > 1
}

// removed returns the ids of containers that the journal or Docker's events name, in the order in which they were last named: those
// with this last name or, if there are none, those whose ids begin with it. An empty name matches no container, not even one whose name
// is not known.
func (s *sources) removed(name string) []string {
	plain := strings.TrimPrefix(name, "/")
	if plain == "" {
		return nil
	}
	var named, begin []string
	for _, id := range s.order {
		switch {
		case s.nameOf(id) == plain:
			named = append(named, id)
		case strings.HasPrefix(id, name):
			begin = append(begin, id)
		}
	}
	if len(named) > 0 {
		return named
	}
	return begin
}

// nameOf returns the name of a container in its last event, or else in the journal; "" if it is not known.
func (s *sources) nameOf(id string) string {
	if events := s.events[id]; len(events) > 0 {
		return value.Clean(events[len(events)-1].Name)
	}
	if c := s.watched.containers[id]; c != nil {
		return c.name
	}
	return ""
}

// isTwin reports whether a container is a twin. Of one that was removed, only the name is known.
func isTwin(sub subject) bool {
	return twin.Named(sub.name) && (sub.container == nil || sub.container.Config.Labels.Has(twin.RunLabel))
}

func (s *sources) existing(c *dockercli.Container) subject {
	return subject{id: c.ID, name: c.DisplayName(), container: c, events: s.events[c.ID]}
}

// listing is what Docker lists and says about all containers.
type listing struct {
	lines     []dockercli.PsLine
	inspected dockercli.Inspections
	err       error
}

// list asks about all containers.
func list(ctx context.Context, docker *dockercli.Client) (l listing) {
	if l.lines, l.err = docker.Ps(ctx, true, dockercli.Filter{}); l.err != nil {
		return l
	}
	ids := make([]string, len(l.lines))
	for i := range l.lines {
		ids[i] = l.lines[i].ID
	}
	l.inspected = docker.InspectMany(ctx, ids...)
	return l
}

// every returns all containers but twins: those that exist, and those that the events or the journal name. A container that could not be
// inspected is left out, with an error.
func (s *sources) every() (all []subject, err error) {
	if s.listing.err != nil {
		return nil, s.listing.err
	}
	exists := map[string]bool{}
	for i := range s.listing.lines {
		id := s.listing.lines[i].ID
		c, ok := s.listing.inspected.Found[id]
		if ok {
			all = append(all, s.existing(&c))
		}
		exists[id] = ok || s.listing.inspected.Failed[id] != nil // or else it was removed meanwhile
	}
	for _, id := range s.order {
		if !exists[id] {
			all = append(all, subject{id: id, name: s.nameOf(id), events: s.events[id]})
		}
	}
	return slices.DeleteFunc(all, isTwin), s.listing.inspected.Err()
}
