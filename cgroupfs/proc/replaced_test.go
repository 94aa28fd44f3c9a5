package proc

import (
	"errors"
	"os"
	"slices"
	"testing"

	"golang.org/x/sys/unix"
)

// filledFile makes a file with some text in it.
func filledFile(t *testing.T, path string) *os.File {
	t.Helper()
	f, err := os.Create(path)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { f.Close() })
	if _, err := f.WriteString("text"); err != nil {
		t.Fatal(err)
	}
	return f
}

// openFile returns this process's descriptor of a path.
func openFile(t *testing.T, path string) *OpenFile {
	t.Helper()
	all, err := ReadOpenFiles(os.Getpid())
	if err != nil {
		t.Fatal(err)
	}
	i := slices.IndexFunc(all, func(f OpenFile) bool { return f.Path == path })
	if i < 0 {
		t.Fatalf("%s is not in %+v", path, all)
	}
	return &all[i]
}

// TestOpenReused checks that a descriptor which has another file open since it was listed is not taken for that of the listed one.
func TestOpenReused(t *testing.T) {
	dir := t.TempDir()
	memory, err := unix.MemfdCreate("other", unix.MFD_CLOEXEC)
	if err != nil {
		t.Fatal(err)
	}
	defer unix.Close(memory)
	other := int(filledFile(t, dir+"/other").Fd())
	for name, test := range map[string]struct {
		fd    int
		known bool // the kernel tells the inode numbers of descriptors
	}{"inode": {other, true}, "mount": {memory, true}, "path alone": {other, false}} {
		t.Run(name, func(t *testing.T) {
			listed := filledFile(t, t.TempDir()+"/listed")
			f := openFile(t, listed.Name())
			if !test.known {
				f.Inode = parseInode(nil)
			}
			opened, path, err := f.Open()
			if err != nil || path != listed.Name() || opened.Size != 4 {
				t.Fatalf("%+v, %q, %v", opened, path, err)
			}
			opened.Close()
			if err := unix.Dup3(test.fd, int(listed.Fd()), unix.O_CLOEXEC); err != nil {
				t.Fatal(err)
			}
			if opened, path, err := f.Open(); !errors.Is(err, ErrReplaced) {
				t.Errorf("%+v, %q, %v", opened, path, err)
			}
		})
	}
}

// TestOpenRenamed checks that a file which was renamed since it was listed has its new path.
func TestOpenRenamed(t *testing.T) {
	dir := t.TempDir()
	listed := filledFile(t, dir+"/listed")
	f := openFile(t, listed.Name())
	if _, known := f.Inode.Value(); !known {
		t.Skip("the kernel does not tell the inode numbers of descriptors")
	}
	if err := os.Rename(listed.Name(), dir+"/new"); err != nil {
		t.Fatal(err)
	}
	opened, path, err := f.Open()
	if err != nil || path != dir+"/new" {
		t.Fatalf("%+v, %q, %v", opened, path, err)
	}
	opened.Close()
}

// TestOpenMappedReplaced checks that a mapping which another one has replaced since it was listed, at the same addresses, is not taken
// for the listed one, and that one whose file was deleted is.
func TestOpenMappedReplaced(t *testing.T) {
	dir := t.TempDir()
	listed, other := filledFile(t, dir+"/listed"), filledFile(t, dir+"/other")
	page := uintptr(os.Getpagesize())
	window, err := unix.MmapPtr(int(listed.Fd()), 0, nil, page, unix.PROT_READ, unix.MAP_SHARED)
	if err != nil {
		t.Fatal(err)
	}
	defer unix.MunmapPtr(window, page)
	all, err := ReadFileMappings(os.Getpid())
	if err != nil {
		t.Fatal(err)
	}
	i := slices.IndexFunc(all, func(m Mapping) bool { return m.Start == uint64(uintptr(window)) })
	if i < 0 {
		t.Fatalf("%p is not in %+v", window, all)
	}
	if err := os.Remove(listed.Name()); err != nil {
		t.Fatal(err)
	}
	opened, path, err := OpenMapped(os.Getpid(), &all[i])
	if os.IsPermission(err) {
		t.Skip(err)
	}
	if err != nil || path != listed.Name()+" (deleted)" {
		t.Fatalf("%+v, %q, %v", opened, path, err)
	}
	opened.Close()
	replace := func(f *os.File) {
		t.Helper()
		if _, err := unix.MmapPtr(int(f.Fd()), 0, window, page, unix.PROT_READ, unix.MAP_SHARED|unix.MAP_FIXED); err != nil {
			t.Fatal(err)
		}
		if opened, path, err := OpenMapped(os.Getpid(), &all[i]); !errors.Is(err, ErrReplaced) {
			t.Errorf("%+v, %q, %v", opened, path, err)
		}
	}
	replace(other)
	replace(filledFile(t, listed.Name())) // of the same path
}
