package report

import (
	"bytes"
	"strings"
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
	checkTable(t, doc, `web (paused)  reclaimed 64 MiB of 70 MiB in 20.0 ms, 1 MiB of it to swap; still frozen; the kernel found no more
  stays:  1 MiB of page tables
  cost:   disk reads
  note:   no swap
  -v shows why that stays and the evidence
`)
	hasEvidence(t, doc, `
Evidence
                before  after
  ─────────────────────────────
  charged       70 MiB  6 MiB
    page cache  64 MiB  0 B

Why the rest cannot be reclaimed
  1 MiB of page tables: in use

Host
  Docker 26.1 · cgroup v1 (hybrid), systemd driver · kernel 6.1
`)
	doc.DryRun = true
	checkTable(t, doc, `web (paused)  dry run: reclaim can take at most 64 MiB of 70 MiB
  stays:  1 MiB of page tables
  cost:   disk reads
  note:   no swap
  -v shows why that stays and the evidence
`)
	hasEvidence(t, doc, `
                charged  freed by
  ────────────────────────────────
  charged       70 MiB
    page cache  64 MiB   reclaim
`)
	// Of several containers, each has a line.
	doc.DryRun = false
	r.Name, r.FreedBytes, r.Exhausted, r.StillFrozen = "database", value.Known[int64](0), false, value.Known(false)
	doc.Containers = append(doc.Containers, r)
	checkTable(t, doc, `web       reclaimed 64 MiB of 70 MiB in 20.0 ms, 1 MiB of it to swap; still frozen; the kernel found no more
database  reclaimed 0 B of 70 MiB in 20.0 ms, 1 MiB of it to swap
-v shows what stays and why, what it costs and the evidence
`)
	hasEvidence(t, doc, "database (paused)  reclaimed 0 B of 70 MiB")
}

// hasEvidence checks that a table with the evidence has a part.
func hasEvidence(t *testing.T, doc document.Document, part string) {
	t.Helper()
	var out bytes.Buffer
	if err := Table(&out, doc, TableOptions{Evidence: true}); err != nil {
		t.Fatal(err)
	}
	if got, want := strings.ReplaceAll(out.String(), "─", ""), strings.ReplaceAll(part, "─", ""); !strings.Contains(got, want) {
		t.Errorf("no %q in\n%s", part, &out)
	}
}
