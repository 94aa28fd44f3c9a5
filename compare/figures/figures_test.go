package figures

import (
	"testing"

	"haltscope/cgroupfs/figure"
	"haltscope/compare/value"
)

// Each state of a reading has its reason in a document.
func TestReason(t *testing.T) {
	for state, want := range map[figure.State]value.Reason{
		figure.NotMeasured: value.NotMeasured, figure.Max: value.Max, figure.Unsupported: value.Unsupported,
		figure.Vanished: value.Vanished, figure.Denied: value.Denied, figure.Failed: value.Failed,
	} {
		if m := Number(figure.Without(state)); m.Reason() != want || m.Detail() != details[state] {
			t.Errorf("%s: %q, %q", state, m.Reason(), m.Detail())
		}
		if got := Flag(figure.Without(state)).Reason(); got != want {
			t.Errorf("flag, %s: %q", state, got)
		}
	}
}

func TestFigures(t *testing.T) {
	for _, v := range []uint64{0, 1, 1 << 40} {
		f := figure.Number(v)
		if got, ok := Number(f).Get(); !ok || got != v {
			t.Errorf("%d, %t; wanted %d", got, ok, v)
		}
		if got, ok := Signed(f).Get(); !ok || got != int64(v) {
			t.Errorf("%d, %t; wanted %d", got, ok, v)
		}
		if got, ok := Flag(f).Get(); !ok || got != (v != 0) {
			t.Errorf("%t, %t for %d", got, ok, v)
		}
	}
}
