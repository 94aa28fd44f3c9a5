package inspect

import (
	"fmt"
	"strings"

	"haltscope/compare/document"
	"haltscope/compare/figures"
	"haltscope/compare/rules/memory"
)

// memoryFacts returns the facts for the rules of package memory.
func (a *account) memoryFacts() memory.Facts {
	k := &a.kernel
	f, processes := k.After.Freezer, len(k.MembersAfter)
	if k.MembersError != "" {
		processes = -1
	}
	return memory.Facts{Name: a.Name(), Now: memory.Split(&k.After, k.Version), Tolerance: memory.Tolerance(&k.After, k.Batch),
		Swap:        a.held.swap,
		Unevictable: memory.Unevictable(&k.After, k.Version), LockedBy: a.lockedBy(), NoReclaim: a.held.noReclaim,
		Frozen: f.Frozen.Is(1), Unpausable: a.docker.Paused && f.By == k.Path && f.Above == "", FrozenSource: k.Sources["frozen"],
		Processes: processes, EndCommand: a.endCommand()}
}

// endCommand returns the command that ends its program where docker stop does not; "" where that does.
func (a *account) endCommand() string {
	k := &a.kernel
	switch {
	case k.FirstThreadEnded != nil && a.docker.Running:
		return fmt.Sprintf("kill -TERM %d", k.FirstThreadEnded.PID)
	case !a.docker.Running && len(k.MembersAfter) > 0:
		return "kill -KILL " + strings.Trim(fmt.Sprint(k.MembersAfter), "[]")
	}
	return ""
}

// memory returns what is charged to the container, row by row.
func (a *account) memory() document.InspectedMemory {
	k := &a.kernel
	m, d := k.After.Memory, &k.Details
	doc := document.InspectedMemory{
		CurrentBytes: figures.Number(m.Current), PeakBytes: figures.Number(m.Peak),
		LimitBytes: figures.Number(d.MemoryLimit.Effective), LimitBy: limitBy(d.MemoryLimit.By, d.MemoryLimit.Effective),
		OwnLimitBytes: figures.Number(d.MemoryLimit.Own),
		HighBytes:     figures.Number(d.V2.MemoryHigh), LowBytes: figures.Number(d.V2.MemoryLow),
		SwapBytes: figures.Number(m.Swap), SwapLimitBytes: figures.Number(d.SwapLimit()), ZswapBytes: figures.Number(d.V2.ZswapCurrent),
		Ledger: []document.HeldRow{}, Reconciled: []document.Line{},
		ToleranceBytes: memory.Tolerance(&k.After, k.Batch), BatchBytes: k.Batch,
		DockerStatsBytes: sampled(a.docker.StatsMemory),
		Events: document.MemoryEvents{Low: figures.Number(d.V2.MemoryEvents.Low), High: figures.Number(d.V2.MemoryEvents.High),
			Max: figures.Number(d.V2.MemoryEvents.Max), OOM: figures.Number(d.V2.MemoryEvents.OOM),
			OOMKill: figures.Number(m.OOMKill), LocalKill: figures.Number(d.V2.MemoryEventsLocal.OOMKill)},
	}
	if !k.Exists {
		a.filesOf(&doc, nil)
		doc.UnattributedBytes = figures.Without[int64](m.Current)
		return doc
	}
	facts := a.memoryFacts()
	doc.UnattributedBytes = facts.Now[len(facts.Now)-1].Bytes
	for _, row := range facts.Now {
		rule := facts.RowRule(row)
		held := document.HeldRow{Kind: row.Kind, Group: row.Group, Bytes: row.Bytes, Source: row.Source, HeldBy: a.holders(row.Kind),
			KeptBecause: rule.KeptBecause, FreedBy: rule.FreedBy, Reclaimable: rule.Certainty, Parts: []document.RowPart{}}
		for _, p := range row.Parts {
			held.Parts = append(held.Parts, document.RowPart{Kind: p.Kind, Bytes: p.Bytes, Source: p.Source})
		}
		doc.Ledger = append(doc.Ledger, held)
	}
	a.filesOf(&doc, facts.Now)
	doc.Reconciled = a.reconcile()
	return doc
}
