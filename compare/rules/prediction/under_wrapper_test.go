package prediction

import (
	"fmt"
	"slices"
	"strings"
	"testing"

	"haltscope/compare/rules/verdict"
	"haltscope/compare/value"
)

// under returns a program under a shell that does nothing but wait for it.
func under(t *verdict.SignalTarget, caught ...value.Signal) func(*Facts) {
	return func(f *Facts) {
		f.Programs = append(f.Programs, verdict.Program{Process: verdict.Process{PID: 107, Name: "db", Target: t, Caught: caught},
			Under: []verdict.Process{{PID: 100, Name: "sh", Waits: "does nothing but wait in wait4"}}})
	}
}

// A wrapper that handles the signal may end the program under it in several ways. What the wrapper does itself comes to nothing.
func TestPredictUnderWrapper(t *testing.T) {
	for _, c := range []struct {
		name   string
		facts  Facts
		want   string
		note   string
		advice string
	}{
		{name: "it handles the signal", facts: facts(first(catches), under(&verdict.SignalTarget{Caught: true}, term)),
			want: "undecided [graceful killed forced]", note: "what counts is db, process 107, which handles SIGTERM"},
		{name: "it accepts the signal", facts: facts(first(catches), under(&verdict.SignalTarget{Accepts: "by sigwait"})),
			want: "undecided [graceful killed forced]"},
		{name: "it does not handle the signal", facts: facts(first(catches), under(&verdict.SignalTarget{})),
			want: "undecided [terminated killed forced]", note: "which does not handle SIGTERM", advice: "handle SIGTERM"},
		{name: "it handles another one, which the wrapper may send", facts: facts(first(catches), under(&verdict.SignalTarget{}, intr)),
			want: "undecided [terminated graceful killed forced]"},
		{name: "it ignores the signal", facts: facts(first(catches), under(&verdict.SignalTarget{Ignored: true})),
			want: "undecided [killed forced]", advice: "no-wrapper"},
		{name: "it ignores SIGQUIT, and handles SIGTERM, which a trap may send", facts: facts(first(func(p *Process) { p.Caught = set(quit) }),
			signal(quit), under(&verdict.SignalTarget{Ignored: true}, term)), want: "undecided [graceful killed forced]"},
		{name: "it does not handle SIGQUIT, but SIGTERM", facts: facts(first(func(p *Process) { p.Caught = set(quit) }), signal(quit),
			under(&verdict.SignalTarget{}, term)), want: "undecided [graceful terminated killed forced]"},
		{name: "a Go program that has not asked", facts: facts(first(catches),
			under(&verdict.SignalTarget{Caught: true, CatchesAll: true, Runtime: "Go", AsksFor: ptr(false)}, term)),
			want: "undecided [terminated killed forced]"},
		{name: "a Go program that may have asked", facts: facts(first(catches),
			under(&verdict.SignalTarget{Caught: true, CatchesAll: true, Runtime: "Go"}, term)),
			want: "undecided [terminated graceful killed forced]"},
		{name: "nothing is known of it", facts: facts(first(catches), under(nil)), want: "undecided [terminated graceful killed forced]"},
		{name: "one of two handles the signal", facts: facts(first(catches), under(&verdict.SignalTarget{Caught: true}, term),
			under(&verdict.SignalTarget{})), want: "undecided [terminated graceful killed forced]"},
		{name: "the wrapper drops the signal", facts: facts(first(), under(&verdict.SignalTarget{})), want: "forced []"},
		{name: "no wrapper", facts: facts(first(catches)), want: "undecided [graceful forced]"},
	} {
		t.Run(c.name, func(t *testing.T) {
			p := Predict(c.facts)
			if got := fmt.Sprintf("%s %v", p.Stop.Kind, p.Stop.Candidates); got != c.want {
				t.Fatalf("%s, want %s; because %v", got, c.want, p.Stop.Because)
			}
			if c.note != "" && !strings.Contains(fmt.Sprint(p.Stop.Because), c.note) {
				t.Errorf("because %v, want %q", p.Stop.Because, c.note)
			}
			if c.advice != "" && (len(p.Advice) == 0 || brief(p.Advice[0]) != c.advice) {
				t.Errorf("advice %v, want %s", p.Advice, c.advice)
			}
		})
	}
}

// The first process does nothing but wait for a program, and lets the signal be dropped: what to change is not in the program.
func TestAdviceOnDeafWrapper(t *testing.T) {
	f := facts(first(), under(&verdict.SignalTarget{Caught: true}))
	got := Advise(f, verdict.Forced)
	if len(got) != 1 || got[0].Change != NoWrapper || got[0].Program != "db" || got[0].Wrapper != "app" {
		t.Errorf("%+v", got)
	}
	f = facts(first(), under(&verdict.SignalTarget{})) // once it is the first process itself, the kernel drops the signal to it
	if got := Advise(f, verdict.Forced); len(got) != 1 || got[0].Change != NoWrapper || !slices.Equal(got[0].With, []Change{UseInit}) ||
		got[0].Ends != verdict.Terminated {
		t.Errorf("a program without a handler: %+v", got)
	}
	other := AdviseOn(f, &verdict.Verdict{Kind: verdict.Terminated, OtherSignal: 1, Of: "db", Under: []string{"app"}})
	if len(other) != 1 || other[0].Change != Handle || other[0].Signal != 1 || other[0].Program != "db" {
		t.Errorf("another signal ended it: %+v", other)
	}
}
