package report

import (
	"fmt"
	"strings"

	"haltscope/compare/document"
	"haltscope/compare/value"
)

// reclaimPage shows what was reclaimed from each container, or could be.
func reclaimPage(d *document.Reclaim) *page {
	p := &page{title: "haltscope reclaim"}
	p.line(0, hostLine(d.Host))
	if len(d.Containers) == 0 {
		p.line(0, "no containers to reclaim memory from")
	}
	for i := range d.Containers {
		r := &d.Containers[i]
		p.heading(1, span{text: reclaimedTitle(r, d.DryRun)})
		p.gridOf(2, reclaimedGrid(r, d.DryRun))
		var kept []string
		for _, k := range r.Kept {
			kept = append(kept, fmt.Sprintf("%s of %s (%s)", size(k.Bytes), rowTitle(k.Kind), k.Reason))
		}
		if len(kept) > 0 {
			p.line(2, "cannot be reclaimed: "+strings.Join(kept, "; "))
		}
		p.line(2, "cost: "+r.ResumeCost)
		for _, warning := range r.Warnings {
			p.line(2, "⚠ "+warning)
		}
	}
	return p
}

func reclaimedTitle(r *document.Reclaimed, dryRun bool) string {
	title := fmt.Sprintf("%s (%s): ", r.Name, r.Status)
	if dryRun {
		return title + fmt.Sprintf("%s charged, at most %s of it reclaimable, not counting what the kernel charges in advance; nothing was done",
			size(r.BeforeBytes), value.Bytes(r.ReclaimableBytes))
	}
	title += size(r.FreedBytes) + " reclaimed"
	if ms, ok := r.DurationMs.Get(); ok {
		title += " in " + value.Duration(ms)
	}
	if swapped, ok := r.SwappedBytes.Get(); ok && swapped > 0 {
		title += fmt.Sprintf(", %s of it to swap", value.Bytes(swapped))
	}
	if r.Exhausted {
		title += "; the kernel found nothing more to reclaim"
	}
	if frozen, ok := r.StillFrozen.Get(); ok && frozen {
		title += "; still frozen"
	}
	return title
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
