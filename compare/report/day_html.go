package report

import (
	"fmt"
	"slices"
	"strings"

	"haltscope/compare/document"
	"haltscope/compare/value"
)

// dayPicture is the picture of a day as the template knows it. Unlike a chart, it is made of HTML elements, whose places are percentages:
// its marks are links, and one picture serves wide and narrow pages.
type dayPicture struct {
	Label string
	Ticks []dayPlace
	Bands []dayPlace
	Rows  []dayRowHTML
}

// dayRowHTML is a container in the picture.
type dayRowHTML struct {
	Name  string
	Bars  []dayPlace
	Marks []dayPlace
}

// dayPlace is something in the picture. Left and Width are percentages.
type dayPlace struct {
	Class, Left, Width, Text string
	ID, To                   string // of a mark: its anchor, and that of its explanation
}

// link leads to another part of the page.
type link struct{ To, Text string }

// dayNodes returns the picture of a day, and below it the ends that need an explanation.
func dayNodes(d *document.Why) []node {
	p := dayOf(d)
	all := []node{classed(textNode("p", p.summary(d)), "conclusion")}
	if len(p.rows) == 0 {
		return append(all, unreadNodes(d)...)
	}
	all = append(all, textNode("h2", "Over time"), node{Kind: "legend", Keys: dayLegend}, node{Kind: "day", Day: p.picture(d)})
	note := "A mark is the end of a run. It leads to its explanation, if it needs one. Where there is no bar, nothing is known to have run."
	if n := p.left; n > 0 {
		note += fmt.Sprintf(" %d ends of %d have no mark.", n, p.ends)
	}
	if n := len(p.rows) - dayRows; n > 0 {
		note += fmt.Sprintf(" %s more did not fit: those that ended last are shown.", value.Count(n, "container", "containers"))
	}
	all = append(all, classed(textNode("p", note), "note"))
	all = append(all, bandNodes(d.Timeline)...)
	if len(p.groups) > 0 {
		all = append(all, textNode("h2", "What ended abnormally, and why"))
	}
	for i := range p.groups {
		if i == dayExplained {
			break
		}
		all = append(all, p.groupNodes(&p.groups[i])...)
	}
	if len(p.groups) > dayExplained {
		all = append(all, p.restNodes(p.groups[dayExplained:])...)
	}
	for i := range d.Containers {
		for _, warning := range d.Containers[i].Warnings {
			all = append(all, textNode("p", "⚠ "+whyName(&d.Containers[i])+": "+warning))
		}
	}
	return append(all, unreadNodes(d)...)
}

// summary says what ended, in one sentence.
func (p *day) summary(d *document.Why) string {
	abnormal := 0
	kinds := map[value.Kind]int{}
	var order []value.Kind
	for i := range p.groups {
		g := &p.groups[i]
		abnormal += len(g.ends)
		kind := g.ends[0].run.Verdict.Kind
		if kinds[kind] == 0 {
			order = append(order, kind)
		}
		kinds[kind] += len(g.ends)
	}
	slices.SortStableFunc(order, func(a, b value.Kind) int { return kinds[b] - kinds[a] })
	const layout = "2006-01-02 15:04:05 MST"
	text := fmt.Sprintf("From %s to %s, %s of %s ended", p.from.Format(layout), p.to.Format(layout), value.Count(p.ends, "run", "runs"),
		value.Count(p.ended, "container", "containers"))
	switch {
	case p.ends == 0:
		return fmt.Sprintf("From %s to %s, no run is known to have ended.", p.from.Format(layout), p.to.Format(layout))
	case abnormal == 0:
		return text + ", none of them abnormally."
	}
	var parts []string
	for _, kind := range order {
		parts = append(parts, fmt.Sprintf("%d %s", kinds[kind], kind))
	}
	return text + fmt.Sprintf(", %d of them abnormally: %s.", abnormal, strings.Join(parts, ", "))
}

// dayLegend says what the colors mean.
var dayLegend = []legendKey{{"day-running", "running"}, {"frozen", "paused"}, {"huge", "frozen outside Docker"},
	{"good", "ended as it should"}, {"bad", "failed, killed or forced"}, {"warn", "terminated, or not known"},
	{"day-gap", "not watched"}, {"cpu", "dockerd or the host restarted"}}

// picture returns the picture.
func (p *day) picture(d *document.Why) dayPicture {
	h := dayPicture{Label: "Containers over time: when they ran, and how they ended"}
	for i, t := range p.ticks() {
		const edge = 4 // percent: there, a label in the middle of its time would be cut off
		at := p.percentOf(t.at)
		place := dayPlace{Left: percentText(at), Text: t.label}
		switch {
		case at < edge:
			place.Class = "first"
		case at > 100-edge:
			place.Class = "last"
		}
		if i%2 == 1 {
			place.Class += " also" // only where there is room
		}
		h.Ticks = append(h.Ticks, place)
	}
	for i := range d.Timeline.Bands {
		b := &d.Timeline.Bands[i]
		from, to := p.percentOf(whyTime(b.From)), p.percentOf(whyTime(b.To))
		h.Bands = append(h.Bands, dayPlace{Class: string(b.Kind), Left: percentText(from), Width: percentText(to - from)})
	}
	for i := range p.rows[:min(len(p.rows), dayRows)] {
		h.Rows = append(h.Rows, p.row(&p.rows[i]))
	}
	return h
}

