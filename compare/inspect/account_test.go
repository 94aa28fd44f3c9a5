package inspect

import (
	"testing"

	"haltscope/cgroupfs/figure"
	"haltscope/compare/document"
	"haltscope/compare/target"
	"haltscope/compare/value"
	"haltscope/dockercli"
)

// docker update within an account: its limits are another moment's, and so the account is taken again.
func TestSameWithinAnUpdate(t *testing.T) {
	var before, after dockercli.Container
	ten := int64(10)
	if !same(before, after) {
		t.Error("nothing has changed")
	}
	after.HostConfig.PidsLimit = &ten
	if same(before, after) {
		t.Error("docker update --pids-limit 10 passed unseen")
	}
	before.HostConfig.PidsLimit = &ten
	if after.HostConfig.Memory = 1 << 30; same(before, after) {
		t.Error("docker update --memory 1g passed unseen")
	}
}

// Of a container that has ended, what is not there has vanished: nobody forgot to ask.
func TestNotesOfOneThatHasEnded(t *testing.T) {
	a := &account{Target: &target.Target{}}
	a.vanish()
	doc := a.document()
	for _, n := range document.Notes(&doc) {
		if n.Reason == value.NotMeasured && n.Detail == "" {
			t.Errorf("%+v", n)
		}
	}
	if doc.Memory.CurrentBytes.Reason() != value.Reason(figure.Vanished.String()) {
		t.Errorf("%+v", doc.Memory.CurrentBytes)
	}
}
