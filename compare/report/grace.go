package report

import (
	"fmt"
	"html/template"
	"math"
	"slices"

	"haltscope/compare/document"
	"haltscope/compare/value"
)

// graceLine is a stop over time, in milliseconds.
type graceLine struct {
	signal     string  // that the stop begins with
	sent       float64 // when
	grace      float64 // until SIGKILL; infinite without a limit
	end        float64 // when the program ends; less than 0 if that is not known
	latest     bool    // the end may be earlier
	ink        ink     // of the end
	result     string  // what the end is
	zero, text string  // what is at 0, and a description
}

// endless are outcomes of a stop that ends nothing.
var endless = []value.Kind{value.Unchanged, value.Refused, value.Started, value.Cancelled}

// predictedGrace returns the predicted stop of a container over time; nil if nothing would end.
func predictedGrace(c *document.Predicted) *graceLine {
	return expectedGrace(&c.Stop, c.Grace.Ms, c.Signal.Name)
}

// expectedGrace returns a predicted stop over time; nil if nothing would end.
func expectedGrace(o *document.Outcome, grace value.Maybe[float64], signal string) *graceLine {
	if slices.Contains(endless, o.Outcome) || o.Outcome == "" {
		return nil
	}
	g := &graceLine{signal: signal, end: -1, latest: len(o.Candidates) > 0, ink: toneInk[toneOf(o.Outcome)],
		zero: "seconds since the stop signal", result: outcomeCell(o)}
	g.limit(grace)
	if ms, ok := o.AfterMs.Get(); ok {
		g.end = ms
		g.result += " " + afterWords(o, ms)
	} else {
		g.result += ": when is " + afterCell(o)
	}
	return g
}

// actionGrace returns a stop or restart of a container over time, as it was or as predicted; nil if it ended nothing.
func actionGrace(a *document.Action, c *document.ContainerAction) *graceLine {
	if c.GraceMs.Reason() == value.Unsupported || c.GraceMs.Reason() == value.NotMeasured {
		return nil
	}
	f, _ := c.Predicted.Get()
	if a.DryRun {
		return expectedGrace(&f, c.GraceMs, "the stop signal")
	}
	v, judged := c.Verdict.Get()
	end, ok := c.Timing.EffectMs.Get()
	if !judged || !ok {
		return nil
	}
	g := &graceLine{signal: "the command", end: end, ink: toneInk[toneOf(v.Kind)], zero: "seconds since the command began",
		result: string(v.Kind) + " after " + value.Duration(end)}
	if i := slices.IndexFunc(c.Events, func(e document.Event) bool { return e.Action == "kill" && e.AtMs >= 0 }); i >= 0 {
		if signal, ok := c.Events[i].Signal.Get(); ok {
			g.signal, g.sent = value.SignalName(value.Signal(signal)), min(c.Events[i].AtMs, end)
		}
	}
	g.limit(c.GraceMs)
	return g
}

// limit sets the grace.
func (g *graceLine) limit(grace value.Maybe[float64]) {
	g.grace = math.Inf(1)
	if ms, ok := grace.Get(); ok {
		g.grace = ms
	}
}

// killText says when SIGKILL comes.
func (g *graceLine) killText() string {
	if math.IsInf(g.grace, 1) {
		return "no SIGKILL: no limit"
	}
	if g.grace == 0 {
		return "SIGKILL at once"
	}
	return "SIGKILL after " + value.Duration(g.grace)
}

// gracePicture returns a stop over time as a picture.
func gracePicture(g *graceLine, title, id string) node {
	return node{Kind: "picture", Picture: picture{ID: id, Title: title + ": the grace over time",
		Description: fmt.Sprintf("%s at 0; %s; %s.", g.signal, g.killText(), g.result), draw: g.drawing}}
}

// drawing draws a band from the stop signal to SIGKILL, in the color of the outcome up to the end.
func (g *graceLine) drawing(width float64) *drawing {
	const top, foot = 22, 40
	until := max(g.sent+g.grace, g.end)
	if math.IsInf(g.grace, 1) {
		until = max(10_000, 2*g.end)
	}
	f := frame{left: 8, right: width - 8, to: max(until, 1)}
	steps := 8
	if width < wideChart {
		steps = 4
	}
	d := &drawing{Height: 92}
	due := min(g.sent+g.grace, f.to)
	d.rect(f.x(g.sent), top, f.x(due)-f.x(g.sent), foot-top, inkRunning.style())
	switch {
	case g.end < 0:
		d.rect(f.x(g.sent), top+3, f.x(due)-f.x(g.sent), foot-top-6, dashed(g.ink))
	case g.latest:
		d.rect(f.x(g.sent), top+3, max(f.x(g.end)-f.x(g.sent), 3), foot-top-6, dashed(g.ink))
	default:
		d.rect(f.x(g.sent), top, max(f.x(g.end)-f.x(g.sent), 3), foot-top, g.ink.style())
	}
	d.line(f.x(g.sent), top-6, f.x(g.sent), foot+4, inkMark.stroke(""))
	d.words(f.x(g.sent), top-9, startsAt, inkText, g.signal)
	if !math.IsInf(g.grace, 1) {
		d.line(f.x(due), top-6, f.x(due), foot+4, inkBad.stroke(";stroke-width:2"))
	}
	kill := g.killText()
	d.words(max(f.x(due), f.x(g.sent)+widthOf(g.signal)+2*letterWidth+widthOf(kill)), top-9, endsAt, inkText, kill)
	text := shorten(g.result, width-2)
	d.words(max(1, min(f.x(max(g.end, g.sent)), width-1-widthOf(text))), foot+17, startsAt, g.ink, text)
	for _, t := range ticks(0, f.to, max(1, niceStep(f.to, steps, false)), seconds) {
		x := f.x(t.value)
		d.line(x, foot, x, foot+4, inkMuted.stroke(""))
		d.words(min(max(x, widthOf(t.label)/2), width-widthOf(t.label)/2), foot+33, centered, inkMuted, t.label)
	}
	d.words(width/2, foot+48, centered, inkMuted, g.zero)
	return d
}

// dashed returns the style of a frame around a time within which something happens.
func dashed(i ink) template.CSS { return i.stroke(";stroke-width:2;stroke-dasharray:4 3") }
