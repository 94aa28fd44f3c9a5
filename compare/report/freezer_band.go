package report

import (
	"html/template"
	"math"

	"haltscope/compare/document"
	"haltscope/compare/value"
)

// period is a time in which the freezer was in one state.
type period struct {
	from, to float64
	name     string
	fill     ink
	text     ink
}

// freezerPeriods returns the states of the freezer over time, where there are no samples, and when the cgroup was gone.
func freezerPeriods(r *document.Run) (all []period) {
	last := math.NaN() // the time of the last sample before
	for _, samples := range stretches(r) {
		if from := samples[0].AtMs; from > last {
			all = append(all, period{last, from, "no samples", inkPage, inkMuted})
		}
		all = append(all, frozenPeriods(samples)...)
		last = samples[len(samples)-1].AtMs
	}
	if r.Cgroup.Exists || r.Cgroup.Freezer.Frozen.Reason() != value.Vanished {
		return all
	}
	from, known := r.Timing.EffectMs.Get()
	if n := len(all); n > 0 && (!known || from < all[n-1].to) {
		from = all[n-1].to
	}
	to := lastTime(r)
	for _, e := range r.Resume.Events {
		to = min(to, e.AtMs)
	}
	if to > from {
		all = append(all, period{from, to, "gone", inkPage, inkMuted})
	}
	return all
}

// frozenPeriods returns the states of the freezer over samples without a gap.
func frozenPeriods(samples []document.Sample) (all []period) {
	for i, s := range samples {
		frozen, ok := s.Frozen.Get()
		p := period{s.AtMs, samples[min(i+1, len(samples)-1)].AtMs, "running", inkRunning, inkText}
		if frozen {
			p.name, p.fill, p.text = "frozen", inkFrozen, inkOnFrozen
		}
		n := len(all)
		switch {
		case !ok:
		case n > 0 && all[n-1].name == p.name && all[n-1].to == p.from:
			all[n-1].to = p.to
		default:
			all = append(all, p)
		}
	}
	return all
}

// lastTime returns the time of the last sample or event.
func lastTime(r *document.Run) float64 {
	last := 0.0
	for _, s := range r.Samples {
		last = max(last, s.AtMs)
	}
	for _, e := range allEvents(r) {
		last = max(last, e.AtMs)
	}
	return last
}

// freezerBand draws the periods as a band, with their names where there is space between the lines of the events.
func (d *drawing) freezerBand(periods []period, f frame, top float64, labels []eventLabel) {
	for _, p := range periods {
		x0, x1 := f.x(p.from), max(f.x(p.to), f.x(p.from)+2)
		style := p.fill.style()
		if p.fill == inkPage {
			style += template.CSS(";stroke:var(--" + inkNames[inkMuted] + ");stroke-dasharray:3 3")
		}
		d.rect(x0, top+2, x1-x0, bandHeight-4, style)
		from, w := x0+labelGap, widthOf(p.name)
		for _, l := range labels { // their lines cross the band
			for _, x := range l.xs {
				if x > from-4 && x < from+w+4 {
					from = x + 5
				}
			}
		}
		if from+w+labelGap < x1 {
			d.words(from, top+bandHeight/2+midLetter, startsAt, p.text, p.name)
		}
	}
}
