package proc

import (
	"testing"

	"haltscope/cgroupfs/figure"
)

func TestParseUnlessUnset(t *testing.T) {
	for _, c := range []struct {
		name, text string
		want       figure.Figure
	}{
		{"a user", "1000", figure.Number(1000)},
		{"root", "0", figure.Number(0)},
		{"no login", "4294967295", figure.Without(figure.Unsupported)},
		{"empty", "", figure.Without(figure.Failed)},
		{"not a number", "alice", figure.Without(figure.Failed)},
	} {
		if got := parseUnlessUnset([]byte(c.text)); got != c.want {
			t.Errorf("%s: %v, wanted %v", c.name, got, c.want)
		}
	}
}

func TestLoginOfNoProcess(t *testing.T) {
	for name, got := range map[string]figure.Figure{"loginuid": ReadLoginUID(1 << 30), "sessionid": ReadSessionID(1 << 30)} {
		if got.State() != figure.Vanished {
			t.Errorf("%s: %v", name, got)
		}
	}
}
