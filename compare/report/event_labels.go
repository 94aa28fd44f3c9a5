package report

import (
	"cmp"
	"slices"

	"haltscope/compare/document"
)

// eventLabel names events that are so close to each other on a time axis that each alone would cover the next.
type eventLabel struct {
	events   []document.Event
	xs       []float64 // where the events are
	from, to float64   // where the text is
	text     string
}

// labelHeight is the height of the row of labels.
const labelHeight = 16

// eventLabels places the labels of a run's events so that none covers another. The table below the chart has all events.
func eventLabels(r *document.Run, f frame, width float64) (all []eventLabel) {
	events := allEvents(r)
	slices.SortStableFunc(events, func(a, b document.Event) int { return cmp.Compare(a.AtMs, b.AtMs) })
	for _, e := range events {
		next := eventLabel{events: []document.Event{e}, xs: []float64{f.x(e.AtMs)}}
		next.place(width)
		for len(all) > 0 && all[len(all)-1].to+letterWidth > next.from {
			last := all[len(all)-1]
			all = all[:len(all)-1]
			next.events, next.xs = append(last.events, next.events...), append(last.xs, next.xs...)
			next.place(width)
		}
		all = append(all, next)
	}
	return all
}

// place writes the label and puts it at its first event, or as far left as it needs to be.
func (l *eventLabel) place(width float64) {
	l.text = shorten(eventsCell(l.events), width-2)
	w := widthOf(l.text)
	l.from = max(1, min(l.xs[0], width-1-w))
	l.to = l.from + w
}

// eventLines draws the labels in the row above top, and from there a line down to foot for each event.
func (d *drawing) eventLines(labels []eventLabel, top, foot float64) {
	for _, l := range labels {
		for _, x := range l.xs {
			d.line(x, foot, x, top, inkMark.stroke(""))
		}
		d.words(l.from, top-4, startsAt, inkText, l.text)
	}
}
