package experiment

import (
	"testing"

	"haltscope/cgroupfs"
	"haltscope/cgroupfs/figure"
)

func n(v uint64) figure.Figure { return figure.Number(v) }

// The last sample has the count of a cgroup that is gone, but not that of another run's cgroup.
func TestOOMKills(t *testing.T) {
	reading := func(kills figure.Figure) (r cgroupfs.Reading) {
		r.Memory.OOMKill = kills
		return r
	}
	gone := figure.Without(figure.Vanished)
	samples := []cgroupfs.Reading{reading(n(1)), reading(n(3))}
	for _, c := range []struct {
		name      string
		after     figure.Figure
		samples   []cgroupfs.Reading
		restarted bool
		want      figure.Figure
	}{
		{"it can be read", n(2), samples, false, n(1)},
		{"it is gone", gone, samples, false, n(2)},
		{"it is gone, without a sample", gone, nil, false, gone},
		{"another run's", n(9), samples, true, n(2)},
	} {
		if got := oomKills(reading(n(1)), reading(c.after), c.samples, c.restarted); got != c.want {
			t.Errorf("%s: %s, want %s", c.name, got, c.want)
		}
	}
}
