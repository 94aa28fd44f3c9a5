package prediction

import (
	"fmt"
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
			want: "undecided [terminated killed forced]", note: "which does not handle SIGTERM", advice: "handle SIGTERM in db"},
		{name: "it handles another one, which the wrapper may send", facts: facts(first(catches), under(&verdict.SignalTarget{}, intr)),
			want: "undecided [terminated graceful killed forced]"},
		{name: "it ignores the signal", facts: facts(first(catches), under(&verdict.SignalTarget{Ignored: true})),
			want: "undecided [killed forced]", advice: "start db without sh in front of it"},
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
			if c.advice != "" && !strings.Contains(strings.Join(p.Advice, "; "), c.advice) {
				t.Errorf("advice %q, want %q", p.Advice, c.advice)
			}
		})
	}
}

// The first process does nothing but wait for a program, and lets the signal be dropped: what to change is not in the program.
func TestAdviceOnDeafWrapper(t *testing.T) {
	f := facts(first(), under(&verdict.SignalTarget{Caught: true}))
	want := "app does not forward SIGTERM to db (process 107), which it waits for: start db itself, without app in front of it"
	if got := Advice(f, verdict.Forced); len(got) != 1 || !strings.HasPrefix(got[0], want) {
		t.Errorf("%q, want %q", got, want)
	}
	shell := facts(first(program("dash"), func(p *Process) { p.Children = 1 }), under(&verdict.SignalTarget{Caught: true}))
	if got := Advice(shell, verdict.Forced); len(got) != 2 || !strings.Contains(got[0], "exec program") {
		t.Errorf("of a shell: %q", got)
	}
}
