package proc

import (
	"errors"
	"os"
	"path/filepath"
	"testing"
	"unsafe"

	"golang.org/x/sys/unix"
)

// touched makes a file of some pages in memory that nobody has used, by the kernel's record. A mapping of the file is kept, because its
// end would be recorded as a use before Linux 6.3.
func touched(tb testing.TB, f *os.File, pages int) (mapped []byte) {
	tb.Helper()
	page := os.Getpagesize()
	if err := f.Truncate(int64(pages * page)); err != nil {
		tb.Fatal(err)
	}
	mapped, err := unix.Mmap(int(f.Fd()), 0, pages*page, unix.PROT_READ, unix.MAP_SHARED)
	if err != nil {
		tb.Fatal(err)
	}
	tb.Cleanup(func() { unix.Munmap(mapped) })
	if err := unix.Madvise(mapped, unix.MADV_RANDOM); err != nil {
		tb.Fatal(err)
	}
	for i := 0; i < len(mapped); i += page {
		if mapped[i] != 0 {
			tb.Fatal("a hole is not empty")
		}
	}
	return mapped
}

// usesOf returns how many pages of a mapping the kernel has marked as referenced, and how many as active.
func usesOf(tb testing.TB, mapped []byte) (referenced, active int) {
	tb.Helper()
	const pageReferenced, pageActive PageFlags = 1 << 2, 1 << 6
	start := uint64(uintptr(unsafe.Pointer(&mapped[0])))
	flags, err := OpenKpageflags()
	if errors.Is(err, os.ErrPermission) || errors.Is(err, os.ErrNotExist) {
		tb.Skip(err)
	}
	if err != nil {
		tb.Fatal(err)
	}
	defer flags.Close()
	pages := 0
	var failed error
	err = MappedFrames(os.Getpid(), &Mapping{Start: start, End: start + uint64(len(mapped))}, func(frames []uint64) bool {
		entries := make([]uint64, len(frames))
		failed = flags.Read(frames, entries)
		for _, entry := range entries {
			pages++
			if PageFlags(entry).Has(pageReferenced) {
				referenced++
			}
			if PageFlags(entry).Has(pageActive) {
				active++
			}
		}
		return failed == nil
	})
	if err := errors.Join(err, failed); errors.Is(err, ErrFramesHidden) {
		tb.Skip(err)
	} else if err != nil {
		tb.Fatal(err)
	}
	if pages != len(mapped)/os.Getpagesize() {
		tb.Fatalf("%d of %d pages are in memory", pages, len(mapped)/os.Getpagesize())
	}
	return referenced, active
}

// TestCachedFramesUse checks that the kernel does not take a page for used because its frame was looked for: it would keep it in memory
// longer than the others.
func TestCachedFramesUse(t *testing.T) {
	const pages = 300
	for name, open := range map[string]func() (*os.File, error){
		"file": func() (*os.File, error) { return os.Create(filepath.Join(t.TempDir(), "file")) },
		"memfd": func() (*os.File, error) {
			fd, err := unix.MemfdCreate("file", unix.MFD_CLOEXEC)
			return os.NewFile(uintptr(fd), "memfd"), err
		},
	} {
		t.Run(name, func(t *testing.T) {
			f, err := open()
			if err != nil {
				t.Fatal(err)
			}
			defer f.Close()
			mapped := touched(t, f, pages)
			if referenced, active := usesOf(t, mapped); referenced != 0 || active != 0 {
				t.Fatalf("before: %d referenced, %d active", referenced, active)
			}
			for range 3 {
				counts, err := framesOf(t.Context(), t, SizedFile{int(f.Fd()), int64(len(mapped))})
				if err != nil || counts[0] != pages {
					t.Fatalf("%d, %v", counts, err)
				}
				if referenced, active := usesOf(t, mapped); referenced != 0 || active != 0 {
					t.Errorf("%d pages referenced, %d active", referenced, active)
				}
			}
		})
	}
}

// BenchmarkCachedFrames finds the frames of a large file and of many small ones.
func BenchmarkCachedFrames(b *testing.B) {
	page := os.Getpagesize()
	large, small := cachedFile(b, 64<<20/page), cachedFile(b, 4)
	for name, files := range map[string][]SizedFile{
		"large": {{int(large.Fd()), 64 << 20}},
		"small": func() (all []SizedFile) {
			for range 1000 {
				all = append(all, SizedFile{int(small.Fd()), int64(4 * page)})
			}
			return all
		}(),
	} {
		b.Run(name, func(b *testing.B) {
			c, err := NewCachedFrames()
			if err != nil {
				b.Fatal(err)
			}
			defer c.Close()
			for b.Loop() {
				if err := c.Each(b.Context(), files, func([]CachedFrame) error { return nil }); err != nil {
					b.Fatal(err)
				}
			}
		})
	}
}
