package proc

import (
	"os"
	"slices"
	"testing"

	"golang.org/x/sys/unix"
)

func TestParseFileMappings(t *testing.T) {
	got, err := parseFileMappings([]byte(`563c8f4d2000-563c8f4d5000 r--p 00000000 fe:00 917586                     /usr/bin/redis-server
7f1e5c000000-7f1e5c021000 rw-p 00000000 00:00 0 
7f1e60c00000-7f1e61c00000 rw-s 00000000 00:01 2057                       /memfd:a b (deleted)
7f1e62000000-7f1e62100000 rw-s 00000000 00:01 0                          /SYSV00000000 (deleted)
7ffe4d5f9000-7ffe4d61a000 rw-p 00000000 00:00 0                          [stack]
ffffffffff600000-ffffffffff601000 --xp 00000000 00:00 0                  [vsyscall]
`))
	want := []Mapping{{Start: 0x563c8f4d2000, End: 0x563c8f4d5000, Dev: unix.Mkdev(0xfe, 0), Inode: 917586, Path: "/usr/bin/redis-server"},
		{Start: 0x7f1e60c00000, End: 0x7f1e61c00000, Dev: unix.Mkdev(0, 1), Inode: 2057, Path: "/memfd:a b (deleted)"},
		{Start: 0x7f1e62000000, End: 0x7f1e62100000, Dev: unix.Mkdev(0, 1), Path: "/SYSV00000000 (deleted)"}}
	if err != nil || !slices.Equal(got, want) {
		t.Errorf("%+v, %v", got, err)
	}
	if link := want[0].link(os.Getpid()); link != Folder(os.Getpid())+"/map_files/563c8f4d2000-563c8f4d5000" {
		t.Error(link)
	}
	for _, bad := range []string{"\n", "x", "1-2 r--p 0 0:0\n", "1-2 r--p 0 0:0 x\n", "1 r--p 0 0:0 1\n",
		"1-2 r--p 0 00 1\n", "g-2 r--p 0 0:0 1\n"} {
		if got, err := parseFileMappings([]byte(bad)); err == nil {
			t.Errorf("%q: %+v", bad, got)
		}
	}
}

func FuzzParseFileMappings(f *testing.F) {
	f.Add([]byte("563c8f4d2000-563c8f4d5000 r--p 00000000 fe:00 917586                     /usr/bin/redis-server\n"))
	f.Add([]byte("7ffe4d5f9000-7ffe4d61a000 rw-p 00000000 00:00 0                          [stack]\n"))
	f.Fuzz(func(t *testing.T, data []byte) {
		all, _ := parseFileMappings(data)
		for _, m := range all {
			if m.Dev == 0 {
				t.Errorf("%+v", m)
			}
		}
	})
}

// TestOpenMapped checks that a mapped file is found again by the links of the kernel, after it was deleted too.
func TestOpenMapped(t *testing.T) {
	f, err := os.Create(t.TempDir() + "/a\nb")
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	if _, err := f.WriteString("text"); err != nil {
		t.Fatal(err)
	}
	mapped, err := unix.Mmap(int(f.Fd()), 0, 4, unix.PROT_READ, unix.MAP_SHARED)
	if err != nil {
		t.Fatal(err)
	}
	defer unix.Munmap(mapped)
	if err := os.Remove(f.Name()); err != nil {
		t.Fatal(err)
	}
	var s unix.Stat_t
	if err := unix.Fstat(int(f.Fd()), &s); err != nil {
		t.Fatal(err)
	}
	all, err := ReadFileMappings(os.Getpid())
	if err != nil {
		t.Fatal(err)
	}
	i := slices.IndexFunc(all, func(m Mapping) bool { return m.Inode == s.Ino })
	if i < 0 {
		t.Fatalf("inode %d is not in %+v", s.Ino, all)
	}
	found, path, err := OpenMapped(os.Getpid(), &all[i])
	if os.IsPermission(err) {
		t.Skip(err)
	}
	if err != nil {
		t.Fatal(err)
	}
	defer found.Close()
	if found.Dev != s.Dev || found.Inode != s.Ino || found.Size != 4 || !found.Deleted || path != f.Name()+" (deleted)" {
		t.Errorf("%+v, %q", found, path)
	}
}
