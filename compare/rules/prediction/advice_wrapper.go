package prediction

import (
	"fmt"

	"haltscope/compare/rules/verdict"
	"haltscope/compare/value"
)

// AdviceOn says what to change after a stop that came out as the verdict says. If that is about a program under a wrapper that the
// facts did not look through, the wrapper's dispositions do not matter.
func AdviceOn(f Facts, v *verdict.Verdict) []string {
	p := f.Target.Process()
	if v.Under == "" || v.Of == "" || p != nil && p.Name == v.Of {
		return Advice(f, v.Kind)
	}
	switch v.Kind {
	case verdict.Terminated:
		return []string{fmt.Sprintf("handle %s in %s: that %s handles it saves nothing of %[2]s", value.SignalName(f.Signal), v.Of, v.Under)}
	case verdict.Killed:
		return []string{fmt.Sprintf("start %s without %s in front of it, so that it gets %s itself, or have %[2]s wait until it has ended",
			v.Of, v.Under, value.SignalName(f.Signal))}
	}
	return nil
}
