package report

import (
	"math"
	"strings"

	"haltscope/compare/document"
	"haltscope/compare/value"
)

// stretch is a value over a length of time, in milliseconds since the command began.
type stretch struct{ from, to, value float64 }

// memoryCourse is what was charged, as each sample saw it, until the next.
func runMemoryCourse(r document.Run) (all []stretch) {
	for i, s := range r.Samples {
		v, ok := s.MemoryBytes.Get()
		if !ok {
			continue
		}
		to := s.AtMs
		if i+1 < len(r.Samples) {
			to = r.Samples[i+1].AtMs
		}
		all = append(all, stretch{s.AtMs, to, float64(v)})
	}
	return all
}

// rateOver is the least time between two samples that a rate is made of: over less, what reading them takes shows.
const rateOver = 50

// cpuCourse is CPU use in percent of one core, between samples.
func runCpuCourse(r document.Run) (all []stretch) {
	var last *document.Sample
	for i := range r.Samples {
		s := &r.Samples[i]
		now, ok := s.CPUUsageUsec.Get()
		if !ok {
			last = nil
			continue
		}
		if last != nil {
			was, _ := last.CPUUsageUsec.Get()
			over := s.AtMs - last.AtMs
			if over < rateOver && i+1 < len(r.Samples) {
				continue
			}
			if now >= was && over > 0 {
				all = append(all, stretch{last.AtMs, s.AtMs, float64(now-was) / 10 / over})
			}
		}
		last = s
	}
	return all
}

// span is the time that all runs' samples and events lie in: one axis for all.
func compareSpan(c *document.Compare) (from, to float64) {
	from, to = math.Inf(1), math.Inf(-1)
	const most = 1e12 // ms, thirty years: what is beyond that is no time of a run, and no axis could be divided
	see := func(at float64) {
		at = min(max(at, -most), most)
		from, to = min(from, at), max(to, at)
	}
	for _, a := range c.Arms {
		for _, r := range a.Runs {
			for _, s := range r.Samples {
				see(s.AtMs)
			}
			for _, e := range append(r.Events[:len(r.Events):len(r.Events)], r.Resume.Events...) {
				see(e.AtMs)
			}
		}
	}
	if from > to {
		return 0, 1
	}
	return from, max(to, from+1)
}

// bars are the eight heights of a sparkline.
var bars = []rune("▁▂▃▄▅▆▇█")

// courseWidth is how many columns a sparkline has.
const courseWidth = 16

// course draws a figure over time, for each action on the same scale, from 0, and the same time; "·" is where there was
// none. The least and the most of each stand behind.
func compareCourse(c *document.Compare, question string, of func(document.Run) []stretch, write func(float64) string) row {
	most := 0.0
	for _, a := range c.Arms {
		for _, s := range of(armLead(&a)[0]) {
			most = max(most, s.value)
		}
	}
	from, to := compareSpan(c)
	line := row{question: question, course: true}
	for _, a := range c.Arms {
		all := of(armLead(&a)[0])
		if len(all) == 0 {
			line.cells = append(line.cells, why(value.Maybe[bool]{}))
			continue
		}
		low, high := write(all[0].value), ""
		lowest, highest := all[0].value, all[0].value
		for _, s := range all {
			lowest, highest = min(lowest, s.value), max(highest, s.value)
		}
		if low, high = write(lowest), write(highest); low != high {
			low += " to " + high
		}
		line.cells = append(line.cells, sparkline(all, from, to, most)+" "+low)
	}
	return line
}

// sparkline draws the mean of each of some lengths of time.
func sparkline(all []stretch, from, to, most float64) string {
	var b strings.Builder
	each := (to - from) / courseWidth
	for i := range courseWidth {
		begin, end := from+float64(i)*each, from+float64(i+1)*each
		sum, weight := 0.0, 0.0
		for _, s := range all {
			// A sample has a moment of its own, too.
			over := min(end, s.to) - max(begin, s.from)
			if s.from >= begin && (s.from < end || i == courseWidth-1) {
				over = max(over, 1e-6)
			}
			if over > 0 {
				sum, weight = sum+s.value*over, weight+over
			}
		}
		switch {
		case weight == 0:
			b.WriteRune('·')
		case most == 0:
			b.WriteRune(bars[0])
		default:
			b.WriteRune(bars[min(len(bars)-1, int(sum/weight/most*float64(len(bars))))])
		}
	}
	return b.String()
}
