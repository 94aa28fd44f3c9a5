package prediction

import (
	"slices"
	"testing"

	"haltscope/compare/rules/verdict"
)

// TestEndedUnderWrapper checks the outcome for a process that the signal ends, and that waits for programs: these count.
func TestEndedUnderWrapper(t *testing.T) {
	shell := first(plain, program("dash"), func(p *Process) { p.InWait4, p.Children = true, 1 })
	of := func(target *verdict.SignalTarget, change ...func(*Facts)) Facts {
		f := facts(first(), underInit("tini", &shell), under(target))
		for _, c := range change {
			c(&f)
		}
		return f
	}
	group := func(f *Facts) { f.Target.Group = []Member{{PID: 107, Name: "db"}} }
	handles := &verdict.SignalTarget{Caught: true}
	for name, c := range map[string]struct {
		facts Facts
		want  string
	}{
		"it gets nothing":                {of(handles), "killed"},
		"both get it, and end at once":   {of(&verdict.SignalTarget{}, group), "terminated"},
		"both get it, and it handles it": {of(handles, group), "killed|graceful"},
		"both get it, and it ignores it": {of(&verdict.SignalTarget{Ignored: true}, group), "killed"},
		"no wrapper":                     {facts(first(), underInit("tini", &shell)), "terminated"},
		"one gets it, and one does not": {of(handles, group, func(f *Facts) {
			f.Programs = append(f.Programs,
				f.Programs[0])
			f.Programs[1].PID = 200
		}), "killed"},
	} {
		p := Predict(c.facts)
		if text(&p.Stop) != c.want || !slices.Equal(p.Stop.ExitCodes, []int{143}) {
			t.Errorf("%s: %s, %v; wanted %s; %v", name, text(&p.Stop), p.Stop.ExitCodes, c.want, p.Stop.Because)
		}
		if p.Stop.Kind == verdict.Killed && len(p.Advice) == 0 {
			t.Errorf("%s: no advice", name)
		}
	}
}
