package prediction

import (
	"fmt"

	"haltscope/compare/rules/verdict"
	"haltscope/compare/value"
)

// AdviceOn says what to change after a stop that came out as the verdict says. If that is about a program under a wrapper that the
// facts did not look through, the wrapper's dispositions do not matter.
func AdviceOn(f Facts, v *verdict.Verdict) []string {
	p, signal := f.Target.Process(), value.SignalName(f.Signal)
	switch {
	case v.Under == "" || v.Of == "":
		return Advice(f, v.Kind)
	case v.Kind == verdict.Killed:
		return []string{fmt.Sprintf("start %s without %s in front of it: it then gets %s itself, and only Docker's grace counts", v.Of, v.Under,
			signal)}
	case v.Kind == verdict.Terminated && v.OtherSignal != 0:
		return []string{fmt.Sprintf("handle %s in %s as well, which ended it before its %s handler could: %s, in front of it, sent it or closed "+
			"its terminal; or start %[2]s without %[4]s in front of it", value.SignalName(v.OtherSignal), v.Of, signal, v.Under)}
	case v.Kind == verdict.Terminated && (p == nil || p.Name != v.Of):
		return []string{fmt.Sprintf("handle %s in %s: what %s, in front of it, does with the signal saves nothing of %[2]s", signal, v.Of, v.Under)}
	}
	return Advice(f, v.Kind)
}
