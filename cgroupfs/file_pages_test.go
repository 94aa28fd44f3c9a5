package cgroupfs

import (
	"bytes"
	"encoding/binary"
	"errors"
	"maps"
	"os"
	"path/filepath"
	"testing"

	"haltscope/cgroupfs/proc"
)

// frames is the content of a file of the kernel that has a number for each page frame.
func frames(all ...uint64) *proc.FrameFile {
	var data []byte
	for _, n := range all {
		data = binary.NativeEndian.AppendUint64(data, n)
	}
	return proc.NewFrameFile(bytes.NewReader(data))
}

// TestCountPages checks how pages are told apart by their flags and by the cgroup that they are charged to.
func TestCountPages(t *testing.T) {
	const (
		tail   = uint64(proc.PageCompoundTail)
		dirty  = uint64(proc.PageDirty)
		memory = uint64(proc.PageSwapBacked)
	)
	page := uint64(os.Getpagesize())
	all := func(n ...uint64) []uint64 { return n }
	for name, test := range map[string]struct {
		cgroups, flags []uint64
		frames         []uint64
		want           FileCount
	}{
		"page cache":      {all(7, 7, 8), all(0, dirty, 0), all(0, 1, 2), FileCount{File: 3 * page, Dirty: page}},
		"shared memory":   {all(7, 7), all(memory, memory|dirty), all(0, 1), FileCount{Shmem: 2 * page}},
		"another cgroup":  {all(9, 9, 0), all(0, dirty, 0), all(0, 1, 2), FileCount{ChargedToOther: map[uint64]uint64{9: 2 * page, 0: page}}},
		"twice":           {all(7), all(0), all(0, 0), FileCount{File: page}},
		"a huge page":     {all(7, 0, 0, 9), all(dirty, tail, tail, 0), all(0, 1, 2), FileCount{File: 3 * page, Dirty: 3 * page}},
		"its tails alone": {all(9, 7, 0, 0), all(0, memory, tail, tail), all(2, 3), FileCount{Shmem: 2 * page}},
		"tails of two pages": {all(7, 0, 9, 0), all(0, tail, 0, tail), all(1, 3),
			FileCount{File: page, ChargedToOther: map[uint64]uint64{9: page}}},
		"tails with a cgroup of their own": {all(7, 7, 0, 7), all(0, tail, 0, tail), all(0, 1, 3),
			FileCount{File: 3 * page}},
	} {
		t.Run(name, func(t *testing.T) {
			c := FileCounter{pages: &FilePages{own: map[uint64]bool{7: true, 8: true}, seen: map[uint64]*frameSet{}},
				cgroupOf: frames(test.cgroups...), flagsOf: frames(test.flags...)}
			var found []proc.CachedFrame
			for _, f := range test.frames {
				found = append(found, proc.CachedFrame{Frame: f, File: 1})
			}
			counts := make([]FileCount, 2)
			if err := c.add(counts, found); err != nil {
				t.Fatal(err)
			}
			got := counts[1]
			if got.File != test.want.File || got.Shmem != test.want.Shmem || got.Dirty != test.want.Dirty ||
				!maps.Equal(got.ChargedToOther, test.want.ChargedToOther) {
				t.Errorf("%+v, want %+v", got, test.want)
			}
			if got.Unknown != 0 {
				t.Errorf("%d bytes are charged to nobody known", got.Unknown)
			}
		})
	}
}

// TestCountHeadless checks that pages of a compound page whose first page is too far away are unknown, not charged to nobody. The first
// pages of it, which are close enough, and what comes after it are known.
func TestCountHeadless(t *testing.T) {
	page := uint64(os.Getpagesize())
	const own, far = 7, 2*maxCompound + 10
	cgroups, flags := make([]uint64, far+1), make([]uint64, far+1)
	for i := range far {
		flags[i] = uint64(proc.PageCompoundTail)
	}
	flags[0], cgroups[0], cgroups[far] = 0, own, own
	c := FileCounter{pages: &FilePages{own: map[uint64]bool{own: true}, seen: map[uint64]*frameSet{}},
		cgroupOf: frames(cgroups...), flagsOf: frames(flags...)}
	counts := make([]FileCount, 1)
	for _, found := range [][]proc.CachedFrame{{{Frame: maxCompound}}, {{Frame: far - 3}, {Frame: far - 2}, {Frame: far - 1}, {Frame: far}}} {
		if err := c.add(counts, found); err != nil {
			t.Fatal(err)
		}
	}
	if got := counts[0]; got.File != 2*page || got.Unknown != 3*page || got.Shmem != 0 || got.ChargedToOther != nil {
		t.Errorf("%+v", got)
	}
}

// TestMemoryInodes checks that the cgroups below a group are listed, and that folders are found by their inode numbers.
func TestMemoryInodes(t *testing.T) {
	top := t.TempDir()
	if err := os.MkdirAll(filepath.Join(top, "docker/a/b"), 0o755); err != nil {
		t.Fatal(err)
	}
	h := &Host{Version: 2, mounts: map[string]mount{"": {point: top, root: "/"}}}
	g := h.open(map[string]location{"": {path: top + "/docker/a"}})
	defer g.Close()
	g.openFolders()
	inodes, err := g.MemoryInodes()
	if err != nil || len(inodes) != 2 {
		t.Fatalf("%v, %v", inodes, err)
	}
	paths, err := h.MemoryPaths(inodes)
	if err != nil || len(paths) != 2 {
		t.Fatalf("%v, %v", paths, err)
	}
	for _, path := range paths {
		if path != top+"/docker/a" && path != top+"/docker/a/b" {
			t.Error(path)
		}
	}
	for path, want := range map[string]bool{top: true, top + "/": true, top + "/docker": true, top + "/dock": false, top + "/docker/a": false,
		"": false} {
		if got := g.IsBelow(path); got != want {
			t.Errorf("below %q: %t", path, got)
		}
	}
	if err := os.RemoveAll(top + "/docker/a"); err != nil {
		t.Fatal(err)
	}
	if inodes, err := g.MemoryInodes(); !errors.Is(err, os.ErrNotExist) {
		t.Errorf("a cgroup that is gone: %v, %v", inodes, err)
	}
}
