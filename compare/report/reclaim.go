package report

import (
	"fmt"
	"strings"

	"github.com/jedib0t/go-pretty/v6/text"

	"haltscope/compare/document"
	"haltscope/compare/value"
)

// reclaimPage shows what was reclaimed from each container, or could be: the answers first, and then the figures.
func reclaimPage(d *document.Reclaim) *page {
	p := &page{title: "haltscope reclaim"}
	if len(d.Containers) == 0 {
		p.line(0, "no containers to reclaim memory from")
	}
	several := len(d.Containers) > 1
	if several {
		p.role = briefPart
		p.reclaimedLines(d)
		p.evidenceHint(0, "what stays and why", "what it costs")
	}
	for i := range d.Containers {
		r := &d.Containers[i]
		if p.role = mainPart; several {
			p.role = detailPart
		}
		p.reclaimedAnswer(r, d.DryRun)
		if !several {
			var more []string
			if len(r.Kept) > 0 {
				more = []string{"why that stays"}
			}
			p.evidenceHint(2, more...)
		}
		p.role = detailPart
		p.heading(2, span{text: "Evidence"})
		if d.DryRun {
			p.line(2, "The most that reclaim can take is without what the kernel charges in advance.")
		}
		p.gridOf(2, reclaimedGrid(r, d.DryRun))
		p.list("Why the rest cannot be reclaimed", keptReasons(r))
	}
	p.role = detailPart
	p.section("Host", []string{hostLine(d.Host)})
	return p
}

// reclaimedLines adds a line for each container.
func (p *page) reclaimedLines(d *document.Reclaim) {
	width := 0
	for i := range d.Containers {
		width = max(width, text.StringWidthWithoutEscSequences(d.Containers[i].Name))
	}
	for i := range d.Containers {
		r := &d.Containers[i]
		p.add(block{label: []span{{text: text.Pad(r.Name, width+2, ' ')}}, text: reclaimedResult(r, d.DryRun), most: 1})
	}
}

// reclaimedAnswer adds how much was reclaimed, what is left and cannot be, what the container pays for it, and what could go wrong now.
func (p *page) reclaimedAnswer(r *document.Reclaimed, dryRun bool) {
	p.heading(1, append([]span{{text: fmt.Sprintf("%s (%s)  ", r.Name, r.Status)}}, reclaimedResult(r, dryRun)...)...)
	if left := keptText(r); left != "" {
		p.add(block{in: 2, label: []span{{text: "stays:  "}}, text: []span{{text: left}}, most: 2})
	}
	p.add(block{in: 2, label: []span{{text: "cost:   "}}, text: []span{{text: r.ResumeCost}}, most: 2})
	for _, warning := range r.Warnings {
		p.answer("note:", warned(warning)...)
	}
}

// reclaimedResult says how much was reclaimed, or could be.
func reclaimedResult(r *document.Reclaimed, dryRun bool) []span {
	if dryRun {
		return []span{{text: fmt.Sprintf("dry run: reclaim can take at most %s of %s", value.Bytes(r.ReclaimableBytes), size(r.BeforeBytes))}}
	}
	more := " of " + size(r.BeforeBytes)
	if ms, ok := r.DurationMs.Get(); ok {
		more += " in " + value.Duration(ms)
	}
	if swapped, ok := r.SwappedBytes.Get(); ok && swapped > 0 {
		more += fmt.Sprintf(", %s of it to swap", value.Bytes(swapped))
	}
	if frozen, ok := r.StillFrozen.Get(); ok && frozen {
		more += "; still frozen"
	}
	if r.Exhausted {
		more += "; the kernel found no more"
	}
	tone := good
	if freed, ok := r.FreedBytes.Get(); !ok || freed <= 0 {
		tone = warn
	}
	return []span{{"reclaimed " + size(r.FreedBytes), tone}, {text: more}}
}

// keptText says how much of each kind of memory cannot be reclaimed; "" if all can.
func keptText(r *document.Reclaimed) string {
	var all []string
	for _, k := range r.Kept {
		all = append(all, size(k.Bytes)+" of "+rowTitle(k.Kind))
	}
	return strings.Join(all, "; ")
}

// keptReasons says why each kind of memory cannot be reclaimed.
func keptReasons(r *document.Reclaimed) (all [][]span) {
	for _, k := range r.Kept {
		all = append(all, advice(fmt.Sprintf("%s of %s: %s", size(k.Bytes), rowTitle(k.Kind), k.Reason)))
	}
	return all
}

// reclaimedGrid shows the rows that are not zero, before and after.
func reclaimedGrid(r *document.Reclaimed, dryRun bool) *grid {
	g := &grid{header: []string{"", "before", "after"}, wide: []int{2}, limit: 140}
	last := func(row *document.LedgerRow) string { return size(row.Bytes) }
	after := size(r.AfterBytes)
	if dryRun {
		g.header = []string{"", "charged", "freed by"}
		last = func(row *document.LedgerRow) string { return row.FreedBy }
		after = ""
	}
	g.row("charged", size(r.BeforeBytes), after)
	for i := range r.Ledger {
		row := &r.Ledger[i]
		if !holdsSomething(row.BeforeBytes) && !holdsSomething(row.Bytes) {
			continue
		}
		g.row("  "+rowTitle(row.Kind), size(row.BeforeBytes), last(row))
	}
	return g
}

// holdsSomething reports whether there is a figure, and it is not 0.
func holdsSomething(m value.Maybe[int64]) bool {
	v, ok := m.Get()
	return ok && v != 0
}
