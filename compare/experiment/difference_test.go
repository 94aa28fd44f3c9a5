package experiment

import (
	"testing"

	"haltscope/cgroupfs/figure"
)

func n(v uint64) figure.Figure { return figure.Number(v) }

// A difference needs two figures and a counter that did not fall.
func TestDifference(t *testing.T) {
	gone := figure.Without(figure.Vanished)
	for _, c := range []struct{ before, after, want figure.Figure }{
		{n(3), n(10), n(7)},
		{n(3), n(3), n(0)},
		{n(10), n(3), figure.Without(figure.Failed)},
		{n(3), gone, gone},
		{gone, n(3), gone},
		{figure.Figure{}, n(3), figure.Figure{}},
	} {
		if got := difference(c.before, c.after); got != c.want {
			t.Errorf("difference(%s, %s) = %s, wanted %s", c.before, c.after, got, c.want)
		}
	}
}
