package report

import (
	"cmp"
	"slices"

	"gonum.org/v1/plot/vg"
	"gonum.org/v1/plot/vg/draw"
)

// mark is an event, and where its words stand: beside its line, on the right, or on the left near the right edge.
type mark struct {
	x, from, to vg.Length
	lane        int
	label       string
	labelled    bool
}

// mostLanes bounds the rows of labels. The table below the chart has all events.
const mostLanes = 8

// lanes places the words of each event so that none lies upon another's.
func (r Run) lanes(at func(float64) vg.Length, width vg.Length) (marks []mark, lanes int) {
	style := letters(inkText)
	var flipped []mark
	for _, e := range r.lifeEvents() {
		m := mark{x: at(e.AtMs), label: fitting(eventsCell([]Event{e}), style, width/3)}
		w := style.Width(m.label)
		if m.from, m.to = m.x+4, m.x+4+w; m.to <= width-2 {
			marks = append(marks, m)
			continue
		}
		m.from, m.to = m.x-4-w, m.x-4
		flipped = append(flipped, m)
	}
	// A line begins at its words. So those on the right go down from the left, and those on the left from the right.
	slices.SortStableFunc(marks, func(a, b mark) int { return cmp.Compare(a.x, b.x) })
	slices.SortStableFunc(flipped, func(a, b mark) int { return cmp.Compare(b.x, a.x) })
	marks = append(marks, flipped...)
	lanes = 1
	for i := range marks {
		m := &marks[i]
		for _, other := range marks[:i] {
			if other.labelled && other.lane >= m.lane && min(m.from, m.x) < max(other.to, other.x)+6 && max(m.to, m.x) > min(other.from, other.x)-6 {
				m.lane = other.lane + 1
			}
		}
		if m.labelled = m.lane < mostLanes; m.labelled {
			lanes = max(lanes, m.lane+1)
		}
	}
	return marks, lanes
}

// drawMarks draws the lines first, so that no line goes through words.
func drawMarks(c draw.Canvas, marks []mark, top, foot, lane vg.Length, lanes int) {
	under := func(m mark) vg.Length {
		if !m.labelled {
			return top - vg.Length(lanes)*lane
		}
		return top - vg.Length(m.lane)*lane
	}
	for _, m := range marks {
		c.StrokeLine2(stroke(inkMark, 1), m.x, foot, m.x, under(m))
	}
	for _, m := range marks {
		if !m.labelled {
			continue
		}
		y := under(m)
		c.FillPolygon(inkPage, []vg.Point{{X: m.from - 1, Y: y}, {X: m.to + 1, Y: y}, {X: m.to + 1, Y: y - lane}, {X: m.from - 1, Y: y - lane}})
		c.FillText(letters(inkText), vg.Point{X: m.from, Y: y - 12}, m.label)
	}
}
