package experiment

import (
	"testing"

	"haltscope/cgroupfs"
)

func n(v uint64) cgroupfs.Figure { return cgroupfs.Number(v) }

// A difference needs two figures and a counter that did not fall.
func TestDifference(t *testing.T) {
	gone := cgroupfs.Without(cgroupfs.Vanished)
	for _, c := range []struct{ before, after, want cgroupfs.Figure }{
		{n(3), n(10), n(7)},
		{n(3), n(3), n(0)},
		{n(10), n(3), cgroupfs.Without(cgroupfs.Failed)},
		{n(3), gone, gone},
		{gone, n(3), gone},
		{cgroupfs.Figure{}, n(3), cgroupfs.Figure{}},
	} {
		if got := difference(c.before, c.after); got != c.want {
			t.Errorf("difference(%s, %s) = %s, wanted %s", c.before, c.after, got, c.want)
		}
	}
}
