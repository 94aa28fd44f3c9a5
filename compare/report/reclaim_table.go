package report

import (
	"fmt"
	"strings"

	"haltscope/compare/document"
	"haltscope/compare/value"
)

// Page is what was given back, one container below the other.
func reclaimPage(r *document.Reclaim) *Page {
	page := &Page{Title: "haltscope reclaim"}
	page.line(0, hostLine(r.Host))
	for i := range r.Containers {
		reclaimedPage(&r.Containers[i], page, r.DryRun)
	}
	return page
}

func reclaimedPage(r *document.Reclaimed, p *Page, dry bool) {
	line := fmt.Sprintf("%s (%s): ", r.Name, r.Status)
	if dry {
		line += fmt.Sprintf("%s charged, of which %s could be reclaimed at most, beside what the kernel charges ahead; nothing was done", size(r.BeforeBytes), value.Bytes(r.ReclaimableBytes))
	} else {
		took, _ := r.DurationMs.Get()
		line += fmt.Sprintf("%s given back in %s", size(r.FreedBytes), value.Duration(took))
		if swapped, ok := r.SwappedBytes.Get(); ok && swapped > 0 {
			line += fmt.Sprintf(", %s of it to swap", value.Bytes(swapped))
		}
		if r.Exhausted {
			line += "; the kernel found no more to take"
		}
		if frozen, ok := r.StillFrozen.Get(); ok && frozen {
			line += "; still frozen"
		}
	}
	p.heading(1, line)
	g := &grid{header: []string{"", "before", "after"}, wide: []int{2}, limit: 140}
	if dry {
		g.header = []string{"", "charged", "what frees it"}
	}
	g.row("charged", size(r.BeforeBytes), after(r.AfterBytes, dry))
	for _, row := range r.Ledger {
		was, _ := row.BeforeBytes.Get()
		is, _ := row.Bytes.Get()
		if was == 0 && is == 0 {
			continue
		}
		last := size(row.Bytes)
		if dry {
			last = row.FreedBy
		}
		g.row("  "+title(row.Kind), size(row.BeforeBytes), last)
	}
	p.table(2, g)
	var cannot []string
	for _, k := range r.Kept {
		cannot = append(cannot, fmt.Sprintf("%s of %s (%s)", size(k.Bytes), title(k.Kind), k.Reason))
	}
	if len(cannot) > 0 {
		p.line(2, "cannot be reclaimed: "+strings.Join(cannot, "; "))
	}
	p.line(2, "cost: "+r.ResumeCost)
	for _, warning := range r.Warnings {
		p.line(2, "⚠ "+warning)
	}
}

func after(m value.Maybe[uint64], dry bool) string {
	if dry {
		return ""
	}
	return size(m)
}
