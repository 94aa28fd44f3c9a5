package figures

import (
	"testing"

	"haltscope/cgroupfs"
	"haltscope/compare/value"
)

// Each state of a reading has its reason in a document.
func TestReason(t *testing.T) {
	for state, want := range map[cgroupfs.State]value.Reason{
		cgroupfs.NotMeasured: value.NotMeasured, cgroupfs.Max: value.Max, cgroupfs.Unsupported: value.Unsupported,
		cgroupfs.Vanished: value.Vanished, cgroupfs.Denied: value.Denied, cgroupfs.Failed: value.Failed,
	} {
		if m := Number(cgroupfs.Without(state)); m.Reason() != want || m.Detail() != details[state] {
			t.Errorf("%s: %q, %q", state, m.Reason(), m.Detail())
		}
		if got := Flag(cgroupfs.Without(state)).Reason(); got != want {
			t.Errorf("flag, %s: %q", state, got)
		}
	}
}

func TestFigures(t *testing.T) {
	for _, v := range []uint64{0, 1, 1 << 40} {
		f := cgroupfs.Number(v)
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