func (p *day) row(r *dayRow) dayRowHTML {
	h := dayRowHTML{Name: r.name}
	for _, b := range p.bars(r.spans) {
		h.Bars = append(h.Bars, dayPlace{Class: b.class, Left: percentText(b.from), Width: percentText(b.to - b.from)})
	}
	for _, e := range slices.Backward(r.ends) { // the last one is on top
		if e.mark == "" {
			continue
		}
		h.Marks = append(h.Marks, dayPlace{Class: toneClass[toneOf(e.run.Verdict.Kind)], Left: percentText(p.percentOf(e.at)),
			Text: e.text() + ", " + p.clock(e.at), ID: e.mark, To: e.group})
	}
	return h
}

// dayBar is a bar of a row, in percent.
type dayBar struct {
	class    string
	from, to float64
}

// bars returns the bars of a row. Those that are too close to be told apart become one.
func (p *day) bars(spans []document.TimelineSpan) (all []dayBar) {
	const apart, unknown = 0.1, 1.5 // percent
	last := map[string]int{}        // the last bar of each class
	sorted := slices.Clone(spans)
	slices.SortStableFunc(sorted, func(a, b document.TimelineSpan) int { return whyTime(a.To).Compare(whyTime(b.To)) })
	for _, s := range sorted {
		class, to := string(s.State), p.percentOf(whyTime(s.To))
		text, known := s.From.Get()
		from := p.percentOf(whyTime(text))
		if !known {
			class, from = class+" open", max(to-unknown, 0)
		}
		if n, ok := last[class]; ok && from-all[n].to < apart && from >= all[n].from {
			all[n].to = max(all[n].to, to)
			continue
		}
		last[class] = len(all)
		all = append(all, dayBar{class, from, to})
	}
	slices.SortStableFunc(all, func(a, b dayBar) int { return layer(a.class) - layer(b.class) })
	return all
}

// layer is 0 for what is drawn first.
func layer(class string) int {
	if strings.HasPrefix(class, string(document.SpanRunning)) {
		return 0
	}
	return 1
}

// percentText writes a percentage for the style sheet.
func percentText(p float64) string { return strings.TrimSuffix(fmt.Sprintf("%.2f", p), ".00") + "%" }

// text says how a run ended, in a few words.
func (e *dayEnd) text() string {
	text := string(e.run.Verdict.Kind)
	if code := whyCode(e.run); code != "–" {
		text += ", exit code " + code
	}
	return text
}

// groupNodes explains ends: what is said of the newest holds for all.
func (p *day) groupNodes(g *dayGroup) []node {
	newest := g.ends[0]
	v := &newest.run.Verdict
	head := node{Kind: "h3", ID: g.anchor, Spans: []htmlSpan{{Text: whyName(g.container) + ": "},
		{string(v.Kind), badge(span{string(v.Kind), toneOf(v.Kind)})}, {Text: " " + string(v.Confidence)}}}
	if n := len(g.ends); n > 1 {
		head.Spans = append(head.Spans, htmlSpan{Text: fmt.Sprintf(", %d times", n)})
	}
	all := []node{head}
	if said := strings.TrimPrefix(v.How+"; "+v.Missing, "; "); strings.TrimSuffix(said, "; ") != "" {
		all = append(all, textNode("p", strings.TrimSuffix(said, "; ")))
	}
	all = append(all, p.links(g, "Ended: "))
	return append(all, gridNode(whyGrid(newest.run, whyBecause(v), nil), whyName(g.container)))
}

// links leads to the marks of ends, and says how many have none.
func (p *day) links(g *dayGroup, before string) node {
	n := node{Kind: "links", Spans: []htmlSpan{{Text: before}}}
	for _, e := range g.ends {
		if e.mark != "" {
			n.Links = append(n.Links, link{e.mark, p.clock(e.at)})
		}
	}
	switch left, newest := len(g.ends)-len(n.Links), p.clock(g.ends[0].at); {
	case left == 0:
	case len(n.Links) > 0:
		n.Spans = append(n.Spans, htmlSpan{Text: fmt.Sprintf("(%d more have no mark) ", left)})
	case left == 1:
		n.Spans = append(n.Spans, htmlSpan{Text: newest + " (no mark)"})
	default:
		n.Spans = append(n.Spans, htmlSpan{Text: fmt.Sprintf("%d times, the last at %s (no marks)", left, newest)})
	}
	return n
}

// restNodes names ends that the page has no room to explain.
func (p *day) restNodes(groups []dayGroup) []node {
	all := details(value.Count(len(groups), "further explanation", "further explanations") + ", in short")
	for i := range groups {
		g := &groups[i]
		n := p.links(g, whyName(g.container)+": "+g.ends[0].text()+": ")
		n.ID = g.anchor
		all.Nodes = append(all.Nodes, n)
	}
	return []node{all, textNode("p", "haltscope why NAME, with --since, explains each.")}
}

// bandNodes lists the gaps of the watch, and the restarts.
func bandNodes(t *document.Timeline) []node {
	if len(t.Bands) == 0 {
		return nil
	}
	g := &grid{header: []string{"from", "to", "what"}, wide: []int{2}}
	for _, b := range t.Bands {
		to := ""
		if b.To != b.From {
			to = shortTime(b.To)
		}
		g.row(shortTime(b.From), to, b.Text)
	}
	return []node{details("Gaps and restarts: "+value.Count(len(t.Bands), "band", "bands"), gridNode(g, "Gaps and restarts"))}
}

// unreadNodes says what could not be read.
func unreadNodes(d *document.Why) []node {
	var p page
	p.section("Not read", unreadSources(d.Sources))
	return raised(p.nodes())
}
