package report

import (
	"testing"

	"haltscope/compare/document"
	"haltscope/compare/value"
)

func TestReclaimTable(t *testing.T) {
	const mib = 1 << 20
	ledger := []document.LedgerRow{
		{Kind: "file", BeforeBytes: value.Known[int64](64 * mib), Bytes: value.Known[int64](0), FreedBy: "reclaim"},
		{Kind: "sock", BeforeBytes: value.Known[int64](0), Bytes: value.Known[int64](0)},
		{Kind: "zswap", BeforeBytes: value.Absent[int64](value.Unsupported, ""), Bytes: value.Absent[int64](value.Unsupported, "")},
	}
	r := document.Reclaimed{Name: "web", Status: "paused", ReclaimableBytes: 64 * mib, BeforeBytes: value.Known[uint64](70 * mib),
		AfterBytes: value.Known[uint64](6 * mib), FreedBytes: value.Known[int64](64 * mib), SwappedBytes: value.Known[int64](mib),
		StillFrozen: value.Known(true), Exhausted: true, DurationMs: value.Known(20.0), Ledger: ledger, ResumeCost: "disk reads",
		Kept: []document.Kept{{Kind: "pagetables", Bytes: value.Known[int64](mib), Reason: "in use"}}, Warnings: []string{"no swap"}}
	doc := &document.Reclaim{Host: document.Host{EngineVersion: "26.1", CgroupVersion: 1, CgroupHybrid: true, CgroupDriver: "systemd",
		Kernel: "6.1"},
		Containers: []document.Reclaimed{r}}
	checkTable(t, doc, `Docker 26.1 · cgroup v1 (hybrid), systemd driver · kernel 6.1

web (paused): 64 MiB reclaimed in 20.0 ms, 1 MiB of it to swap; the kernel found nothing more to reclaim; still frozen
                before  after
  ─────────────────────────────
  charged       70 MiB  6 MiB
    page cache  64 MiB  0 B
  cannot be reclaimed: 1 MiB of page tables (in use)
  cost: disk reads
  ⚠ no swap
`)
	doc.DryRun = true
	checkTable(t, doc, `Docker 26.1 · cgroup v1 (hybrid), systemd driver · kernel 6.1

web (paused): 70 MiB charged, at most 64 MiB of it reclaimable, not counting what the kernel charges in advance; nothing was done
                charged  freed by
  ────────────────────────────────
  charged       70 MiB
    page cache  64 MiB   reclaim
  cannot be reclaimed: 1 MiB of page tables (in use)
  cost: disk reads
  ⚠ no swap
`)
}
