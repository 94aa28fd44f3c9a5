package reclaim

import (
	"strings"
	"testing"

	"haltscope/cgroupfs"
	"haltscope/cgroupfs/figure"
	"haltscope/compare/rules/memory"
	"haltscope/compare/target"
	"haltscope/compare/value"
)

var n = figure.Number

// frozen returns a paused container that nothing was reclaimed from: 66 MiB of anonymous memory and 1 MiB of page cache.
func frozen(version int, swap memory.Swap, unevictable figure.Figure) *result {
	reading := cgroupfs.Reading{Freezer: cgroupfs.Freezer{Requested: n(1), Frozen: n(1)}}
	reading.Memory.Current = n(67 << 20)
	reading.Stat = cgroupfs.MemoryStat{Anon: n(66 << 20), AnonThp: n(64 << 20), File: n(1 << 20), Shmem: n(0), Unevictable: unevictable}
	reading.StatV1 = cgroupfs.MemoryStatV1{TotalRSS: n(66 << 20), TotalRSSHuge: n(64 << 20), TotalCache: n(1 << 20), TotalShmem: n(0)}
	return &result{Target: &target.Target{Group: &cgroupfs.Group{Version: version}},
		before: before{Reading: reading, facts: factsOf(&reading, version, swap)}, after: reading}
}

func noSwap() memory.Swap { return memory.Swap{Swap: cgroupfs.Swap{Total: n(0), Free: n(0)}} }

// TestLockedPagesCannotBeReclaimed checks that locked pages are not promised but named, whatever swap there is: a limit below them
// kills the container. On Linux 6.12, of 66 MiB with 64 MiB locked, 2 MiB came back.
func TestLockedPagesCannotBeReclaimed(t *testing.T) {
	for _, c := range []struct {
		swap   memory.Swap
		atMost uint64
		locked int64 // besides the rows that are kept for want of swap
	}{
		{memory.Swap{Swap: cgroupfs.Swap{Total: n(1 << 30), Free: n(1 << 30), Left: figure.Without(figure.Max)}}, 3 << 20, 64 << 20},
		{noSwap(), 1 << 20, 0},
	} {
		r := frozen(2, c.swap, n(64<<20))
		if got := atMost(r.before.facts); got != c.atMost {
			t.Errorf("%s: at most %d, want %d", c.swap.Text(), got, c.atMost)
		}
		sum, locked := int64(0), int64(0)
		for _, k := range r.before.facts.Kept() {
			v, _ := k.Bytes.Get()
			if sum += v; k.Kind == "unevictable" {
				locked = v
			}
		}
		if locked != c.locked || sum < 64<<20 {
			t.Errorf("%s: %d locked of %d that are kept", c.swap.Text(), locked, sum)
		}
		if text := r.warnings()[0]; !strings.Contains(text, value.Bytes(sum)) {
			t.Error(text)
		}
	}
}

// TestGivenUpCanBeReclaimed checks that what the program gave up with MADV_FREE is not kept for want of swap.
func TestGivenUpCanBeReclaimed(t *testing.T) {
	for lazy, want := range map[figure.Figure][2]uint64{
		n(0): {1 << 20, 66 << 20}, n(40 << 20): {41 << 20, 26 << 20}, n(99 << 20): {67 << 20, 0},
		figure.Without(figure.Unsupported): {1 << 20, 66 << 20},
	} {
		swap := noSwap()
		swap.LazyFree = lazy
		facts := frozen(2, swap, figure.Figure{}).before.facts
		kept := int64(0)
		for _, k := range facts.Kept() {
			v, _ := k.Bytes.Get()
			kept += v
		}
		if got := atMost(facts); got != want[0] || kept != int64(want[1]) {
			t.Errorf("%s given up: at most %d, and %d are kept; want %d", lazy, got, kept, want)
		}
	}
}

// TestWarnings checks what is said after a reclaim.
func TestWarnings(t *testing.T) {
	for _, c := range []struct {
		name    string
		version int
		change  func(*result)
		want    []string // in the texts, one for each
	}{
		{"v2, it freed memory", 2, func(r *result) { r.after.Memory.Current = n(66 << 20) }, []string{"kills a frozen container"}},
		{"v2, it freed nothing", 2, func(*result) {}, []string{"kills a frozen container", "freed nothing"}},
		{"v2, there was no more to take", 2, func(r *result) { r.exhausted = true }, []string{"kills a frozen container"}},
		{"v2, a dry run", 2, func(r *result) { r.options.DryRun = true }, []string{"kills a frozen container"}},
		{"v1", 1, func(*result) {}, []string{"is refused on cgroup v1"}},
		{"thawed meanwhile", 1, func(r *result) { r.after.Freezer.Frozen = n(0) }, []string{"is refused on cgroup v1", "no longer frozen"}},
	} {
		r := frozen(c.version, noSwap(), figure.Figure{})
		c.change(r)
		got := r.warnings()
		if len(got) != len(c.want) {
			t.Errorf("%s: %q", c.name, got)
			continue
		}
		for i := range got {
			if !strings.Contains(got[i], c.want[i]) {
				t.Errorf("%s: %q, want %q", c.name, got[i], c.want[i])
			}
		}
	}
}

// TestDryRun checks that a dry run reports no results, and a real one does.
func TestDryRun(t *testing.T) {
	r := frozen(2, noSwap(), figure.Figure{})
	if doc := r.document(); doc.FreedBytes != value.Known[int64](0) || doc.StillFrozen != value.Known(true) {
		t.Errorf("%+v", doc)
	}
	r.options.DryRun = true
	doc := r.document()
	for name, reason := range map[string]value.Reason{"freed": doc.FreedBytes.Reason(), "after": doc.AfterBytes.Reason(),
		"row": doc.Ledger[0].Bytes.Reason()} {
		if reason != value.NotMeasured {
			t.Errorf("%s: %q", name, reason)
		}
	}
}
