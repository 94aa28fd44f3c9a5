package report

import (
	"fmt"
	"strings"

	"haltscope/compare/document"
	"haltscope/compare/value"
)

// nodes are the page of a comparison.
func compareNodes(c *document.Compare) []node {
	var actions []string
	for i := range c.Arms {
		actions = append(actions, armTitle(&c.Arms[i], c.Host))
	}
	host := hostLine(c.Host)
	if c.StartedAt != "" {
		host += " · " + c.StartedAt
	}
	all := []node{textNode("h1", strings.Join(actions, ", ")), classed(textNode("p", compareWhat(c)), "lead"), classed(textNode("p", host), "lead")}
	if text := compareRepeated(c); text != "" {
		all = append(all, classed(textNode("p", text), "lead"))
	}
	all = append(all, compareCards(c))
	all = append(all, textNode("h2", "What "+hostSays(c.Host)+" says, and what the kernel knows"), node{Kind: "grid", Grid: compareGrid(c, false).html("What became of each")})
	all = append(all, compareBesides(c)...)
	all = append(all, compareTimelines(c)...)
	all = append(all, compareLedgers(c)...)
	if len(c.Explanation) > 0 {
		all = append(all, textNode("h2", compareWhyTitle(c)))
		all = append(all, sentenceNodes(c.Explanation)...)
	}
	all = append(all, compareProofNodes(c)...)
	all = append(all, textNode("h2", "To repeat it"), textNode("code", compareRepeat(c)))
	return append(all, noteNodes(c.Notes)...)
}

// besides are what the table leaves out: runs apart from the others, what the twins lack, what works meanwhile.
func compareBesides(c *document.Compare) []node {
	var p Page
	p.section(apartTitle, compareApart(c))
	if len(c.Skipped) > 0 {
		p.section("The twins have not got of "+c.Like, []string{strings.Join(c.Skipped, "; ")})
	}
	all := p.nodes()
	if g := compareProbeGrid(c); g != nil {
		all = append(all, textNode("h2", meanwhileTitle), node{Kind: "grid", Grid: g.html(meanwhileTitle)})
	}
	return all
}

// cards are the verdicts, each with what it rests on.
func compareCards(c *document.Compare) node {
	cards := node{Kind: "cards"}
	for i := range c.Arms {
		arm := &c.Arms[i]
		for n, r := range arm.Runs {
			title := armTitle(arm, c.Host)
			if len(arm.Runs) > 1 {
				title += fmt.Sprintf(", run %d", n+1)
			}
			kind := r.Verdict.Kind
			rest := strings.TrimLeft(strings.TrimPrefix(verdictCell(&r, over{r}), kind), ",;: ")
			tone := toneClass[toneOf(r.Verdict.Kind)]
			card := node{Kind: "card", Class: "is-" + tone, Nodes: []node{textNode("h3", title),
				{Kind: "p", Class: "verdict", Spans: []htmlSpan{{kind, tone}}}}}
			line := []string{}
			if rest != "" {
				line = append(line, rest)
			}
			line = append(line, c.Host.Tool()+" ps: "+psCell(r))
			if c.Embedded {
				line = append(line, "records: "+recordsCell(&r, over{r}))
			}
			for _, l := range line {
				card.Nodes = append(card.Nodes, textNode("p", l))
			}
			card.Nodes = append(card.Nodes, verdictEvidence(&r.Verdict))
			cards.Nodes = append(cards.Nodes, card)
		}
	}
	return cards
}

// evidence is what a verdict rests on.
func verdictEvidence(v *document.Verdict) node {
	g := &grid{header: []string{"seen by", "what", "at"}, right: []int{2}}
	for _, o := range v.Because {
		at := "–"
		if ms, ok := o.AtMs.Get(); ok {
			at = signed(ms)
		}
		g.row(o.Source, o.Value, at)
	}
	if len(g.rows) == 0 {
		return details("Because: nothing was seen", textNode("p", v.Missing))
	}
	return details("Because: "+value.Count(len(g.rows), "observation", "observations"), node{Kind: "grid", Grid: g.html("What the verdict rests on")})
}

// signed is a time since the command began.
func signed(ms float64) string {
	if ms < 0 {
		return "−" + value.Duration(-ms)
	}
	return value.Duration(ms)
}

func compareTimelines(c *document.Compare) []node {
	axes := compareAxes(c)
	keys := node{Kind: "legend"}
	for _, s := range shares {
		keys.Keys = append(keys.Keys, legendKey{inkNames[s.ink], s.name})
	}
	keys.Keys = append(keys.Keys, legendKey{inkNames[inkOther], "the rest"}, legendKey{inkNames[inkCPU], "CPU"})
	all := []node{textNode("h2", "Over time"),
		classed(textNode("p", "All on the same axes. Above each chart: Docker's events, and what the freezer said."), "note"), keys}
	for i := range c.Arms {
		arm := &c.Arms[i]
		for n, r := range arm.Runs {
			title := armTitle(arm, c.Host)
			if len(arm.Runs) > 1 {
				title += fmt.Sprintf(", run %d", n+1)
			}
			parts := []node{textNode("h3", title)}
			if len(r.Samples) == 0 && len(runLifeEvents(r)) == 0 {
				parts = append(parts, classed(textNode("p", "Nothing was sampled, and Docker told of no event."), "note"))
			} else {
				parts = append(parts, node{Kind: "picture", Picture: picture{ID: fmt.Sprintf("time-%d-%d", i, n),
					Title: title + ": memory, CPU and freezer over time", Description: runCourseText(r), draw: runTimeline(r, axes)}})
				if len(r.Samples) == 0 {
					parts = append(parts, classed(textNode("p", "Nothing was sampled."), "note"))
				}
				parts = append(parts, details("The figures: "+value.Count(len(r.Samples), "sample", "samples")+", "+value.Count(len(runLifeEvents(r)), "event", "events"),
					node{Kind: "grid", Grid: runEventGrid(r).html("Events of " + title)}, node{Kind: "grid", Grid: runSampleGrid(r).html("Samples of " + title)}))
			}
			section := node{Kind: "section", Nodes: parts}
			if n > 0 {
				section = details(title, parts[1:]...)
			}
			all = append(all, section)
		}
	}
	return all
}

