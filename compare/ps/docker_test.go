package ps

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/rs/zerolog"

	"haltscope/cgroupfs"
	"haltscope/compare/document"
	"haltscope/compare/fault"
	"haltscope/compare/rules/drift"
	"haltscope/dockercli"
)

// fakeDocker answers what a test has set.
type fakeDocker struct {
	engine // nil: what is not defined below must not be asked

	lists     [][]dockercli.PsLine // of docker ps, one after the other
	listErr   error
	inspected dockercli.Inspections
	timeout   time.Duration

	asked []string      // the ids of docker inspect
	limit time.Duration // of the last docker inspect that had one
}

func (*fakeDocker) Engine() dockercli.Engine { return dockercli.Docker }

func (d *fakeDocker) CallTimeout() time.Duration { return d.timeout }

func (d *fakeDocker) Ps(context.Context, bool, dockercli.Filter) (lines []dockercli.PsLine, err error) {
	if d.listErr != nil {
		return nil, d.listErr
	}
	lines, d.lists = d.lists[0], d.lists[1:]
	return lines, nil
}

func (d *fakeDocker) InspectMany(_ context.Context, names ...string) dockercli.Inspections {
	d.asked = append(d.asked, names...)
	return d.inspected
}

func (d *fakeDocker) InspectEachWithin(_ context.Context, limit time.Duration, names []string,
	got func(string, *dockercli.Container, error)) {
	d.asked, d.limit = append(d.asked, names...), limit
	for _, name := range names {
		if err := d.inspected.Failed[name]; err != nil {
			got(name, nil, err)
		} else if c, ok := d.inspected.Found[name]; ok {
			got(name, &c, nil)
		} else {
			got(name, nil, nil)
		}
	}
}

// TestDropForeign checks that a cgroup in another container's is believed only if Docker says that it belongs there: not if the
// container vanishes between docker ps and docker inspect, and not if docker does not answer.
func TestDropForeign(t *testing.T) {
	found := func(parent string) dockercli.Inspections {
		c := dockercli.Container{ID: "inner"}
		c.HostConfig.CgroupParent = parent
		return dockercli.Inspections{Found: map[string]dockercli.Container{"inner": c}}
	}
	for _, c := range []struct {
		name      string
		inside    string
		inspected dockercli.Inspections
		asked     string
		kept      bool
	}{
		{"in no other container", "", dockercli.Inspections{}, "", true},
		{"placed there by Docker", "outer", found("/docker/outer"), "inner", true},
		{"made by the other container", "outer", found(""), "inner", false},
		{"vanished between ps and inspect", "outer", dockercli.Inspections{}, "inner", false},
		{"docker does not answer", "outer", dockercli.Inspections{Failed: map[string]error{"inner": dockercli.ErrTimeout}}, "inner", false},
	} {
		docker := &fakeDocker{inspected: c.inspected}
		l := &listing{docker: docker, seen: map[string]*snapshot{"inner": {group: &cgroupfs.Group{Inside: c.inside}}}}
		l.dropForeign(t.Context(), []dockercli.PsLine{{ID: "inner", State: "running"}, {ID: "unseen", State: "exited"}})
		if kept := l.seen["inner"] != nil; kept != c.kept || strings.Join(docker.asked, " ") != c.asked {
			t.Errorf("%s: kept %t, asked about %q", c.name, kept, docker.asked)
		}
	}
}

