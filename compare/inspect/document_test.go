package inspect

import (
	"encoding/json"
	"strings"
	"testing"

	"haltscope/cgroupfs/figure"
	"haltscope/cgroupfs/proc"
	"haltscope/compare/document"
	"haltscope/compare/target"
	"haltscope/compare/value"
)

// TestSignalsOfAProcess checks that a process that catches nothing has empty lists, and one whose status could not be read has none.
func TestSignalsOfAProcess(t *testing.T) {
	for state, want := range map[figure.State]string{figure.Present: `"caught":[]`, figure.Vanished: `"caught":null`} {
		p := process(&proc.Member{StatusState: state})
		data, err := json.Marshal(p)
		if err != nil || !strings.Contains(string(data), want) {
			t.Errorf("%s: %s, %v", state, data, err)
		}
		noted := false
		for _, n := range document.Notes(&p) {
			noted = noted || n.Field == "signals.caught"
		}
		if noted != (state != figure.Present) {
			t.Errorf("%s: noted: %t", state, noted)
		}
	}
}

// TestLimitOfEndedContainer checks that a container that has ended is not reported as unlimited.
func TestLimitOfEndedContainer(t *testing.T) {
	a := &account{Target: &target.Target{}}
	doc := a.document()
	for _, limit := range []value.Maybe[string]{doc.Memory.LimitBy, doc.CPU.LimitBy, doc.Pids.LimitBy} {
		if limit.Reason() == value.Max {
			t.Errorf("%+v", limit)
		}
	}
	for _, s := range doc.Explanation {
		if s.Sources == nil {
			t.Errorf("%+v", s)
		}
	}
}
