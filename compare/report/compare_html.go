package report

import (
	"fmt"
	"slices"
	"strings"

	"haltscope/compare/document"
	"haltscope/compare/value"
)

// compareNodes returns the page of a comparison as HTML nodes: the conclusion, cards, timelines, the grid, memory, and the explanation.
func compareNodes(c *document.Compare) []node {
	var actions []string
	for i := range c.Arms {
		actions = append(actions, armTitle(&c.Arms[i], c.Host))
	}
	started := ""
	if c.StartedAt != "" {
		started = "started " + c.StartedAt
	}
	top := topNodes(c, strings.Join(actions, ", "), comparedWhat(c), hostLine(c.Host), started)
	all := slices.Insert(top, 1, classed(textNode("p", conclusion(c)), "conclusion"))
	if text := repeatsText(c); text != "" {
		all = append(all, classed(textNode("p", text), "lead"))
	}
	all = append(all, armCards(c))
	all = append(all, timelineNodes(c)...)
	all = append(all, textNode("h2", accountsTitle(c.Host)), gridNode(compareGrid(c, false), "Results"))
	var exceptions page
	exceptions.exceptions(c)
	all = append(all, exceptions.nodes()...)
	if g := probeGrid(c); g != nil {
		all = append(all, textNode("h2", probesTitle), gridNode(g, probesTitle))
	}
	all = append(all, breakdownNodes(c)...)
	if len(c.Explanation) > 0 {
		all = append(all, textNode("h2", explanationTitle(c)))
		all = append(all, sentenceNodes(c.Explanation)...)
	}
	all = append(all, proofNodes(c)...)
	all = append(all, textNode("h2", "To repeat this"))
	if len(c.Invocation) > 0 {
		all = append(all, textNode("code", c.Invocation.Paste()))
	}
	all = append(all, details("Commands that ran on the twins", textNode("code", twinCommands(c))))
	return append(all, noteNodes(c.Notes)...)
}

// runTitle returns the title of an arm, with the number of the run if there are several.
func runTitle(a *document.Arm, r *document.Run, h document.Host) string {
	if len(a.Runs) == 1 {
		return armTitle(a, h)
	}
	return fmt.Sprintf("%s, run %d", armTitle(a, h), r.Repeat)
}

// armCards returns a card for each action: the verdict, when the action took effect, and what the verdict rests on.
func armCards(c *document.Compare) node {
	cards := node{Kind: "cards"}
	for i := range c.Arms {
		cards.Nodes = append(cards.Nodes, armCard(c, i))
	}
	return cards
}

func armCard(c *document.Compare, i int) node {
	arm := &c.Arms[i]
	g := mostCommon(arm)
	r := &g[0]
	kind := kindOf(&r.Verdict)
	if len(arm.Runs) > 1 {
		kind = verdictCounts(arm)
	}
	tone := toneClass[toneOf(r.Verdict.Kind)]
	card := node{Kind: "card", Class: "is-" + tone, Nodes: []node{textNode("h2", armTitle(arm, c.Host)),
		{Kind: "p", Class: "verdict", Spans: []htmlSpan{{kind, tone}}}}}
	var lines []string
	if more := strings.TrimLeft(g.cell(verdictDetails), ",;: "); more != "" {
		lines = append(lines, more)
	}
	lines = append(lines, c.Host.Tool()+" ps: "+g.cell(each(psCell)))
	if c.Embedded {
		lines = append(lines, "records: "+g.cell(recordsCell))
	}
	for _, l := range lines {
		card.Nodes = append(card.Nodes, textNode("p", l))
	}
	if dots := effectDots(arm.Runs); len(dots) > 0 && len(arm.Runs) > 1 {
		card.Nodes = append(card.Nodes, dotPicture(dots, armTitle(arm, c.Host), fmt.Sprintf("dots-%d", i), len(c.Arms)))
	}
	if len(arm.Runs) > 1 {
		return withNodes(card, evidence(&r.Verdict, fmt.Sprintf(" in run %d", r.Repeat)))
	}
	return withNodes(card, evidence(&r.Verdict, ""))
}

