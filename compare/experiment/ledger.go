package experiment

import (
	"haltscope/cgroupfs"
	"haltscope/compare/document"
	"haltscope/compare/rules/memory"
)

// ledgerOf splits what is charged to a cgroup, before something was done to it and after.
func ledgerOf(before, after *cgroupfs.Reading, version int, swap memory.Swap) []document.LedgerRow {
	was := memory.Split(before, version)
	var rows []document.LedgerRow
	for i, row := range memory.Split(after, version) {
		rows = append(rows, document.LedgerRow{Kind: row.Kind, Group: row.Group, BeforeBytes: was[i].Bytes, Bytes: row.Bytes,
			FreedBy: memory.RuleOf(row.Kind, swap).FreedBy, Source: row.Source})
	}
	return rows
}
