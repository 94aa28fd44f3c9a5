package report

import (
	"cmp"
	"fmt"
	"slices"
	"strconv"
	"strings"
	"time"

	"haltscope/compare/document"
	"haltscope/compare/value"
)

// whyPage explains how runs of containers ended: the answers first, and then what they rest on.
func whyPage(d *document.Why) *page {
	p := &page{title: "haltscope why"}
	p.whyAnswers(d)
	p.role = detailPart
	if line := hostLine(d.Host); line != "" {
		p.section("Host", []string{line})
	}
	return p
}

// whyAnswers adds the ends of each container, and what could not be read.
func (p *page) whyAnswers(d *document.Why) {
	if d.Since != "" {
		whyList(p, d)
	}
	hidden, ends := 0, 0
	for i := range d.Containers {
		observations, runs := whyContainer(p, d, &d.Containers[i])
		hidden, ends = hidden+observations, ends+runs
	}
	p.section("Not read", unreadSources(d.Sources))
	shown := p.role
	p.role = briefPart
	switch {
	case ends > 0:
		p.line(2, "-v explains "+value.Count(ends, "earlier end", "earlier ends")+" of these containers, with all observations")
	case hidden > 0:
		p.line(2, "-v shows "+value.Count(hidden, "more observation", "more observations"))
	}
	p.role = shown
}

// whyContainer explains the runs of a container. Of those in a list, a brief table explains the last one. It returns how many observations
// of that, and how many runs, a brief table leaves out.
func whyContainer(p *page, d *document.Why, c *document.WhyContainer) (hidden, ends int) {
	runs := c.Runs
	if d.Since != "" && len(d.Containers) > 1 {
		runs = slices.DeleteFunc(slices.Clone(runs), func(r document.WhyRun) bool { return !abnormal(&r) })
	}
	if d.Since == "" && (len(runs) == 0 || c.NotStarted != nil) {
		whyNoRun(p, c)
	}
	also := whyLoop(c)
	shown := p.role
	for n := range runs {
		if n > 0 && d.Since != "" {
			p.role = detailPart
			ends++
			whyRun(p, c, &runs[n], nil)
			continue
		}
		hidden += whyRun(p, c, &runs[n], also)
		also = nil // once is enough
	}
	p.role = shown
	for _, warning := range c.Warnings {
		p.line(2, "⚠ "+whyName(c)+": "+warning)
	}
	return hidden, ends
}

// abnormal reports whether an end is one that has to be explained.
func abnormal(r *document.WhyRun) bool { return toneOf(r.Verdict.Kind) != good }

// whyList lists all ends, newest first.
func whyList(p *page, d *document.Why) {
	type end struct {
		at, name, id string
		run          *document.WhyRun
	}
	var all []end
	for i := range d.Containers {
		for n := range d.Containers[i].Runs {
			r := &d.Containers[i].Runs[n]
			at, _ := r.EndedAt.Get()
			id := value.ShortID(d.Containers[i].ID)
			all = append(all, end{at, cmp.Or(d.Containers[i].Name, id), id, r})
		}
	}
	if len(all) == 0 {
		p.line(0, "no run of a container is known to have ended since "+d.Since)
		return
	}
	slices.SortStableFunc(all, func(a, b end) int { return whyTime(b.at).Compare(whyTime(a.at)) })
	g := &grid{header: []string{"container", "ended", "verdict", "", "exit code", "after", "id"}, right: []int{4}, extra: []int{6, 5, 3},
		whole: []int{0, 1, 2}, names: true}
	for _, e := range all {
		v := &e.run.Verdict
		g.row(e.name, shortTime(e.at), span{string(v.Kind), toneOf(v.Kind)}, string(v.Confidence), whyCode(e.run), whyUptime(e.run), e.id)
	}
	p.gridOf(0, g)
}

// whyName names a container. Names are used again, so the id is part of it.
func whyName(c *document.WhyContainer) string {
	if c.Name == "" {
		return value.ShortID(c.ID)
	}
	return c.Name + " (" + value.ShortID(c.ID) + ")"
}

// whyNoRun says what is known of a container of which no run is known to have ended.
func whyNoRun(p *page, c *document.WhyContainer) {
	switch n := c.NotStarted; {
	case n != nil && len(c.Runs) > 0:
		p.heading(1, span{text: whyName(c) + ": "}, span{"its last start failed", bad}, span{text: ", exit code " + strconv.Itoa(n.ExitCode)})
	case n != nil:
		p.heading(1, span{text: whyName(c) + ": "}, span{"never started", bad}, span{text: ", exit code " + strconv.Itoa(n.ExitCode)})
	case c.Status == "created":
		p.heading(1, span{text: whyName(c) + ": never started: nobody tried, as far as Docker knows"})
	default:
		p.heading(1, span{text: whyName(c) + ": " + c.Status + "; none of its runs is known to have ended"})
	}
	if c.NotStarted != nil {
		p.line(2, c.NotStarted.Means)
		p.line(2, "Docker's error: "+c.NotStarted.Error)
	}
}

