package report

import (
	"fmt"

	"haltscope/compare/document"
	"haltscope/compare/value"
)

// nodes are the page of an inspection: as its blocks, with the ledger as a bar.
func inspectNodes(i *document.Inspect) []node {
	all := []node{textNode("h1", "What "+hostSays(i.Host)+" says, and what the kernel knows"), classed(textNode("p", hostLine(i.Host)), "lead")}
	for n := range i.Containers {
		c := &i.Containers[n]
		p := Page{host: i.Host}
		inspectedPage(c, &p)
		nodes := p.nodes()
		if !c.Cgroup.Exists || len(c.Memory.Ledger) == 0 {
			all = append(all, nodes...)
			continue
		}
		bars := []bar{newBar("charged", "", func(group string) value.Maybe[int64] {
			var rows []document.LedgerRow
			for _, r := range c.Memory.Ledger {
				rows = append(rows, document.LedgerRow{Group: r.Group, Bytes: r.Bytes})
			}
			return sumGroup(rows, group, func(l document.LedgerRow) value.Maybe[int64] { return l.Bytes })
		})}
		said := bars[0].absent
		if said == "" {
			said = value.Bytes(bars[0].sum())
		}
		chart := []node{groupLegend(bars), {Kind: "picture", Picture: picture{ID: fmt.Sprintf("ledger-%d", n),
			Title: "Memory charged to " + c.Name + ", by kind", Description: "Charged: " + said + ".", draw: stackedBars(bars)}}}
		for _, one := range nodes {
			all = append(all, one)
			if one.Kind == "h3" && len(chart) > 0 && len(one.Spans) > 0 && one.Spans[0].Text == inspectedMemoryTitle(c) {
				all, chart = append(all, chart...), nil
			}
		}
	}
	return append(all, noteNodes(i.Notes)...)
}