// evidence returns the observations that a verdict rests on.
func evidence(v *document.Verdict, where string) node {
	if len(v.Because) == 0 {
		return details("Because: no observations"+where, textNode("p", v.Missing))
	}
	all := details("Because: " + value.Count(len(v.Because), "observation", "observations") + where)
	for _, o := range v.Because {
		source := o.Source
		if ms, ok := o.AtMs.Get(); ok {
			source += ", at " + signedDuration(ms)
		}
		all.Nodes = append(all.Nodes, sentenceNodes([]document.Sentence{{Text: o.Value, Sources: []string{source}}})...)
	}
	return all
}

// signedDuration returns a time since the command began, which may be negative.
func signedDuration(ms float64) string {
	if ms < 0 {
		return "−" + value.Duration(-ms)
	}
	return value.Duration(ms)
}

// timelineNodes returns one picture with a typical run of each action, and folded the data, and the other runs.
func timelineNodes(c *document.Compare) []node {
	legend := node{Kind: "legend"}
	for _, s := range shares {
		legend.Keys = append(legend.Keys, legendKey{inkNames[s.ink], s.name})
	}
	legend.Keys = append(legend.Keys, legendKey{inkNames[inkOther], "other"}, legendKey{inkNames[inkCPU], "CPU, of one core"})
	axes := compareAxes(c)
	var typical []strip
	var folded []node
	for i := range c.Arms {
		arm := &c.Arms[i]
		r := &mostCommon(arm)[0]
		typical = append(typical, stripOf(runTitle(arm, r, c.Host), r))
		if len(arm.Runs) == 1 {
			folded = append(folded, runData(r, runTitle(arm, r, c.Host)))
			continue
		}
		var strips []strip
		var data []node
		for n := range arm.Runs {
			r := &arm.Runs[n]
			strips = append(strips, stripOf(fmt.Sprintf("run %d", r.Repeat), r))
			data = append(data, runData(r, fmt.Sprintf("run %d", r.Repeat)), evidence(&r.Verdict, fmt.Sprintf(" in run %d", r.Repeat)))
		}
		title := fmt.Sprintf("%s: all %d runs", armTitle(arm, c.Host), len(arm.Runs))
		all := details(title, timelinePicture(strips, axes, title, fmt.Sprintf("timeline-%d", i)))
		folded = append(folded, withNodes(all, data...))
	}
	note := "From top to bottom: Docker's events, the freezer, memory by kind, CPU. Where nothing is drawn, nothing was measured."
	section := withNodes(node{Kind: "section", ID: "time"}, textNode("h2", "Over time"), legend,
		timelinePicture(typical, axes, "Each action over time", "timeline"), classed(textNode("p", note), "note"))
	return append([]node{section}, folded...)
}

// stripOf returns the strip of a run, with the verdict in its title.
func stripOf(title string, r *document.Run) strip {
	return strip{title + ": " + verdictCell(r, group{*r}), toneInk[toneOf(r.Verdict.Kind)], r}
}

func timelinePicture(strips []strip, a axes, title, id string) node {
	var texts []string
	for _, s := range strips {
		texts = append(texts, s.title+". "+timelineText(s.run))
	}
	return node{Kind: "picture", Picture: picture{ID: id, Title: title + ": memory, CPU and freezer", Description: strings.Join(texts, " "),
		draw: timelines(strips, a)}}
}

// runData returns the events and the samples of a run as tables.
func runData(r *document.Run, title string) node {
	events := allEvents(r)
	summary := "Data of " + title + ": " + value.Count(len(r.Samples), "sample", "samples") + ", " +
		value.Count(len(events), "event", "events")
	return details(summary, gridNode(eventGrid(events), "Events of "+title), gridNode(sampleGrid(r), "Samples of "+title))
}

// timelineText describes the timeline of a run.
func timelineText(r *document.Run) string {
	alone := group{*r}
	return "Docker's events: " + eventsCell(allEvents(r)) + ". Memory: " +
		fromTo(size(r.Memory.BeforeBytes), size(r.Memory.AfterBytes)) + ". CPU time after the action: " + cpuDuringCell(r, alone) +
		". Freezer: " + freezerCell(r.Cgroup.Freezer) + "."
}

func eventGrid(events []document.Event) *grid {
	g := &grid{header: []string{"at", "event"}, wide: []int{1}}
	for _, e := range events {
		g.row(signedDuration(e.AtMs), eventsCell([]document.Event{e}))
	}
	return g
}

