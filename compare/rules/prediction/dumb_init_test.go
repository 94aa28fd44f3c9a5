package prediction

import (
	"maps"
	"strings"
	"testing"

	"golang.org/x/sys/unix"

	"haltscope/compare/rules/verdict"
)

// The arguments of dumb-init can make it forward another signal, or none.
func TestDumbInitRewrites(t *testing.T) {
	for line, want := range map[string]map[unix.Signal]unix.Signal{
		"dumb-init --rewrite 15:2 -- app":        {15: 2},
		"dumb-init -r 15:3 -c --rewrite=1:0 app": {15: 3, 1: 0},
		"dumb-init -r15:3 app":                   {15: 3},
		"dumb-init -vr15:3 app":                  {15: 3},
		"dumb-init --rew 15:3 app":               {15: 3},
		"dumb-init app --rewrite 15:2":           {},
		"dumb-init -c -- app -r 15:2":            {},
		"dumb-init -r":                           {},
		"dumb-init -r fifteen:two app":           {},
	} {
		got := ReadOptions("dumb-init", strings.Fields(line), nil).Rewrites
		maps.DeleteFunc(got, func(_, to unix.Signal) bool { return to == unix.SIGSTOP })
		if !maps.Equal(got, want) {
			t.Errorf("%s: %v, wanted %v", line, got, want)
		}
	}
	child := first(plain, func(p *Process) { p.Caught = set(intr) })
	for to, want := range map[unix.Signal]verdict.Kind{intr: verdict.Graceful, 0: verdict.Forced, usr1: verdict.Terminated} {
		f := facts(first(program("dumb-init")), underInit("dumb-init", &child))
		f.Target.Forwarders[0].Options.Rewrites = map[unix.Signal]unix.Signal{term: to}
		if o := Predict(f).Stop; o.likeliest() != want {
			t.Errorf("TERM becomes %d: %s, wanted %s; %v", to, o.likeliest(), want, o.Because)
		}
	}
}
