package compare

import (
	"haltscope/cgroupfs"
	"haltscope/compare/document"
	"haltscope/compare/ledger"
)

// ledgerOf splits what is charged to a cgroup, before something was done to it and after.
func ledgerOf(before, after *cgroupfs.Reading, version int, swap ledger.Swap) []document.LedgerRow {
	was := ledger.Split(before, version)
	var rows []document.LedgerRow
	for i, row := range ledger.Split(after, version) {
		rows = append(rows, document.LedgerRow{Kind: row.Kind, Group: row.Group, BeforeBytes: was[i].Bytes, Bytes: row.Bytes,
			FreedBy: ledger.RuleOf(row.Kind, swap).FreedBy, Source: row.Source})
	}
	return rows
}
