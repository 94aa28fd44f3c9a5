package report

import (
	"math"

	"haltscope/compare/document"
)

// interval is a value over a time, in milliseconds since the command began.
type interval struct{ from, to, value float64 }

// memorySeries returns the charged memory in bytes: each sample holds until the next.
func memorySeries(r *document.Run) (all []interval) {
	for i, s := range r.Samples {
		v, ok := s.MemoryBytes.Get()
		if !ok {
			continue
		}
		to := s.AtMs
		if i+1 < len(r.Samples) {
			to = r.Samples[i+1].AtMs
		}
		all = append(all, interval{s.AtMs, to, float64(v)})
	}
	return all
}

// minRateMs is the shortest time, in milliseconds, over which a rate is computed. Over less, the cost of reading shows.
const minRateMs = 50

// cpuSeries returns the CPU use in percent of one core. A rate needs two samples and a counter that did not fall.
func cpuSeries(r *document.Run) (all []interval) {
	var last *document.Sample
	for i := range r.Samples {
		s := &r.Samples[i]
		now, ok := s.CPUUsageUsec.Get()
		if !ok {
			last = nil
			continue
		}
		if last != nil {
			passed := s.AtMs - last.AtMs
			if passed < minRateMs && i+1 < len(r.Samples) {
				continue
			}
			if before, ok := last.CPUUsageUsec.Get(); ok && now >= before && passed > 0 {
				all = append(all, interval{last.AtMs, s.AtMs, float64(now-before) / 10 / passed})
			}
		}
		last = s
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
