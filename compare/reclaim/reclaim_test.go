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

// Locked pages stay, whatever swap there is: they are not promised, they are named, and a limit below them kills. As
// measured on Linux 6.12: of 66 MiB, 64 of them locked, 2 came back.
func TestLockedPagesCannotBeReclaimed(t *testing.T) {
	n := figure.Number
	r := &reclaim{Target: &target.Target{Group: &cgroupfs.Group{Version: 2}}}
	r.before.Memory.Current = n(67 << 20)
	r.before.Stat = cgroupfs.MemoryStat{Anon: n(66 << 20), AnonThp: n(64 << 20), File: n(1 << 20), Shmem: n(0), Unevictable: n(64 << 20)}
	for _, c := range []struct {
		swap   memory.Swap
		atMost uint64
		locked int64 // beside the rows that stay for want of swap
	}{
		{memory.Swap{Swap: cgroupfs.Swap{Total: n(1 << 30), Free: n(1 << 30), Left: figure.Without(figure.Max)}}, 3 << 20, 64 << 20},
		{memory.Swap{Swap: cgroupfs.Swap{Total: n(0), Free: n(0)}}, 1 << 20, 0},
	} {
		r.swap = c.swap
		if got := r.atMost(); got != c.atMost {
			t.Errorf("%s: at most %d, wanted %d", c.swap.Text(), got, c.atMost)
		}
		sum, locked := int64(0), int64(0)
		for _, k := range r.cannot() {
			v, _ := k.Bytes.Get()
			if sum += v; k.Kind == "unevictable" {
				locked = v
			}
		}
		if locked != c.locked || sum < 64<<20 {
			t.Errorf("%s: %d locked of %d that stay", c.swap.Text(), locked, sum)
		}
		if text := r.warnings()[0]; !strings.Contains(text, value.Bytes(sum)) {
			t.Error(text)
		}
	}
}

// What the program has given up by MADV_FREE is no part of what stays for want of swap.
func TestGivenUpCanBeReclaimed(t *testing.T) {
	n := figure.Number
	r := &reclaim{Target: &target.Target{Group: &cgroupfs.Group{Version: 2}}}
	r.before.Memory.Current = n(67 << 20)
	r.before.Stat = cgroupfs.MemoryStat{Anon: n(66 << 20), AnonThp: n(64 << 20), File: n(1 << 20), Shmem: n(0)}
	for lazy, want := range map[figure.Figure][2]uint64{
		n(0): {1 << 20, 66 << 20}, n(40 << 20): {41 << 20, 26 << 20}, n(99 << 20): {67 << 20, 0},
		figure.Without(figure.Unsupported): {1 << 20, 66 << 20},
	} {
		r.swap = memory.Swap{Swap: cgroupfs.Swap{Total: n(0), Free: n(0)}, LazyFree: lazy}
		stays := int64(0)
		for _, k := range r.cannot() {
			v, _ := k.Bytes.Get()
			stays += v
		}
		if got := r.atMost(); got != want[0] || stays != int64(want[1]) {
			t.Errorf("of %s given up: at most %d, and %d stay; wanted %d", lazy, got, stays, want)
		}
	}
}
