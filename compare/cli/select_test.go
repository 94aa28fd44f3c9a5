package cli

import (
	"slices"
	"testing"

	"haltscope/compare/value"
)

// TestSelection checks which flags and names go together, and which states each kind of containers has.
func TestSelection(t *testing.T) {
	for _, c := range []struct {
		name  string
		flags selectFlags
		names []string
		wrong bool
	}{
		{"names", selectFlags{}, []string{"web", "db"}, false},
		{"all", selectFlags{All: true}, nil, false},
		{"a filter", selectFlags{filterFlags: filterFlags{Filter: []string{"label=a"}}}, nil, false},
		{"a filter and a project", selectFlags{filterFlags: filterFlags{Filter: []string{"label=a"}, Project: "shop"}}, nil, false},
		{"nothing", selectFlags{}, nil, true},
		{"all and a name", selectFlags{All: true}, []string{"web"}, true},
		{"a filter and a name", selectFlags{filterFlags: filterFlags{Filter: []string{"label=a"}}}, []string{"web"}, true},
		{"all and a project", selectFlags{All: true, filterFlags: filterFlags{Project: "shop"}}, nil, true},
	} {
		s, err := c.flags.selection(c.names, stopped)
		if (err != nil) != c.wrong {
			t.Errorf("%s: %v", c.name, err)
		}
		if !c.wrong && (!slices.Equal(s.Names, c.names) || !slices.Equal(s.States, []string{"created", "exited"})) {
			t.Errorf("%s: %+v", c.name, s)
		}
	}
	both := filterFlags{Filter: []string{"label=a"}, Project: "shop"}
	if by := both.by(); by != "--filter label=a --project shop" {
		t.Error(by)
	}
	if f := both.filter(); !slices.Equal(f.Labels, []string{"com.docker.compose.project=shop"}) || !slices.Equal(f.Other, both.Filter) {
		t.Errorf("%+v", f)
	}
}

// TestSelectedBy checks that each action selects containers in known states: without any, it would select none.
func TestSelectedBy(t *testing.T) {
	for _, verb := range []value.Verb{value.Kill, value.Stop, value.Pause, value.Unpause, value.Start, value.Restart} {
		if len(statesOf[selectedBy[verb]]) == 0 {
			t.Errorf("%s selects containers in no state", verb)
		}
	}
}
