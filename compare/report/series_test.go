package report

import (
	"fmt"
	"math"
	"testing"

	"haltscope/compare/document"
)

// TestGapsAreGaps checks that nothing is drawn over a time without samples, and no rate computed over it.
func TestGapsAreGaps(t *testing.T) {
	start := document.Event{Action: "start", AtMs: 250}
	for name, c := range map[string]struct {
		samples []float64
		events  []document.Event
		want    string // the times of each stretch
		gap     string
	}{
		"of a restart": {[]float64{-101, -1, 85, 186, 3211, 3311, 3412}, []document.Event{start},
			"[[-101 -1 85 186] [3211 3311 3412]]", "186 to 3211"},
		"without an event":    {[]float64{0, 100, 200, 501, 601}, nil, "[[0 100 200] [501 601]]", "200 to 501"},
		"short, with a start": {[]float64{0, 100, 200, 300, 400}, []document.Event{start}, "[[0 100 200] [300 400]]", "200 to 300"},
		"a slow sampler":      {[]float64{0, 900, 1800, 3000, 3900}, nil, "[[0 900 1800 3000 3900]]", ""},
		"two close samples":   {[]float64{0, 0.1, 100, 200}, nil, "[[0 0.1 100 200]]", ""},
		"one sample":          {[]float64{7}, nil, "[[7]]", ""},
		"none":                {nil, nil, "[]", ""},
	} {
		t.Run(name, func(t *testing.T) {
			r := &document.Run{Events: c.events, Cgroup: document.Cgroup{Exists: true}}
			for _, ms := range c.samples {
				r.Samples = append(r.Samples, at(ms))
			}
			var times [][]float64
			for _, samples := range stretches(r) {
				var all []float64
				for _, s := range samples {
					all = append(all, s.AtMs)
				}
				times = append(times, all)
			}
			if got := fmt.Sprint(times); got != c.want {
				t.Errorf("stretches %s, wanted %s", got, c.want)
			}
			gap := ""
			from, to := math.NaN(), math.NaN()
			for _, p := range freezerPeriods(r) {
				if p.name == "no samples" {
					from, to = p.from, p.to
					gap += fmt.Sprintf("%v to %v", from, to)
				}
			}
			if gap != c.gap {
				t.Errorf("no samples from %s, wanted %s", gap, c.gap)
			}
			if got, want := len(stackedMemory(r, 1)), len(times); got != want {
				t.Errorf("%d areas, wanted %d", got, want)
			}
			for _, drawn := range [][]interval{memorySeries(r), cpuSeries(r)} {
				for _, one := range drawn {
					if one.from < to && one.to > from {
						t.Errorf("%v is drawn from %v to %v", one.value, one.from, one.to)
					}
				}
			}
		})
	}
}
