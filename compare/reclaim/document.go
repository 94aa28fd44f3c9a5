package reclaim

import (
	"fmt"
	"time"

	"haltscope/cgroupfs"
	"haltscope/cgroupfs/figure"
	"haltscope/compare/document"
	"haltscope/compare/figures"
	"haltscope/compare/rules/memory"
	"haltscope/compare/target"
	"haltscope/compare/value"
)

// result is a container before and after the reclaim.
type result struct {
	*target.Target
	options   Options
	before    before
	after     cgroupfs.Reading // as before, in a dry run
	exhausted bool             // the kernel found no more to take
	took      time.Duration
}

func (r *result) document() document.Reclaimed {
	b, a := &r.before.Reading, &r.after
	doc := document.Reclaimed{Name: r.Name(), ID: r.Container.ID, Status: value.Clean(r.Container.State.Status),
		Frozen: figures.Flag(b.Freezer.Frozen), StillFrozen: figures.Flag(a.Freezer.Frozen),
		RequestedBytes:   value.KnownOr(r.options.Bytes, r.options.Bytes > 0, value.Max, "all that the kernel can take"),
		ReclaimableBytes: atMost(r.before.facts), Kept: r.kept(),
		BeforeBytes: figures.Number(b.Memory.Current), AfterBytes: figures.Number(a.Memory.Current),
		FreedBytes: decrease(b.Memory.Current, a.Memory.Current), SwappedBytes: decrease(a.Memory.Swap, b.Memory.Swap),
		Exhausted: r.exhausted, DurationMs: value.Known(value.Milliseconds(r.took)),
		Ledger: r.rows(), ResumeCost: r.resumeCost(), Warnings: r.warnings()}
	if r.options.DryRun {
		const nothing = "nothing was done"
		doc.AfterBytes, doc.StillFrozen = value.Absent[uint64](value.NotMeasured, nothing), value.Absent[bool](value.NotMeasured, nothing)
		doc.FreedBytes, doc.SwappedBytes = value.Absent[int64](value.NotMeasured, nothing), value.Absent[int64](value.NotMeasured, nothing)
		doc.DurationMs = value.Absent[float64](value.NotMeasured, nothing)
		for i := range doc.Ledger {
			doc.Ledger[i].Bytes = value.Absent[int64](value.NotMeasured, nothing)
		}
	}
	return doc
}

// kept lists what cannot be reclaimed.
func (r *result) kept() []document.Kept {
	if r.options.DryRun {
		return r.before.facts.Kept()
	}
	return memory.StillKept(r.before.facts.Kept(), memory.Split(&r.after, r.Group.Version))
}

// rows returns the memory breakdown, before and after.
func (r *result) rows() []document.LedgerRow {
	all := []document.LedgerRow{}
	for i, row := range memory.Split(&r.after, r.Group.Version) {
		all = append(all, document.LedgerRow{Kind: row.Kind, Group: row.Group, BeforeBytes: r.before.facts.Now[i].Bytes, Bytes: row.Bytes,
			Source: row.Source, FreedBy: memory.RuleOf(row.Kind, r.before.facts.Swap).FreedBy})
	}
	return all
}

// resumeCost says what the reclaim costs the program when it runs again.
func (r *result) resumeCost() string {
	if r.options.DryRun {
		return "when the program touches reclaimed memory, it is read from disk or swapped in again, page by page"
	}
	text := "when the program touches it again, page cache is read from disk"
	before, known := memory.Sum(r.before.facts.Now, memory.File).Get()
	if after, ok := memory.Sum(memory.Split(&r.after, r.Group.Version), memory.File).Get(); ok && known {
		text = "no page cache has to be read from disk again"
		if dropped := before - after; dropped > 0 {
			text = fmt.Sprintf("when the program touches it again, up to %s of page cache is read from disk", value.Bytes(dropped))
		}
	}
	if swapped, ok := decrease(r.after.Memory.Swap, r.before.Memory.Swap).Get(); ok && swapped > 0 {
		text += fmt.Sprintf(", and %s is swapped in, with a major fault for each page or group of pages", value.Bytes(swapped))
	}
	return text
}

// warnings says what could go wrong now, and what did.
func (r *result) warnings() []string {
	kept := int64(0)
	for _, k := range r.kept() {
		if v, ok := k.Bytes.Get(); ok {
			kept += v
		}
	}
	all := []string{fmt.Sprintf("docker update --memory below what cannot be reclaimed (%s) is refused on cgroup v1; above that, it reclaims",
		value.Bytes(kept))}
	if r.Group.Version == 2 {
		all = []string{fmt.Sprintf("do not lower its limit to get at the rest: docker update --memory below what cannot be reclaimed (%s) "+
			"kills a frozen container, and reports success", value.Bytes(kept))}
	}
	freed, ok := decrease(r.before.Memory.Current, r.after.Memory.Current).Get()
	if r.Group.Version == 2 && !r.options.DryRun && !r.exhausted && ok && freed <= 0 && atMost(r.before.facts) > 0 {
		all = append(all, "the kernel accepted the request and freed nothing: some kernels without NUMA ignore it (from 6.17 on, until that "+
			"is fixed), and pages in active use come back at once")
	}
	if r.before.Freezer.Frozen.Is(1) && !r.after.Freezer.Frozen.Is(1) {
		all = append(all, "it is no longer frozen: somebody thawed it during the reclaim")
	}
	return all
}

// decrease returns by how much a figure went down.
func decrease(before, after figure.Figure) value.Maybe[int64] {
	b, a := figures.Signed(before), figures.Signed(after)
	first, ok := b.Get()
	if !ok {
		return b
	}
	second, ok := a.Get()
	if !ok {
		return a
	}
	return value.Known(first - second)
}
