package report

import (
	"cmp"
	"fmt"
	"slices"
	"strings"
	"time"

	"haltscope/compare/document"
	"haltscope/compare/value"
)

// Bounds of a picture of a day, so that a page stays readable and small. The page says how many it leaves out.
const (
	dayRows      = 300
	dayMarks     = 3000
	dayExplained = 300 // ends with all that they rest on; of the others, the page has a line each
)

// day is what a picture of a day shows.
type day struct {
	from, to time.Time
	rows     []dayRow
	groups   []dayGroup // the abnormal ends, the newest first
	ends     int
	ended    int // containers that have an end
	left     int // ends that have no mark
}

// dayRow is a container in the picture.
type dayRow struct {
	name  string
	spans []document.TimelineSpan
	ends  []*dayEnd
}

// dayEnd is an end, which may be a mark in the picture.
type dayEnd struct {
	at    time.Time
	run   *document.WhyRun
	mark  string // its anchor; "" if it has no mark
	group string // the anchor of its explanation; "" if it needs none
}

// dayGroup are the ends of a container that have the same explanation, the newest first.
type dayGroup struct {
	container *document.WhyContainer
	anchor    string
	ends      []*dayEnd
}

// dayOf returns what to show of a document that has a timeline.
func dayOf(d *document.Why) *day {
	p := &day{from: whyTime(d.Timeline.From), to: whyTime(d.Timeline.To)}
	if !p.to.After(p.from) {
		p.to = p.from.Add(time.Second)
	}
	containers := map[string]*document.WhyContainer{}
	for i := range d.Containers {
		containers[d.Containers[i].ID] = &d.Containers[i]
	}
	for i := range d.Timeline.Containers {
		t := &d.Timeline.Containers[i]
		row := dayRow{name: cmp.Or(t.Name, value.ShortID(t.ID)), spans: t.Spans}
		if c := containers[t.ID]; c != nil {
			row.ends = p.endsOf(c)
		}
		if len(row.ends) > 0 {
			p.ended++
		}
		p.rows = append(p.rows, row)
	}
	p.setMarks()
	slices.SortStableFunc(p.groups, func(a, b dayGroup) int { return b.ends[0].at.Compare(a.ends[0].at) })
	return p
}

// endsOf returns the ends of a container, the newest first, and adds its groups.
func (p *day) endsOf(c *document.WhyContainer) (all []*dayEnd) {
	groups := map[string]int{} // index by what the ends have in common
	for i := range c.Runs {
		r := &c.Runs[i]
		text, known := r.EndedAt.Get()
		at := whyTime(text)
		if !known || at.IsZero() {
			continue
		}
		p.ends++
		e := &dayEnd{at: at, run: r}
		if abnormal(r) {
			same := sameExplanation(r)
			n, ok := groups[same]
			if !ok {
				n = len(p.groups)
				groups[same] = n
				p.groups = append(p.groups, dayGroup{container: c, anchor: fmt.Sprintf("e%d", n+1)})
			}
			e.group = p.groups[n].anchor
			p.groups[n].ends = append(p.groups[n].ends, e)
		}
		all = append(all, e)
	}
	return all
}

// setMarks gives marks to as many ends as there is room for, of the rows that are drawn: to abnormal ends first, and to the newest.
func (p *day) setMarks() {
	var all []*dayEnd
	for i := range p.rows[:min(len(p.rows), dayRows)] {
		all = append(all, p.rows[i].ends...)
	}
	kept := slices.Clone(all)
	slices.SortStableFunc(kept, func(a, b *dayEnd) int {
		if one, other := abnormal(a.run), abnormal(b.run); one != other {
			if one {
				return -1
			}
			return 1
		}
		return b.at.Compare(a.at)
	})
	drawn := map[*dayEnd]bool{}
	for _, e := range kept[:min(len(kept), dayMarks)] {
		drawn[e] = true
	}
	for i, e := range all {
		if drawn[e] {
			e.mark = fmt.Sprintf("m%d", i+1)
		}
	}
	p.left = p.ends - len(drawn)
}

// sameExplanation returns what ends have in common that are explained together: all but figures, such as PIDs and times.
func sameExplanation(r *document.WhyRun) string {
	v := &r.Verdict
	text := strings.Map(func(c rune) rune {
		if c >= '0' && c <= '9' || c == '.' {
			return -1
		}
		return c
	}, v.How+"|"+v.Missing)
	return fmt.Sprintf("%s|%s|%s|%s", v.Kind, v.Confidence, whyCode(r), text)
}

// percentOf returns how far a time is between the beginning and the end of the picture, in percent.
func (p *day) percentOf(t time.Time) float64 {
	at := 100 * float64(t.Sub(p.from)) / float64(p.to.Sub(p.from))
	return min(max(at, 0), 100)
}

// clock returns the time of day of an end, with its day if the picture shows several.
func (p *day) clock(t time.Time) string {
	if p.to.Sub(p.from) > 24*time.Hour {
		return t.Format("Jan 2 15:04:05")
	}
	return t.Format(time.TimeOnly)
}

// daySteps are the steps of the time axis.
var daySteps = []time.Duration{time.Second, 2 * time.Second, 5 * time.Second, 10 * time.Second, 30 * time.Second, time.Minute,
	2 * time.Minute, 5 * time.Minute, 10 * time.Minute, 30 * time.Minute, time.Hour, 2 * time.Hour, 3 * time.Hour, 6 * time.Hour,
	12 * time.Hour, 24 * time.Hour, 48 * time.Hour, 7 * 24 * time.Hour, 30 * 24 * time.Hour, 365 * 24 * time.Hour}

// dayTick is a labeled time of the axis.
type dayTick struct {
	at    time.Time
	label string
}

// ticks returns the times that the axis labels: round ones, by the clock of the document.
func (p *day) ticks() (all []dayTick) {
	const most = 9
	step := daySteps[len(daySteps)-1]
	for _, s := range daySteps {
		if p.to.Sub(p.from)/s <= most {
			step = s
			break
		}
	}
	midnight := time.Date(p.from.Year(), p.from.Month(), p.from.Day(), 0, 0, 0, 0, p.from.Location())
	first := midnight.Add(p.from.Sub(midnight).Truncate(step))
	for at := first; !at.After(p.to) && len(all) <= 2*most; at = at.Add(step) {
		if at.Before(p.from) {
			continue
		}
		layout := "15:04"
		switch {
		case step >= 24*time.Hour || at.Hour() == 0 && at.Minute() == 0 && at.Second() == 0:
			layout = "Jan 2"
		case step < time.Minute:
			layout = "15:04:05"
		}
		all = append(all, dayTick{at, at.Format(layout)})
	}
	return all
}
