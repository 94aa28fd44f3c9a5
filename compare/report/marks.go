package report

import (
	"cmp"
	"slices"

	"haltscope/compare/document"
)

// mark is an event, and where its words stand: beside its line, on the right, or on the left near the right edge.
type mark struct {
	x, from, to float64
	lane        int
	label       string
	labelled    bool
}

// mostLanes bounds the rows of labels. The table below the chart has all events.
const (
	mostLanes  = 8
	laneHeight = 16
)

// lanes places the words of each event so that none lies upon another's.
func runLanes(r document.Run, at func(float64) float64, width float64) (marks []mark, lanes int) {
	var flipped []mark
	for _, e := range runLifeEvents(r) {
		m := mark{x: at(e.AtMs), label: fitting(eventsCell([]document.Event{e}), width/3)}
		w := widthOf(m.label)
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

// marks draws the lines first, from their words down to foot, so that no line goes through words.
func (d *drawing) marks(marks []mark, lanes int, foot float64) {
	for _, m := range marks {
		under := lanes
		if m.labelled {
			under = m.lane
		}
		d.line(m.x, foot, m.x, float64(under)*laneHeight, inkMark.stroke(""))
	}
	for _, m := range marks {
		if m.labelled {
			d.rect(m.from-1, float64(m.lane)*laneHeight, m.to-m.from+2, laneHeight, inkPage.style())
			d.words(m.from, float64(m.lane)*laneHeight+12, startsAt, inkText, m.label)
		}
	}
}
