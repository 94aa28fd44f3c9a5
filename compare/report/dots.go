package report

import (
	"html/template"
	"math"
	"strings"

	"haltscope/compare/document"
	"haltscope/compare/value"
)

// dot is a figure of one run.
type dot struct {
	value float64
	ink   ink
}

// effectDots returns when the action took effect in each run that has that time, in the color of the run's verdict.
func effectDots(runs []document.Run) (all []dot) {
	for i := range runs {
		if ms, ok := runs[i].Timing.EffectMs.Get(); ok {
			all = append(all, dot{ms, toneInk[toneOf(runs[i].Verdict.Kind)]})
		}
	}
	return all
}

// The widths of a dot plot, by the space in a card.
const (
	dotsOfTwo  = 280
	dotsOfMany = 180
)

// dotPicture returns the times of the runs of an action as a dot plot, for one of some cards.
func dotPicture(dots []dot, title, id string, cards int) node {
	width := dotsOfMany
	if cards <= 2 {
		width = dotsOfTwo
	}
	var times []string
	for _, d := range dots {
		times = append(times, value.Duration(d.value))
	}
	return node{Kind: "picture", Picture: picture{ID: id, Title: title + ": when it took effect in each run",
		Description: strings.Join(times, ", "), only: float64(width), draw: dotPlot(dots)}}
}

// dotPlot draws a dot for each figure, on an axis of milliseconds. Dots that would cover each other are stacked.
func dotPlot(dots []dot) func(float64) *drawing {
	return func(width float64) *drawing {
		low, high := dots[0].value, dots[0].value
		for _, one := range dots {
			low, high = min(low, one.value), max(high, one.value)
		}
		step := niceStep(max(high-low, 1), 4, false)
		f := frame{from: math.Floor(low/step) * step, to: math.Ceil(high/step) * step}
		f.to = max(f.to, f.from+step)
		labels := ticks(f.from, f.to, step, value.Duration)
		const radius, most = 4, 60
		f.left, f.right = radius+1, width-radius-1
		stacks := map[int]int{} // the dots at a place
		tallest := 0
		at := func(v float64) int { return int(f.x(v) / (2 * radius)) }
		for _, one := range dots {
			stacks[at(one.value)]++
			tallest = max(tallest, stacks[at(one.value)])
		}
		pitch := min(2*radius+1, most/float64(tallest))
		f.bottom = 2*radius + pitch*float64(tallest-1) + 2
		d := &drawing{Height: f.bottom + 20}
		d.line(f.left, f.bottom, f.right, f.bottom, inkMuted.stroke(""))
		for _, t := range labels {
			d.line(f.x(t.value), f.bottom, f.x(t.value), f.bottom+4, inkMuted.stroke(""))
		}
		d.words(0, f.bottom+16, startsAt, inkMuted, labels[0].label)
		d.words(width, f.bottom+16, endsAt, inkMuted, labels[len(labels)-1].label)
		for _, one := range dots {
			place := at(one.value)
			stacks[place]--
			d.circle(f.x(one.value), f.bottom-radius-1-pitch*float64(stacks[place]), radius, one.ink.style()+template.CSS(";stroke:var(--card)"))
		}
		return d
	}
}
