package report

import (
	"fmt"
	"strings"
)

// nodes are the page of a comparison.
func (c *Compare) nodes() []node {
	var actions []string
	for i := range c.Arms {
		actions = append(actions, c.Arms[i].title(c.Host))
	}
	host := c.Host.line()
	if c.Began != "" {
		host += " · " + c.Began
	}
	all := []node{textNode("h1", strings.Join(actions, ", ")), classed(textNode("p", c.what()), "lead"), classed(textNode("p", host), "lead")}
	if text := c.repeated(); text != "" {
		all = append(all, classed(textNode("p", text), "lead"))
	}
	all = append(all, c.cards())
	all = append(all, textNode("h2", "What "+c.Host.says()+" says, and what the kernel knows"), node{Kind: "grid", Grid: c.grid(false).html("What became of each")})
	all = append(all, c.besides()...)
	all = append(all, c.timelines()...)
	all = append(all, c.ledgers()...)
	if len(c.Explanation) > 0 {
		all = append(all, textNode("h2", c.whyTitle()))
		all = append(all, sentenceNodes(c.Explanation)...)
	}
	all = append(all, c.proofNodes()...)
	all = append(all, textNode("h2", "To repeat it"), textNode("code", c.repeat()))
	return append(all, noteNodes(c.Notes)...)
}

// besides are what the table leaves out: runs apart from the others, what the twins lack, what works meanwhile.
func (c *Compare) besides() []node {
	var p Page
	p.section(apartTitle, c.apart())
	if len(c.Skipped) > 0 {
		p.section("The twins have not got of "+c.Like, []string{strings.Join(c.Skipped, "; ")})
	}
	all := p.nodes()
	if g := c.probeGrid(); g != nil {
		all = append(all, textNode("h2", meanwhileTitle), node{Kind: "grid", Grid: g.html(meanwhileTitle)})
	}
	return all
}

// cards are the verdicts, each with what it rests on.
func (c *Compare) cards() node {
	cards := node{Kind: "cards"}
	for i := range c.Arms {
		arm := &c.Arms[i]
		for n, r := range arm.Runs {
			title := arm.title(c.Host)
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
			line = append(line, c.Host.tool()+" ps: "+psCell(r))
			if c.Embedded {
				line = append(line, "records: "+recordsCell(&r, over{r}))
			}
			for _, l := range line {
				card.Nodes = append(card.Nodes, textNode("p", l))
			}
			card.Nodes = append(card.Nodes, r.Verdict.evidence())
			cards.Nodes = append(cards.Nodes, card)
		}
	}
	return cards
}

// evidence is what a verdict rests on.
func (v *Verdict) evidence() node {
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
	return details("Because: "+Count(len(g.rows), "observation", "observations"), node{Kind: "grid", Grid: g.html("What the verdict rests on")})
}

// signed is a time since the command began.
func signed(ms float64) string {
	if ms < 0 {
		return "−" + Duration(-ms)
	}
	return Duration(ms)
}