// TestAgain checks what becomes of a container that docker ps lists as running and that has no cgroup: docker is asked again.
func TestAgain(t *testing.T) {
	list := func(ids ...string) (lines []dockercli.PsLine) {
		for _, id := range ids {
			lines = append(lines, dockercli.PsLine{ID: id, Name: id, State: "running"})
		}
		return lines
	}
	for _, c := range []struct {
		name   string
		second []dockercli.PsLine
		left   int
		unfit  bool
	}{
		{"it ended right after docker answered", nil, 0, false},
		{"another began", list("b"), 1, false},
		{"it still runs, but not here", list("a"), 0, true},
	} {
		docker := &fakeDocker{lists: [][]dockercli.PsLine{list("a"), c.second}, timeout: time.Second}
		l := &listing{docker: docker, kernel: &cgroupfs.Host{}, seen: map[string]*snapshot{}}
		first := l.ask(t.Context())
		<-first.done
		doc, err := l.document(t.Context(), first)
		if err != nil || len(doc.Containers) != 1 || !slices.Equal(doc.Containers[0].Drift, []document.FindingKind{drift.Gone}) {
			t.Fatalf("%s: the first list: %+v, %v", c.name, doc, err)
		}
		doc, err = l.again(t.Context(), doc, l.elsewhere(first.lines))
		if c.unfit {
			var unfit *fault.UnfitError
			if !errors.As(err, &unfit) || doc != nil {
				t.Errorf("%s: %+v, %v", c.name, doc, err)
			}
		} else if err != nil || len(doc.Containers) != c.left {
			t.Errorf("%s: %+v, %v", c.name, doc, err)
		}
	}
}

// TestListError checks the error for a docker ps that gives no list.
func TestListError(t *testing.T) {
	refused := &dockercli.CallError{Argv: []string{"docker", "ps"}, ExitCode: 1, Stderr: "invalid filter", Err: errors.New("exit status 1")}
	strange := dockercli.Filter{Other: []string{"tier=db"}}
	var usage *fault.UsageError
	var unfit *fault.UnfitError
	for _, c := range []struct {
		name   string
		err    error
		filter dockercli.Filter
		as     any
	}{
		{"a filter that docker refuses", refused, strange, &usage},
		{"a filter, and no answer", dockercli.ErrTimeout, strange, &unfit},
		{"no answer", dockercli.ErrTimeout, dockercli.Filter{}, &unfit},
		{"an answer that cannot be used", errors.New("not JSON"), dockercli.Filter{}, &unfit},
	} {
		l := &listing{docker: &fakeDocker{listErr: c.err}, options: Options{Filter: c.filter}}
		answer := l.ask(t.Context())
		<-answer.done
		if doc, err := l.document(t.Context(), answer); doc != nil || !errors.As(err, c.as) {
			t.Errorf("%s: %+v, %v", c.name, doc, err)
		}
	}
}

// TestAwaitActions checks that only a container about which docker does not answer counts as one that docker is busy with. One that
// vanished meanwhile is not.
func TestAwaitActions(t *testing.T) {
	var log bytes.Buffer
	docker := &fakeDocker{timeout: time.Hour, inspected: dockercli.Inspections{
		Found:  map[string]dockercli.Container{"answers": {ID: "answers"}},
		Failed: map[string]error{"hangs": dockercli.ErrTimeout, "unseen": dockercli.ErrTimeout}}}
	l := &listing{docker: docker, log: zerolog.New(&log),
		seen: map[string]*snapshot{"answers": {}, "hangs": {}, "vanished": {}, "agrees": {}}}
	var containers []document.PsLine
	for _, id := range []string{"answers", "hangs", "vanished", "unseen"} {
		containers = append(containers, document.PsLine{ID: id, Drift: []document.FindingKind{drift.ThawedOutsideDocker}})
	}
	containers = append(containers, document.PsLine{ID: "agrees"}, document.PsLine{ID: "gone", Drift: []document.FindingKind{drift.Gone}})
	l.awaitActions(t.Context(), containers)
	if got := fmt.Sprint(docker.asked); got != "[answers hangs vanished unseen]" || docker.limit != actionLimit {
		t.Errorf("asked about %s within %s", got, docker.limit)
	}
	for id, s := range l.seen {
		if s.busy != (id == "hangs") {
			t.Errorf("%s: busy %t", id, s.busy)
		}
	}
	if n := strings.Count(log.String(), "\n"); n != 1 || !strings.Contains(log.String(), `"container":"hangs"`) {
		t.Errorf("log: %s", &log)
	}
}