// courseText says in words what the timeline shows.
func runCourseText(r document.Run) string {
	text := "Verdict: " + verdictCell(&r, over{r}) + ". Docker's events: " + eventsCell(runLifeEvents(r)) + ". Memory: " +
		fromTo(size(r.Memory.BeforeBytes), size(r.Memory.AfterBytes)) + ". CPU time from then on: " + duringCell(&r, over{r}) + ". Freezer: " + freezerText(r.Cgroup.Freezer) + "."
	return text
}

func runEventGrid(r document.Run) *grid {
	g := &grid{header: []string{"at", "event"}, wide: []int{1}}
	for _, e := range runLifeEvents(r) {
		g.row(signed(e.AtMs), eventsCell([]document.Event{e}))
	}
	return g
}

func runSampleGrid(r document.Run) *grid {
	g := &grid{header: []string{"at", "memory", "anonymous", "shared, tmpfs", "page cache and tmpfs", "kernel", "CPU time", "frozen"}, right: []int{1, 2, 3, 4, 5, 6}}
	for _, s := range r.Samples {
		cpu := why(s.CPUUsageUsec)
		if v, ok := s.CPUUsageUsec.Get(); ok {
			cpu = value.Duration(float64(v) / 1000)
		}
		frozen := why(s.Frozen)
		if v, ok := s.Frozen.Get(); ok {
			frozen = map[bool]string{true: "yes", false: "no"}[v]
		}
		g.row(signed(s.AtMs), size(s.MemoryBytes), size(s.AnonBytes), size(s.ShmemBytes), size(s.FileBytes), size(s.KernelBytes), cpu, frozen)
	}
	return g
}

func compareLedgers(c *document.Compare) []node {
	bars := compareLedgerBars(c)
	var said []string
	for _, b := range bars {
		if b.absent != "" {
			said = append(said, b.name+b.when+": "+b.absent)
		} else {
			said = append(said, b.name+b.when+": "+value.Bytes(b.sum()))
		}
	}
	all := []node{textNode("h2", "What is charged, before and after"), groupLegend(bars),
		{Kind: "picture", Picture: picture{ID: "ledger", Title: "Memory charged to each container, by kind, before the command and at the end",
			Description: strings.Join(said, "; ") + ".", draw: stackedBars(bars)}}}
	for i := range c.Arms {
		g := &grid{header: []string{"", "before", "after", "what frees it", "source"}, right: []int{1, 2}, wide: []int{3, 4}}
		for _, l := range armLead(&c.Arms[i])[0].Memory.Ledger {
			g.row(title(l.Kind), size(l.BeforeBytes), size(l.Bytes), l.FreedBy, l.Source)
		}
		all = append(all, details("The ledger of "+armTitle(&c.Arms[i], c.Host), node{Kind: "grid", Grid: g.html("The ledger of " + armTitle(&c.Arms[i], c.Host))}))
	}
	return all
}

// groupLegend names the groups that some bar has.
func groupLegend(bars []bar) node {
	keys := node{Kind: "legend"}
	for i, g := range groups {
		for _, b := range bars {
			if b.parts[i] > 0 {
				keys.Keys = append(keys.Keys, legendKey{inkNames[g.ink], g.name})
				break
			}
		}
	}
	return keys
}

func sentenceNodes(all []document.Sentence) (nodes []node) {
	for _, s := range all {
		n := textNode("p", s.Text)
		n.Sources = strings.Join(s.Sources, "; ")
		nodes = append(nodes, n)
	}
	return nodes
}

func compareProofNodes(c *document.Compare) (all []node) {
	if len(c.Proofs) == 0 {
		return nil
	}
	all = append(all, textNode("h2", "Proved on the twins"))
	for i := range c.Proofs {
		p := &c.Proofs[i]
		mark := proofMark(p)
		all = append(all, node{Kind: "h3", Spans: []htmlSpan{{mark.text + " ", toneClass[mark.tone]}, {Text: p.Text}}})
		all = append(all, sentenceNodes([]document.Sentence{proofSaid(p)})...)
	}
	return all
}

func noteNodes(notes []document.Note) []node {
	if len(notes) == 0 {
		return nil
	}
	g := &grid{header: []string{"figure", "why there is none", "more"}, wide: []int{0, 2}}
	for _, n := range notes {
		g.row(n.Field, n.Reason, n.Detail)
	}
	return []node{textNode("h2", "Notes"), details("Figures that are not there, and why: "+fmt.Sprint(len(notes)),
		node{Kind: "grid", Grid: g.html("Figures that are not there")})}
}

// repeat are the commands, to be pasted: the comparison, and what was done to each twin.
func compareRepeat(c *document.Compare) string {
	var b strings.Builder
	if len(c.Invocation) > 0 {
		fmt.Fprintf(&b, "%s\n\n", c.Invocation.Paste())
	}
	b.WriteString("# what it did to the twins\n")
	for _, arm := range c.Arms {
		for _, r := range arm.Runs {
			b.WriteString(r.Command.Argv.Paste())
			if back, ok := r.Resume.Command.Get(); ok {
				fmt.Fprintf(&b, "   # then %s %s", c.Host.Tool(), back)
			}
			b.WriteByte('\n')
		}
	}
	return b.String()
}