func sampleGrid(r *document.Run) *grid {
	g := &grid{right: []int{1, 2, 3, 4, 5, 6},
		header: []string{"at", "memory", "anonymous", "shared, tmpfs", "page cache and tmpfs", "kernel", "CPU time", "frozen"}}
	for _, s := range r.Samples {
		cpu, frozen := why(s.CPUUsageUsec), why(s.Frozen)
		if v, ok := s.CPUUsageUsec.Get(); ok {
			cpu = value.Duration(float64(v) / 1000)
		}
		if v, ok := s.Frozen.Get(); ok {
			frozen = map[bool]string{true: "yes", false: "no"}[v]
		}
		g.row(signedDuration(s.AtMs), size(s.MemoryBytes), size(s.AnonBytes), size(s.ShmemBytes), size(s.FileBytes), size(s.KernelBytes), cpu,
			frozen)
	}
	return g
}

// breakdownNodes returns the charged memory of each arm as bars, and as tables.
func breakdownNodes(c *document.Compare) []node {
	var bars []bar
	var texts []string
	for i := range c.Arms {
		rows, name := mostCommon(&c.Arms[i])[0].Memory.Ledger, armName(&c.Arms[i])
		bars = append(bars, newBar(name, ", before", rows, beforeBytes), newBar(name, ", after", rows, afterBytes))
	}
	for _, b := range bars {
		text := b.absent
		if text == "" {
			text = value.Bytes(b.sum())
		}
		texts = append(texts, b.name+b.suffix+": "+text)
	}
	all := []node{textNode("h2", "Memory charged, before and after"), groupLegend(bars),
		{Kind: "picture", Picture: picture{ID: "ledger", Title: "Memory charged to each container, by kind, before the command and at the end",
			Description: strings.Join(texts, "; ") + ".", draw: stackedBars(bars)}}}
	for i := range c.Arms {
		g := &grid{header: []string{"", "before", "after", "freed by", "source"}, right: []int{1, 2}, wide: []int{3, 4}}
		for _, l := range mostCommon(&c.Arms[i])[0].Memory.Ledger {
			g.row(rowTitle(l.Kind), size(l.BeforeBytes), size(l.Bytes), l.FreedBy, l.Source)
		}
		title := "Memory breakdown: " + armTitle(&c.Arms[i], c.Host)
		all = append(all, details(title, gridNode(g, title)))
	}
	return all
}

func sentenceNodes(all []document.Sentence) (nodes []node) {
	for _, s := range all {
		nodes = append(nodes, node{Kind: "p", Spans: htmlSpans(advice(s.Text)), Sources: strings.Join(s.Sources, "; ")})
	}
	return nodes
}

func proofNodes(c *document.Compare) (all []node) {
	if len(c.Proofs) == 0 {
		return nil
	}
	all = append(all, textNode("h2", proofsTitle))
	for i := range c.Proofs {
		p := &c.Proofs[i]
		mark := proofMark(p)
		all = append(all, node{Kind: "h3", Spans: []htmlSpan{{mark.text + " ", toneClass[mark.tone]}, {Text: p.Text}}})
		all = append(all, sentenceNodes([]document.Sentence{proofResult(p)})...)
	}
	return all
}

// noteNodes returns the notes of a document as a table.
func noteNodes(notes []document.Note) []node {
	if len(notes) == 0 {
		return nil
	}
	g := &grid{header: []string{"field", "reason", "detail"}, wide: []int{0, 2}}
	for _, n := range notes {
		g.row(n.Field, string(n.Reason), n.Detail)
	}
	return []node{textNode("h2", "Notes"), details(fmt.Sprintf("Absent values, and why: %d", len(notes)), gridNode(g, "Absent values"))}
}

// twinCommands returns the commands that ran on the twins.
func twinCommands(c *document.Compare) string {
	var b strings.Builder
	for _, arm := range c.Arms {
		for _, r := range arm.Runs {
			b.WriteString(r.Command.Argv.Paste())
			if command, ok := r.Resume.Command.Get(); ok {
				fmt.Fprintf(&b, "   # then %s %s", c.Host.Tool(), command)
			}
			b.WriteByte('\n')
		}
	}
	return b.String()
}