// briefObservations is how many observations a brief table has of a run. The last ones tell most: the first is the exit code.
const briefObservations = 4

// whyRun explains one run, and says what else is known of the container. It returns how many observations a brief table leaves out.
func whyRun(p *page, c *document.WhyContainer, r *document.WhyRun, also []string) (hidden int) {
	v := &r.Verdict
	more := ""
	if v.How != "" {
		more = ": " + v.How
	}
	if v.Missing != "" {
		more = ": " + v.Missing
	}
	p.heading(1, span{text: whyName(c) + ": "}, span{string(v.Kind), toneOf(v.Kind)}, span{text: " (" + string(v.Confidence) + ")" + more})
	because := whyBecause(v)
	if p.role == detailPart {
		p.gridOf(2, whyGrid(r, because, also))
		return 0
	}
	if hidden = max(len(because)-briefObservations, 0); hidden == 0 {
		p.gridOf(2, whyGrid(r, because, also))
		return 0
	}
	shown := p.role
	p.role = briefPart
	p.gridOf(2, whyGrid(r, because[hidden:], also))
	p.role = detailPart
	p.gridOf(2, whyGrid(r, because, also))
	p.role = shown
	return hidden
}

// whyGrid says what is known of a run.
func whyGrid(r *document.WhyRun, because, also []string) *grid {
	g := &grid{wide: []int{1}, limit: 140}
	code := whyCode(r)
	if r.Means != "" {
		code += " (" + r.Means + ")"
	}
	g.row("exit code", code)
	g.row("ran", whyRan(r))
	g.lines("because", because)
	if r.LogHint != "" {
		g.row("its log", r.LogHint)
	}
	g.lines("also", also)
	g.lines("next", r.Next)
	return g
}

// whyBecause returns the observations that a verdict rests on.
func whyBecause(v *document.WhyVerdict) (all []string) {
	for _, b := range v.Because {
		line := b.Value
		if at, ok := b.At.Get(); ok {
			line += ", " + clockTime(at)
		}
		all = append(all, line+"  ["+b.Source+"]")
	}
	return all
}

// whyLoop says how the container has ended before, if it has.
func whyLoop(c *document.WhyContainer) (all []string) {
	total := 0
	var kinds []string
	first := ""
	for _, e := range c.Ends {
		total += e.Count
		kinds = append(kinds, fmt.Sprintf("%d %s", e.Count, e.Kind))
		if first == "" || e.First != "" && whyTime(e.First).Before(whyTime(first)) {
			first = e.First
		}
	}
	if total < 2 {
		return nil
	}
	line := fmt.Sprintf("%d ends are known: %s", total, strings.Join(kinds, ", "))
	if first != "" {
		line += "; the first " + shortTime(first)
	}
	if n, ok := c.RestartCount.Get(); ok && n > 0 {
		line += "; its restart policy (" + c.RestartPolicy + ") has started it " + value.Count(n, "time", "times")
	}
	return []string{line}
}

func whyCode(r *document.WhyRun) string {
	if code, ok := r.ExitCode.Get(); ok {
		return strconv.Itoa(code)
	}
	return "–"
}

func whyUptime(r *document.WhyRun) string {
	if ms, ok := r.UptimeMs.Get(); ok {
		return value.Age(ms)
	}
	return "–"
}

// whyRan says when a run began and ended, and how long it was.
func whyRan(r *document.WhyRun) string {
	started, known := r.StartedAt.Get()
	ended, over := r.EndedAt.Get()
	text := "from an unknown time"
	if known {
		text = "from " + shortTime(started)
	}
	if over {
		text += " to " + shortTime(ended)
	}
	switch ms, ok := r.UptimeMs.Get(); {
	case ok:
		text += ": " + value.Age(ms)
	case known && over:
		text += ": " + r.UptimeMs.Detail()
	}
	return text
}

// whyTime parses a time of the document; a time that cannot be read is zero.
func whyTime(text string) time.Time {
	t, err := time.Parse(time.RFC3339Nano, text)
	if err != nil {
		return time.Time{}
	}
	return t
}

// shortTime shows a time to the second, and clockTime the time of day to the millisecond, both in the zone that the document has.
func shortTime(text string) string { return formatTime(text, "2006-01-02 15:04:05 MST") }
func clockTime(text string) string { return formatTime(text, "15:04:05.000") }

func formatTime(text, layout string) string {
	if t := whyTime(text); !t.IsZero() {
		return t.Format(layout)
	}
	return text
}

// unreadSources says which sources could not be read, or not wholly.
func unreadSources(sources []document.WhySource) (all []string) {
	for _, s := range sources {
		if s.Error != "" {
			all = append(all, s.Name+": "+s.Error)
		}
	}
	return all
}
