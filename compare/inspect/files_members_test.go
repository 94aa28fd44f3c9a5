package inspect

import (
	"maps"
	"os"
	"path/filepath"
	"slices"
	"testing"

	"haltscope/cgroupfs/proc"
	"haltscope/compare/rules/memory"
)

// TestUnreachableMappings checks that what the kernel makes is no missed file, and that an unknown file system is not taken for FUSE.
func TestUnreachableMappings(t *testing.T) {
	const fuse, huge, pseudo = 70, 71, 72
	can := reachable{waiting: map[uint64]bool{fuse: true}, uncachedDevices: map[uint64]bool{huge: true}}
	for _, c := range []struct {
		dev                  uint64
		path                 string
		unreachable, unknown int
	}{
		{dev: fuse, path: "/f/a", unreachable: 1},
		{dev: fuse, path: "/[aio] (deleted)", unreachable: 1},
		{dev: huge, path: "/dev/hugepages/a"},
		{dev: pseudo, path: "/[aio] (deleted)"},
		{dev: pseudo, path: "anon_inode:[perf_event]"},
		{dev: pseudo, path: "socket:[4711]"},
		{dev: pseudo, path: "/dmabuf:"},
		{dev: pseudo, path: "/anon_hugepage (deleted)"},
		{dev: pseudo, path: "/memfd:huge (deleted)"},
		{dev: pseudo, path: "/SYSV00001a2b (deleted)"},
		{dev: pseudo, path: "/lib/a.so", unknown: 1},
		{dev: pseudo, path: "/lib/a.so (deleted)", unknown: 1},
	} {
		m := memberFiles{fileSearch: newFileSearch(nil, nil, nil), mapped: map[mappedKey]*cachedFile{}}
		for range 2 { // the second time it is known
			m.mapping(t.Context(), memory.Process{}, &proc.Mapping{Dev: c.dev, Inode: 5, Path: c.path}, can)
		}
		if m.unreachable != c.unreachable || m.unknown != c.unknown || len(m.failed) > 0 {
			t.Errorf("%d %s: %d unreachable, %d unknown, %v", c.dev, c.path, m.unreachable, m.unknown, m.failed)
		}
	}
}

// TestReachableFrom checks that the devices of this process's mounts are put in the right set.
func TestReachableFrom(t *testing.T) {
	self, err := proc.ReadMounts(os.Getpid())
	if err != nil {
		t.Fatal(err)
	}
	m := memberFiles{main: self, self: []proc.Mount{{ID: 1 << 40, Dev: 1 << 40, Point: "/f", Type: "fuse.sshfs"},
		{ID: 2 << 40, Dev: 2 << 40, Point: "/dev/hugepages", Type: "hugetlbfs"}, {ID: 3 << 40, Dev: 3 << 40, Point: "/x", Type: "ext4"}}}
	can, err := m.reachableFrom(os.Getpid())
	if err != nil {
		t.Fatal(err)
	}
	if !can.waiting[1<<40] || can.devices[1<<40] || !can.uncachedDevices[2<<40] || can.waiting[2<<40] || !can.devices[3<<40] ||
		!can.mountIDs[3<<40] || !can.devices[can.nameless] {
		t.Errorf("%+v", can)
	}
}

// TestKindOnOtherMount checks that the path of a file tells its kind only on a mount that the container's main process has as well.
func TestKindOnOtherMount(t *testing.T) {
	path := filepath.Join(t.TempDir(), "a")
	if err := os.WriteFile(path, []byte("a"), 0o600); err != nil {
		t.Fatal(err)
	}
	f, err := proc.OpenRegular(path)
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	own, err := proc.ReadMounts(os.Getpid())
	if err != nil {
		t.Fatal(err)
	}
	id, ok := f.MountID().Value()
	at := slices.IndexFunc(own, func(m proc.Mount) bool { return m.ID == id })
	if !ok || at < 0 {
		t.Fatalf("mount %d is not in %+v", id, own)
	}
	with := func(change func(*proc.Mount)) []proc.Mount {
		mounts := slices.Clone(own)
		change(&mounts[at])
		return mounts
	}
	for name, c := range map[string]struct {
		main []proc.Mount
		want string
	}{
		"the same mounts":           {own, ""},
		"a copy of the namespace":   {with(func(m *proc.Mount) { m.ID += 1 << 40 }), ""},
		"another file system":       {with(func(m *proc.Mount) { m.Dev++ }), memory.OtherFile},
		"another folder of it":      {with(func(m *proc.Mount) { m.Root += "/x" }), memory.OtherFile},
		"at another path":           {with(func(m *proc.Mount) { m.Point = "/elsewhere" }), memory.OtherFile},
		"no mounts could be read":   {nil, memory.OtherFile},
		"main process has no mount": {slices.Delete(slices.Clone(own), at, at+1), memory.OtherFile},
	} {
		m := memberFiles{main: c.main}
		can, err := m.reachableFrom(os.Getpid())
		if err != nil {
			t.Fatal(err)
		}
		m.same = can.same
		if got := m.kindOf(f); got != c.want {
			t.Errorf("%s: %q, of %d mounts %v", name, got, len(can.same), slices.Sorted(maps.Keys(can.same)))
		}
	}
}
