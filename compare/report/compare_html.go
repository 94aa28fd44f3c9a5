package report

import (
	"fmt"
	"strings"

	"haltscope/compare/document"
	"haltscope/compare/value"
)

// compareNodes returns the page of a comparison as HTML nodes: cards, the grid, timelines, memory, and the explanation.
func compareNodes(c *document.Compare) []node {
	var actions []string
	for i := range c.Arms {
		actions = append(actions, armTitle(&c.Arms[i], c.Host))
	}
	host := hostLine(c.Host)
	if c.StartedAt != "" {
		host += " · " + c.StartedAt
	}
	all := []node{textNode("h1", strings.Join(actions, ", ")), classed(textNode("p", comparedWhat(c)), "lead"),
		classed(textNode("p", host), "lead")}
	if text := repeatsText(c); text != "" {
		all = append(all, classed(textNode("p", text), "lead"))
	}
	all = append(all, verdictCards(c), textNode("h2", accountsTitle(c.Host)), gridNode(compareGrid(c, false), "Results"))
	var exceptions page
	exceptions.exceptions(c)
	all = append(all, exceptions.nodes()...)
	if g := probeGrid(c); g != nil {
		all = append(all, textNode("h2", probesTitle), gridNode(g, probesTitle))
	}
	all = append(all, timelineNodes(c)...)
	all = append(all, breakdownNodes(c)...)
	if len(c.Explanation) > 0 {
		all = append(all, textNode("h2", explanationTitle(c)))
		all = append(all, sentenceNodes(c.Explanation)...)
	}
	all = append(all, proofNodes(c)...)
	all = append(all, textNode("h2", "To repeat this"), textNode("code", repeatCommands(c)))
	return append(all, noteNodes(c.Notes)...)
}

// runTitle returns the title of an arm, with the number of the run if there are several.
func runTitle(a *document.Arm, i int, h document.Host) string {
	if len(a.Runs) == 1 {
		return armTitle(a, h)
	}
	return fmt.Sprintf("%s, run %d", armTitle(a, h), i+1)
}

// verdictCards returns a card for each run: the verdict, and what it rests on.
func verdictCards(c *document.Compare) node {
	cards := node{Kind: "cards"}
	for i := range c.Arms {
		arm := &c.Arms[i]
		for n := range arm.Runs {
			cards.Nodes = append(cards.Nodes, verdictCard(c, &arm.Runs[n], runTitle(arm, n, c.Host)))
		}
	}
	return cards
}

func verdictCard(c *document.Compare, r *document.Run, title string) node {
	kind, alone := r.Verdict.Kind, group{*r}
	tone := toneClass[toneOf(kind)]
	card := node{Kind: "card", Class: "is-" + tone, Nodes: []node{textNode("h3", title),
		{Kind: "p", Class: "verdict", Spans: []htmlSpan{{kindOf(&r.Verdict), tone}}}}}
	var lines []string
	if more := strings.TrimLeft(verdictDetails(r, alone), ",;: "); more != "" {
		lines = append(lines, more)
	}
	lines = append(lines, c.Host.Tool()+" ps: "+psCell(r))
	if c.Embedded {
		lines = append(lines, "records: "+recordsCell(r, alone))
	}
	for _, l := range lines {
		card.Nodes = append(card.Nodes, textNode("p", l))
	}
	card.Nodes = append(card.Nodes, evidence(&r.Verdict))
	return card
}

// evidence returns the observations that a verdict rests on.
func evidence(v *document.Verdict) node {
	g := &grid{header: []string{"source", "observation", "at"}, right: []int{2}}
	for _, o := range v.Because {
		at := "–"
		if ms, ok := o.AtMs.Get(); ok {
			at = signedDuration(ms)
		}
		g.row(o.Source, o.Value, at)
	}
	if len(g.rows) == 0 {
		return details("Because: no observations", textNode("p", v.Missing))
	}
	return details("Because: "+value.Count(len(g.rows), "observation", "observations"), gridNode(g, "What the verdict rests on"))
}

// signedDuration returns a time since the command began, which may be negative.
func signedDuration(ms float64) string {
	if ms < 0 {
		return "−" + value.Duration(-ms)
	}
	return value.Duration(ms)
}

// timelineNodes returns a timeline for each run. Those after the first run of an arm are folded.
func timelineNodes(c *document.Compare) []node {
	legend := node{Kind: "legend"}
	for _, s := range shares {
		legend.Keys = append(legend.Keys, legendKey{inkNames[s.ink], s.name})
	}
	legend.Keys = append(legend.Keys, legendKey{inkNames[inkOther], "other"}, legendKey{inkNames[inkCPU], "CPU"})
	note := "All charts have the same axes. Above each: Docker's events, and the state of the freezer."
	all := []node{textNode("h2", "Over time"), classed(textNode("p", note), "note"), legend}
	axes := compareAxes(c)
	for i := range c.Arms {
		arm := &c.Arms[i]
		for n := range arm.Runs {
			title := runTitle(arm, n, c.Host)
			nodes := runNodes(&arm.Runs[n], axes, title, fmt.Sprintf("time-%d-%d", i, n))
			if n > 0 {
				all = append(all, details(title, nodes...))
			} else {
				all = append(all, node{Kind: "section", Nodes: append([]node{textNode("h3", title)}, nodes...)})
			}
		}
	}
	return all
}

// runNodes returns the timeline of a run, with its data as tables.
func runNodes(r *document.Run, a axes, title, id string) []node {
	events := allEvents(r)
	if len(r.Samples) == 0 && len(events) == 0 {
		return []node{classed(textNode("p", "No samples and no events."), "note")}
	}
	nodes := []node{{Kind: "picture", Picture: picture{ID: id, Title: title + ": memory, CPU and freezer over time",
		Description: timelineText(r), draw: timeline(r, a)}}}
	if len(r.Samples) == 0 {
		nodes = append(nodes, classed(textNode("p", "No samples."), "note"))
	}
	summary := "Data: " + value.Count(len(r.Samples), "sample", "samples") + ", " + value.Count(len(events), "event", "events")
	return append(nodes, details(summary, gridNode(eventGrid(events), "Events of "+title), gridNode(sampleGrid(r), "Samples of "+title)))
}

// timelineText describes the timeline of a run.
func timelineText(r *document.Run) string {
	alone := group{*r}
	return "Verdict: " + verdictCell(r, alone) + ". Docker's events: " + eventsCell(allEvents(r)) + ". Memory: " +
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
		n := textNode("p", s.Text)
		n.Sources = strings.Join(s.Sources, "; ")
		nodes = append(nodes, n)
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

// repeatCommands returns the commands to repeat the comparison, and those that ran on the twins.
func repeatCommands(c *document.Compare) string {
	var b strings.Builder
	if len(c.Invocation) > 0 {
		fmt.Fprintf(&b, "%s\n\n", c.Invocation.Paste())
	}
	b.WriteString("# commands that ran on the twins\n")
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
