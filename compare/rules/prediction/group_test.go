package prediction

import (
	"strings"
	"testing"

	"golang.org/x/sys/unix"

	"haltscope/compare/rules/verdict"
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
			"they get the signal too"},
		"tini": {of("tini", single, nil, []Member{python}),
			"tini signals its child only. python3 (200) gets no signal, and is killed when tini exits",
			"tini -g"},
		"dumb-init -c": {of("dumb-init", Options{From: "-c"}, nil, []Member{python}),
			"dumb-init signals its child only (-c). python3 (200) gets no",
			"remove -c"},
		"another session": {of("dumb-init", Options{Group: true}, nil, []Member{apart}),
			"has left it for a group or a session of its own. python3",
			"neither tini -g nor dumb-init"},
	} {
		text := ""
		for _, e := range Predict(c.facts).Consequences {
			text += e.Value + "\n"
		}
		if !strings.Contains(text, c.consequence) {
			t.Errorf("%s: %s", name, text)
		}
		if advice := OrphanAdvice(c.facts); !strings.Contains(advice, c.advice) {
			t.Errorf("%s: %s", name, advice)
		}
	}
}

// TestForwardingAdvice checks the advice where an init makes another signal of the stop signal.
func TestForwardingAdvice(t *testing.T) {
	handles := first(plain, catches)
	to := func(signal unix.Signal) Options { return Options{Rewrites: map[unix.Signal]unix.Signal{term: signal}} }
	for name, c := range map[string]struct {
		facts Facts
		stop  verdict.Kind
		want  string
	}{
		"a rewrite of what it handles": {facts(first(), chain(handles, forwarder("dumb-init", to(quit)))), verdict.Terminated,
			"remove --rewrite 15:3"},
		"a rewrite to nothing": {facts(first(), chain(handles, forwarder("dumb-init", to(0)))), verdict.Forced,
			"remove --rewrite 15:0"},
		"a signal that tini keeps": {facts(first(), chain(handles, forwarder("tini", Options{})), signal(unix.SIGCHLD)), verdict.Forced,
			"STOPSIGNAL SIGTERM"},
	} {
		if all := Advice(c.facts, c.stop); len(all) != 1 || !strings.Contains(all[0], c.want) {
			t.Errorf("%s: %q", name, all)
		}
	}
}
