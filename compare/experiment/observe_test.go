package experiment

import (
	"context"
	"errors"
	"slices"
	"testing"

	"haltscope/dockercli"
)

func TestAsk(t *testing.T) {
	lines := []dockercli.PsLine{{ID: "a"}, {ID: "b"}}
	both := map[string]dockercli.Container{"a": {ID: "a"}, "b": {ID: "b"}}
	stats := map[string]dockercli.Stats{"a": {}, "b": {}}
	for _, c := range []struct {
		name   string
		docker fakeDocker
		asked  string // the ids of docker stats
		a      answered
		failed int
	}{
		{"all is well", fakeDocker{psLines: lines, stats: stats, containers: both}, "ab",
			answered{ps: true, top: true, stats: true, after: true}, 0},
		{"ps does not list it, so stats is not asked for it", fakeDocker{psLines: lines[1:], stats: stats, containers: both}, "b",
			answered{top: true, stats: true, after: true}, 0},
		{"ps lists none", fakeDocker{containers: both}, "", answered{top: true, after: true}, 0},
		{"ps fails, which is reported once", fakeDocker{psErr: errDocker, containers: both}, "",
			answered{psErr: true, statsErr: true, top: true, after: true}, 1},
		{"stats fails for one", fakeDocker{psLines: lines, stats: map[string]dockercli.Stats{"b": {}}, statsErr: errDocker, containers: both},
			"ab", answered{ps: true, statsErr: true, top: true, after: true}, 1},
		{"inspect fails for one", fakeDocker{psLines: lines, stats: stats, failed: map[string]error{"a": errDocker},
			containers: map[string]dockercli.Container{"b": {ID: "b"}}}, "ab",
			answered{ps: true, stats: true, top: true, afterErr: true}, 1},
		{"it is gone", fakeDocker{topErr: map[string]error{"a": errDocker}, containers: map[string]dockercli.Container{"b": {ID: "b"}}}, "",
			answered{topErr: true}, 0},
	} {
		t.Run(c.name, func(t *testing.T) {
			all, failed := ask(context.Background(), &c.docker, dockercli.Filter{}, []string{"a", "b"})
			if got := seen(all[0]); got != c.a || len(failed) != c.failed {
				t.Errorf("%+v, %v, want %+v, %d", got, failed, c.a, c.failed)
			}
			var asked []byte
			for _, id := range c.docker.asked {
				asked = append(asked, id...)
			}
			if string(asked) != c.asked {
				t.Errorf("docker stats %s, want %s", asked, c.asked)
			}
			if all[1].after == nil && c.docker.containers != nil {
				t.Error("a fault of one twin concerns the other")
			}
		})
	}
}

// answered says which of the answers there are.
type answered struct {
	ps, psErr, top, topErr, stats, statsErr, after, afterErr bool
}

func seen(a answers) answered {
	return answered{a.ps != nil, a.psErr != nil, a.top != nil, a.topErr != nil, a.stats != nil, a.statsErr != nil,
		a.after != nil, a.afterErr != nil}
}

// Results keep the order of the elements, whatever order they come in.
func TestEach(t *testing.T) {
	second := make(chan struct{})
	got := each([]int{1, 2}, func(i, n int) int {
		if i == 0 {
			<-second
		} else {
			close(second)
		}
		return 10 * n
	})
	if !slices.Equal(got, []int{10, 20}) {
		t.Error(got)
	}
}

// A docker run that timed out may leave a twin that is not known. What was opened last is closed first.
func TestLeftovers(t *testing.T) {
	var l leftovers
	l.add("a", nil)
	l.add("", errors.New("no such image"))
	if l.givenUp || !slices.Equal(l.made, []string{"a"}) {
		t.Errorf("%v, given up: %t", l.made, l.givenUp)
	}
	l.add("", errors.Join(errDocker, dockercli.ErrTimeout))
	if !l.givenUp {
		t.Error("a docker run timed out")
	}
	var closed []int
	for n := range 3 {
		l.atEnd(func() { closed = append(closed, n) })
	}
	l.close()
	if !slices.Equal(closed, []int{2, 1, 0}) {
		t.Error(closed)
	}
}
