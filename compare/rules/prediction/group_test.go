package prediction

import (
	"fmt"
	"strings"
	"testing"
)

// TestGroups checks what is said of the processes besides the signal target: those of a process group get the signal, too.
func TestGroups(t *testing.T) {
	python := Member{PID: 200, Name: "python3"}
	apart := Member{PID: 200, Name: "python3", Apart: true}
	group, single := Options{Group: true, From: "-g"}, Options{}
	of := func(name string, o Options, signaled, unsignaled []Member) Facts {
		f := facts(first(), chain(first(plain, func(p *Process) { p.Name = "sh" }), forwarder(name, o)))
		f.Target.Group, f.Unsignaled = signaled, unsignaled
		return f
	}
	for name, c := range map[string]struct {
		facts               Facts
		consequence, advice string
	}{
		"tini -g": {of("tini", group, []Member{python}, nil),
			"tini signals the whole process group of its child (-g). python3 (200) gets SIGTERM as well, has time until sh has ended",
			"end-children"},
		"tini": {of("tini", single, nil, []Member{python}),
			"python3 (200) gets no signal, and is killed when tini exits: tini signals its child only.",
			"end-children"},
		"dumb-init -c": {of("dumb-init", Options{From: "-c"}, nil, []Member{python}),
			"python3 (200) gets no signal, and is killed when dumb-init exits: dumb-init signals its child only (-c).",
			"drop-option -c"},
		"another session": {of("dumb-init", Options{Group: true}, nil, []Member{apart}),
			"has left it for a group or a session of its own.",
			"end-children apart"},
	} {
		text := ""
		for _, e := range Predict(c.facts).Consequences {
			text += e.Value + "\n"
		}
		if !strings.Contains(text, c.consequence) {
			t.Errorf("%s: %s", name, text)
		}
		all := AdviseOrphans(c.facts)
		if got := fmt.Sprintf("%s %s%s", all[0].Change, all[0].Option, all[0].Why); len(all) != 1 || !strings.HasPrefix(got, c.advice) {
			t.Errorf("%s: %s", name, got)
		}
	}
}
