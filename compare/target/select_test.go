package target

import (
	"errors"
	"slices"
	"strings"
	"testing"

	"haltscope/dockercli"
)

// TestSelection checks which containers a selection takes: by the state in docker ps, and again by that in docker inspect, without twins.
func TestSelection(t *testing.T) {
	lines := []dockercli.PsLine{{ID: "web", State: "running"}, {ID: "db", State: "paused"}, {ID: "loop", State: "restarting"},
		{ID: "new", State: "created"}, {ID: "old", State: "exited"}, {ID: "dead", State: "dead"}, {ID: "twin", State: "running"},
		{ID: "gone", State: "running"}, {ID: "ended", State: "running"}}
	inspected := map[string]dockercli.Container{}
	for _, l := range lines {
		c := dockercli.Container{ID: l.ID}
		if c.State.Status = l.State; l.ID == "ended" {
			c.State.Status = "exited" // since docker ps
		}
		inspected[l.ID] = c
	}
	delete(inspected, "gone")
	twinned := inspected["twin"]
	twinned.Config.Labels = dockercli.Keys{"haltscope.run": "0123abcd"}
	inspected["twin"] = twinned
	for _, c := range []struct {
		name     string
		states   []string
		want     []string
		anyEnded bool
	}{
		{"those with a program", []string{"running", "paused", "restarting"}, []string{"web", "db", "loop"}, false},
		{"those to pause", []string{"running"}, []string{"web"}, false},
		{"those to unpause", []string{"paused"}, []string{"db"}, false},
		{"those to start", []string{"created", "exited"}, []string{"new", "old"}, true},
		{"none", []string{"removing"}, nil, false},
	} {
		s := Selection{States: c.states}
		var got []string
		for _, found := range s.chosen(s.listed(lines), inspected) {
			got = append(got, found.ID)
		}
		if !slices.Equal(got, c.want) || s.anyEnded() != c.anyEnded {
			t.Errorf("%s: %v, also those that ended: %t; wanted %v, %t", c.name, got, s.anyEnded(), c.want, c.anyEnded)
		}
	}
}

// TestNoMatch checks the error for a filter that no container passes.
func TestNoMatch(t *testing.T) {
	s := Selection{By: "--project shop", States: []string{"running", "paused", "restarting"}}
	err := s.noMatch()
	if want := "--project shop: no container is running, paused or restarting"; !errors.Is(err, dockercli.ErrNotFound) ||
		!strings.HasPrefix(err.Error(), want) {
		t.Error(err)
	}
	if named := Named("web"); !named.ByName() || s.ByName() {
		t.Error("only a selection with names is by name")
	}
}