func (c *Compare) timelines() []node {
	axes := c.axes()
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
			title := arm.title(c.Host)
			if len(arm.Runs) > 1 {
				title += fmt.Sprintf(", run %d", n+1)
			}
			parts := []node{textNode("h3", title)}
			if len(r.Samples) == 0 && len(r.lifeEvents()) == 0 {
				parts = append(parts, classed(textNode("p", "Nothing was sampled, and Docker told of no event."), "note"))
			} else {
				parts = append(parts, node{Kind: "picture", Picture: picture{ID: fmt.Sprintf("time-%d-%d", i, n),
					Title: title + ": memory, CPU and freezer over time", Description: r.courseText(), draw: r.timeline(axes)}})
				if len(r.Samples) == 0 {
					parts = append(parts, classed(textNode("p", "Nothing was sampled."), "note"))
				}
				parts = append(parts, details("The figures: "+Count(len(r.Samples), "sample", "samples")+", "+Count(len(r.lifeEvents()), "event", "events"),
					node{Kind: "grid", Grid: r.eventGrid().html("Events of " + title)}, node{Kind: "grid", Grid: r.sampleGrid().html("Samples of " + title)}))
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
func (r Run) courseText() string {
	text := "Verdict: " + verdictCell(&r, over{r}) + ". Docker's events: " + eventsCell(r.lifeEvents()) + ". Memory: " +
		fromTo(size(r.Memory.BeforeBytes), size(r.Memory.AfterBytes)) + ". CPU time from then on: " + duringCell(&r, over{r}) + ". Freezer: " + freezerText(r.Cgroup.Freezer) + "."
	return text
}

func (r Run) eventGrid() *grid {
	g := &grid{header: []string{"at", "event"}, wide: []int{1}}
	for _, e := range r.lifeEvents() {
		g.row(signed(e.AtMs), eventsCell([]Event{e}))
	}
	return g
}

func (r Run) sampleGrid() *grid {
	g := &grid{header: []string{"at", "memory", "anonymous", "shared, tmpfs", "page cache and tmpfs", "kernel", "CPU time", "frozen"}, right: []int{1, 2, 3, 4, 5, 6}}
	for _, s := range r.Samples {
		cpu := why(s.CPUUsageUsec)
		if v, ok := s.CPUUsageUsec.Get(); ok {
			cpu = Duration(float64(v) / 1000)
		}
		frozen := why(s.Frozen)
		if v, ok := s.Frozen.Get(); ok {
			frozen = map[bool]string{true: "yes", false: "no"}[v]
		}
		g.row(signed(s.AtMs), size(s.MemoryBytes), size(s.AnonBytes), size(s.ShmemBytes), size(s.FileBytes), size(s.KernelBytes), cpu, frozen)
	}
	return g
}

func (c *Compare) ledgers() []node {
	bars := c.ledgerBars()
	var said []string
	for _, b := range bars {
		if b.absent != "" {
			said = append(said, b.name+b.when+": "+b.absent)
		} else {
			said = append(said, b.name+b.when+": "+Bytes(b.sum()))
		}
	}
	all := []node{textNode("h2", "What is charged, before and after"), groupLegend(bars),
		{Kind: "picture", Picture: picture{ID: "ledger", Title: "Memory charged to each container, by kind, before the command and at the end",
			Description: strings.Join(said, "; ") + ".", draw: stackedBars(bars)}}}
	for i := range c.Arms {
		g := &grid{header: []string{"", "before", "after", "what frees it", "source"}, right: []int{1, 2}, wide: []int{3, 4}}
		for _, l := range c.Arms[i].lead()[0].Memory.Ledger {
			g.row(title(l.Kind), size(l.BeforeBytes), size(l.Bytes), l.FreedBy, l.Source)
		}
		all = append(all, details("The ledger of "+c.Arms[i].title(c.Host), node{Kind: "grid", Grid: g.html("The ledger of " + c.Arms[i].title(c.Host))}))
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

func sentenceNodes(all []Sentence) (nodes []node) {
	for _, s := range all {
		n := textNode("p", s.Text)
		n.Sources = strings.Join(s.Sources, "; ")
		nodes = append(nodes, n)
	}
	return nodes
}

func (c *Compare) proofNodes() (all []node) {
	if len(c.Proofs) == 0 {
		return nil
	}
	all = append(all, textNode("h2", "Proved on the twins"))
	for i := range c.Proofs {
		p := &c.Proofs[i]
		mark := p.mark()
		all = append(all, node{Kind: "h3", Spans: []htmlSpan{{mark.text + " ", toneClass[mark.tone]}, {Text: p.Text}}})
		all = append(all, sentenceNodes([]Sentence{p.said()})...)
	}
	return all
}

func noteNodes(notes []Note) []node {
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
func (c *Compare) repeat() string {
	var b strings.Builder
	if len(c.Invocation) > 0 {
		fmt.Fprintf(&b, "%s\n\n", c.Invocation.paste())
	}
	b.WriteString("# what it did to the twins\n")
	for _, arm := range c.Arms {
		for _, r := range arm.Runs {
			b.WriteString(r.Command.Argv.paste())
			if back, ok := r.Resume.Command.Get(); ok {
				fmt.Fprintf(&b, "   # then %s %s", c.Host.tool(), back)
			}
			b.WriteByte('\n')
		}
	}
	return b.String()
}
