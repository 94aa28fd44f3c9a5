package experiment

import (
	"haltscope/cgroupfs"
	"haltscope/compare/document"
	"haltscope/compare/rules/memory"
	"haltscope/compare/value"
)

// explain says why a paused twin keeps its memory, in sentences that carry the figures they rest on.
func (a *arm) explain() []document.Sentence {
	processes := -1
	if a.membersErr == nil {
		processes = len(a.members)
	}
	before, after, version, sources := &a.performed.ReadBefore, &a.performed.ReadAfter, a.group.Version, a.group.Sources()
	all := memory.Explain(memory.Facts{
		Before: memory.Split(before, version), Now: memory.Split(after, version), Swap: a.swap,
		Unevictable: memory.Unevictable(after, version), NoReclaim: a.noReclaim,
		Frozen: after.Freezer.Frozen.Is(1), Unpausable: true, FrozenSource: sources["frozen"], Processes: processes,
	})
	held, cpu := a.held()
	if used, ok := cpu.Value(); ok {
		text := "CPU time did not advance: "
		if used > 0 {
			text = "CPU time advanced: "
		}
		last := len(all) - 1
		all = append(all[:last:last], document.Sentence{Text: text + value.Usec(used) + " in " + value.Duration(value.Milliseconds(held)) + ".",
			Sources: []string{sources["cpu"]}}, all[last])
	}
	return all
}

// memoryBreakdown splits what is charged to a cgroup before and after the action.
func memoryBreakdown(before, after *cgroupfs.Reading, version int, swap memory.Swap) []document.LedgerRow {
	rowsBefore := memory.Split(before, version)
	var rows []document.LedgerRow
	for i, row := range memory.Split(after, version) {
		rows = append(rows, document.LedgerRow{Kind: row.Kind, Group: row.Group, BeforeBytes: rowsBefore[i].Bytes, Bytes: row.Bytes,
			FreedBy: memory.RuleOf(row.Kind, swap).FreedBy, Source: row.Source})
	}
	return rows
}
