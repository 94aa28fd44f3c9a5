package inspect

import (
	"testing"

	"haltscope/cgroupfs"
	"haltscope/cgroupfs/proc"
)

// The devices of the tests of users.
const (
	testVda, testVdb, testOverlay, testOtherOverlay, testVdbOverlay, testLostOverlay = 10, 11, 20, 21, 22, 23
	testTmpfs, testOtherTmpfs, testBtrfs, testSubvolume, testNameless                = 30, 31, 40, 41, 1
)

func testDevices() *fileDevices {
	self := []proc.Mount{{Dev: testVda, Point: "/", Type: "ext4"}, {Dev: testVdb, Point: "/b", Type: "xfs"},
		{Dev: testBtrfs, Point: "/btrfs", Type: "btrfs"}, {Dev: testTmpfs, Point: "/run", Type: "tmpfs"}}
	d := newFileDevices(self, testNameless)
	d.add([]proc.Mount{{Dev: testOverlay, Point: "/", Type: "overlay", UpperDir: "/docker/1"},
		{Dev: testOtherOverlay, Point: "/", Type: "overlay", UpperDir: "/docker/2"},
		{Dev: testVdbOverlay, Point: "/", Type: "overlay", UpperDir: "/b/1"}, {Dev: testLostOverlay, Point: "/", Type: "overlay"},
		{Dev: testOtherTmpfs, Point: "/dev/shm", Type: "tmpfs"}})
	return d
}

// TestSameDevice checks which devices can have the same file under the same inode number.
func TestSameDevice(t *testing.T) {
	devices := testDevices()
	for _, c := range []struct {
		name       string
		file, maps uint64
		want       likeness
	}{
		{"the same disk", testVda, testVda, sameFile},
		{"two disks", testVda, testVdb, anotherFile},
		{"a disk and a tmpfs", testVda, testTmpfs, anotherFile},
		{"two tmpfs", testTmpfs, testOtherTmpfs, anotherFile},
		{"overlays on the same disk", testOverlay, testOtherOverlay, sameFile},
		{"an overlay and the disk below, as older kernels show it", testOverlay, testVda, sameFile},
		{"overlays on two disks", testOverlay, testVdbOverlay, anotherFile},
		{"an overlay and another disk", testOverlay, testVdb, anotherFile},
		{"an overlay and a tmpfs", testOverlay, testOtherTmpfs, anotherFile},
		{"an overlay whose layers are not known", testLostOverlay, testOverlay, maybeSameFile},
		{"that and a tmpfs", testLostOverlay, testTmpfs, anotherFile},
		{"a subvolume of btrfs", testSubvolume, testBtrfs, maybeSameFile},
		{"a subvolume and a memfd", testSubvolume, testNameless, anotherFile},
		{"two memfds", testNameless, testNameless, sameFile},
	} {
		if got := devices.like(c.file, c.maps); got != c.want {
			t.Errorf("%s: %d, want %d", c.name, got, c.want)
		}
	}
}

// TestUsedFile checks that a mapping is that of the file on its own file system, among those with the same inode number.
func TestUsedFile(t *testing.T) {
	s := newFileSearch(nil, nil, nil)
	add := func(dev, inode uint64, nameless string, bytes uint64) *cachedFile {
		f := &cachedFile{count: cgroupfs.FileCount{File: bytes}}
		s.files[fileKey{dev, inode, nameless}] = f
		return f
	}
	vda, vdb, tmpfs := add(testVda, 5, "", 1), add(testVdb, 5, "", 1), add(testTmpfs, 5, "", 1)
	overlay, shm := add(testOverlay, 6, "", 1), add(testTmpfs, 6, "", 1)
	segment, other := add(testNameless, 0, "SYSV00000001", 1), add(testNameless, 0, "SYSV00000002", 1)
	memfd := add(testNameless, 7, "memfd:a (deleted)", 1)
	add(testSubvolume, 8, "", 1)
	add(testSubvolume+1, 8, "", 1)
	exact := add(testBtrfs, 9, "", 1)
	add(testSubvolume, 9, "", 1)
	subvolume := add(testSubvolume, 10, "", 1)
	add(testVda, 11, "", 0) // none of it is charged here
	charged := s.chargedFiles()
	for _, c := range []struct {
		name    string
		mapping proc.Mapping
		want    *cachedFile
	}{
		{"a disk", proc.Mapping{Dev: testVda, Inode: 5}, vda},
		{"another disk", proc.Mapping{Dev: testVdb, Inode: 5}, vdb},
		{"a tmpfs", proc.Mapping{Dev: testTmpfs, Inode: 5}, tmpfs},
		{"a tmpfs that has none of them", proc.Mapping{Dev: testOtherTmpfs, Inode: 5}, nil},
		{"an overlay of another container", proc.Mapping{Dev: testOtherOverlay, Inode: 6}, overlay},
		{"a shared tmpfs", proc.Mapping{Dev: testTmpfs, Inode: 6}, shm},
		{"a SysV segment", proc.Mapping{Dev: testNameless, Path: "/SYSV00000001 (deleted)"}, segment},
		{"another one with this id", proc.Mapping{Dev: testNameless, Path: "/SYSV00000002 (deleted)"}, other},
		{"one that is not charged here", proc.Mapping{Dev: testNameless, Path: "/SYSV00000003 (deleted)"}, nil},
		{"a memfd", proc.Mapping{Dev: testNameless, Inode: 7, Path: "/memfd:a (deleted) (deleted)"}, memfd},
		{"a disk with the number of a memfd", proc.Mapping{Dev: testVda, Inode: 7, Path: "/a"}, nil},
		{"one of two subvolumes", proc.Mapping{Dev: testBtrfs, Inode: 8}, nil},
		{"the device itself before a subvolume", proc.Mapping{Dev: testBtrfs, Inode: 9}, exact},
		{"a subvolume", proc.Mapping{Dev: testBtrfs, Inode: 10}, subvolume},
		{"no charge", proc.Mapping{Dev: testVda, Inode: 11}, nil},
	} {
		if got := charged.of(&c.mapping, testDevices()); got != c.want {
			t.Errorf("%s: %p, want %p", c.name, got, c.want)
		}
	}
}
