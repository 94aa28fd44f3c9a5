package report

import (
	"math"
	"slices"

	"haltscope/compare/document"
)

// interval is a value over a time, in milliseconds since the command began.
type interval struct{ from, to, value float64 }

// stretches returns the samples of a run, divided where nothing was measured: where another run began between two samples, or where
// they are far apart.
func stretches(r *document.Run) (all [][]document.Sample) {
	longest := longestStep(r.Samples)
	for i, s := range r.Samples {
		if n := len(all); n > 0 && s.AtMs-r.Samples[i-1].AtMs <= longest && !startedBetween(r, r.Samples[i-1].AtMs, s.AtMs) {
			all[n-1] = append(all[n-1], s)
		} else {
			all = append(all, []document.Sample{s})
		}
	}
	return all
}

// A step between two samples is a gap if it is longer than three usual ones. The sampler takes one every 100 ms or less often.
const (
	gapSteps    = 3
	leastStepMs = 100
)

// longestStep returns the longest time between two samples that is no gap.
func longestStep(samples []document.Sample) float64 {
	if len(samples) < 2 {
		return math.Inf(1)
	}
	var steps []float64
	for i := range samples[1:] {
		steps = append(steps, samples[i+1].AtMs-samples[i].AtMs)
	}
	slices.Sort(steps)
	return gapSteps * max(steps[(len(steps)-1)/2], leastStepMs)
}

// startedBetween reports whether the container was started between two times: its cgroup is another one then.
func startedBetween(r *document.Run, from, to float64) bool {
	return slices.ContainsFunc(allEvents(r), func(e document.Event) bool { return e.Action == "start" && from < e.AtMs && e.AtMs <= to })
}

// memorySeries returns the charged memory in bytes: each sample holds until the next.
func memorySeries(r *document.Run) (all []interval) {
	for _, samples := range stretches(r) {
		for i, s := range samples {
			if v, ok := s.MemoryBytes.Get(); ok {
				all = append(all, interval{s.AtMs, samples[min(i+1, len(samples)-1)].AtMs, float64(v)})
			}
		}
	}
	return all
}

// minRateMs is the shortest time, in milliseconds, over which a rate is computed. Over less, the cost of reading shows.
const minRateMs = 50

// cpuSeries returns the CPU use in percent of one core. A rate needs two samples of one stretch and a counter that did not fall.
func cpuSeries(r *document.Run) (all []interval) {
	for _, samples := range stretches(r) {
		var last *document.Sample
		for i := range samples {
			s := &samples[i]
			now, ok := s.CPUUsageUsec.Get()
			if !ok {
				last = nil
				continue
			}
			if last != nil {
				passed := s.AtMs - last.AtMs
				if passed < minRateMs {
					continue
				}
				if before, ok := last.CPUUsageUsec.Get(); ok && now >= before {
					all = append(all, interval{last.AtMs, s.AtMs, float64(now-before) / 10 / passed})
				}
			}
			last = s
		}
	}
	return all
}

// timeSpan returns the time of all samples and events of all runs, which is the axis of every chart.
func timeSpan(c *document.Compare) (from, to float64) {
	from, to = math.Inf(1), math.Inf(-1)
	const limit = 1e12 // ms, thirty years: a time beyond that is not that of a run, and an axis could not be divided
	extend := func(at float64) {
		at = min(max(at, -limit), limit)
		from, to = min(from, at), max(to, at)
	}
	for i := range c.Arms {
		for n := range c.Arms[i].Runs {
			r := &c.Arms[i].Runs[n]
			for _, s := range r.Samples {
				extend(s.AtMs)
			}
			for _, e := range allEvents(r) {
				extend(e.AtMs)
			}
		}
	}
	if from > to {
		return 0, 1
	}
	return from, max(to, from+1)
}

// allEvents returns the events of the action, and those of undoing it.
func allEvents(r *document.Run) []document.Event {
	return append(append([]document.Event{}, r.Events...), r.Resume.Events...)
}
