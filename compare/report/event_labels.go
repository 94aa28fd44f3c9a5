package report

import (
	"cmp"
	"slices"

	"haltscope/compare/document"
)

// eventLabel is an event on a time axis, with its label right of its line, or left near the right edge.
type eventLabel struct {
	x, from, to float64
	lane        int
	text        string
	shown       bool
}

// maxLanes bounds the rows of labels. The table below the chart has all events.
const (
	maxLanes   = 8
	laneHeight = 16
)

// eventLabels places the labels of a run's events so that none covers another, and returns the number of lanes.
func eventLabels(r *document.Run, x func(float64) float64, width float64) (labels []eventLabel, lanes int) {
	var flipped []eventLabel
	for _, e := range allEvents(r) {
		l := eventLabel{x: x(e.AtMs), text: shorten(eventsCell([]document.Event{e}), width/3)}
		w := widthOf(l.text)
		if l.from, l.to = l.x+4, l.x+4+w; l.to <= width-2 {
			labels = append(labels, l)
			continue
		}
		l.from, l.to = l.x-4-w, l.x-4
		flipped = append(flipped, l)
	}
	// A line starts at its label. So labels on the right go down from left to right, and those on the left from right to left.
	slices.SortStableFunc(labels, func(a, b eventLabel) int { return cmp.Compare(a.x, b.x) })
	slices.SortStableFunc(flipped, func(a, b eventLabel) int { return cmp.Compare(b.x, a.x) })
	labels = append(labels, flipped...)
	lanes = 1
	for i := range labels {
		l := &labels[i]
		for _, other := range labels[:i] {
			if other.shown && other.lane >= l.lane && l.overlaps(&other) {
				l.lane = other.lane + 1
			}
		}
		if l.shown = l.lane < maxLanes; l.shown {
			lanes = max(lanes, l.lane+1)
		}
	}
	return labels, lanes
}

// overlaps reports whether two labels with their lines are less than 6 units apart.
func (l *eventLabel) overlaps(other *eventLabel) bool {
	return min(l.from, l.x) < max(other.to, other.x)+6 && max(l.to, l.x) > min(other.from, other.x)-6
}

// eventLines draws the lines down to foot, then the labels, so that no line crosses a label.
func (d *drawing) eventLines(labels []eventLabel, lanes int, foot float64) {
	for _, l := range labels {
		lane := lanes
		if l.shown {
			lane = l.lane
		}
		d.line(l.x, foot, l.x, float64(lane)*laneHeight, inkMark.stroke(""))
	}
	for _, l := range labels {
		if l.shown {
			d.rect(l.from-1, float64(l.lane)*laneHeight, l.to-l.from+2, laneHeight, inkPage.style())
			d.words(l.from, float64(l.lane)*laneHeight+12, startsAt, inkText, l.text)
		}
	}
}
