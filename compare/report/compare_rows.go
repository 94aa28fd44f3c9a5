package report

import (
	"fmt"
	"slices"
	"strings"

	"haltscope/compare/document"
	"haltscope/compare/value"
)

// row is a question of the comparison with the answer of each arm.
type row struct {
	question  string
	cells     []string
	sparkline bool
}

// compareRows returns the answers of each arm. They come from the runs with the most common verdict.
func compareRows(c *document.Compare) []row {
	var all []row
	add := func(question string, answer answer) {
		r := row{question: question}
		for i := range c.Arms {
			r.cells = append(r.cells, mostCommon(&c.Arms[i]).cell(answer))
		}
		all = append(all, r)
	}
	tool := c.Host.Tool()
	all = append(all, verdictRow(c))
	add(tool+" command", commandCell)
	add(tool+" ps -a", each(psCell))
	add(tool+" inspect", each(inspectCell))
	add(tool+" top", each(topCell))
	add(tool+" stats", statsCell)
	add(tool+" events", each(func(r *document.Run) string { return eventsCell(r.Events) }))
	add("cgroup", each(cgroupCell))
	add("freezer", each(func(r *document.Run) string { return freezerCell(r.Cgroup.Freezer) }))
	add("memory", func(r *document.Run, g group) string {
		return fromTo(figure(g, r, func(r *document.Run) value.Maybe[uint64] { return r.Memory.BeforeBytes }, value.Bytes[uint64]),
			figure(g, r, func(r *document.Run) value.Maybe[uint64] { return r.Memory.AfterBytes }, value.Bytes[uint64]))
	})
	all = append(all, sparklineRow(c, memorySeries, func(v float64) string { return value.Bytes(v) }))
	for _, kind := range []string{"anon", "file", "shmem", "kernel"} {
		if slices.ContainsFunc(c.Arms[0].Runs[0].Memory.Ledger, func(l document.LedgerRow) bool { return l.Group == kind }) {
			add("  "+kind, groupAnswer(kind))
		}
	}
	add("CPU time before", func(r *document.Run, g group) string {
		return figure(g, r, func(r *document.Run) value.Maybe[uint64] { return r.CPU.UsageUsecBefore },
			func(v uint64) string { return value.Duration(float64(v) / 1000) })
	})
	add("CPU time during", cpuDuringCell)
	all = append(all, sparklineRow(c, cpuSeries, func(v float64) string { return fmt.Sprintf("%.3g %%", v) }))
	if c.Embedded {
		add("records", recordsCell)
	}
	add("restored by", each(func(r *document.Run) string { return restoredCell(r, tool) }))
	return all
}

// verdictRow begins with the count of each verdict if there are several runs.
func verdictRow(c *document.Compare) row {
	r := row{question: "verdict"}
	for i := range c.Arms {
		arm := &c.Arms[i]
		g := mostCommon(arm)
		r.cells = append(r.cells, verdictCounts(arm)+strings.TrimPrefix(g.cell(verdictCell), string(g[0].Verdict.Kind)))
	}
	return r
}

// groupAnswer returns the memory of a group of the breakdown, before and after.
func groupAnswer(kind string) answer {
	return func(r *document.Run, g group) string {
		at := func(get column) string {
			return figure(g, r, func(r *document.Run) value.Maybe[int64] { return sumGroup(r.Memory.Ledger, kind, get) }, value.Bytes[int64])
		}
		return fromTo(at(beforeBytes), at(afterBytes))
	}
}
