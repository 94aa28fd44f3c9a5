package report

import (
	"fmt"

	"haltscope/compare/document"
	"haltscope/compare/value"
)

// inspectNodes returns the page as HTML nodes, with a chart of each container's memory.
func inspectNodes(d *document.Inspect) []node {
	all := topNodes(d, titleOf(d), hostLine(d.Host))
	for i := range d.Containers {
		c := &d.Containers[i]
		var p page
		p.inspected(c, d.Host)
		for _, n := range p.nodes() {
			all = append(all, n)
			if n.Kind == "h3" && len(n.Spans) > 0 && n.Spans[0].Text == chargedTitle(c) && len(c.Memory.Ledger) > 0 {
				all = append(all, chargedChart(c, fmt.Sprintf("ledger-%d", i))...)
			}
		}
	}
	return append(all, noteNodes(d.Notes)...)
}

// plainRows returns the rows without their holders.
func plainRows(held []document.HeldRow) (rows []document.LedgerRow) {
	for _, r := range held {
		rows = append(rows, document.LedgerRow{Group: r.Group, Bytes: r.Bytes})
	}
	return rows
}

// chargedChart returns the memory of a container as one bar, with a legend.
func chargedChart(c *document.Inspected, id string) []node {
	rows := plainRows(c.Memory.Ledger)
	bars := []bar{newBar("charged", "", rows, afterBytes)}
	text := bars[0].absent
	if text == "" {
		text = value.Bytes(bars[0].sum())
	}
	return []node{groupLegend(bars), {Kind: "picture", Picture: picture{ID: id, Title: "Memory charged to " + c.Name + ", by kind",
		Description: "Charged: " + text + ".", draw: stackedBars(bars)}}}
}
