package proc

import (
	"bytes"
	"context"
	"errors"
	"os"
	"path/filepath"
	"testing"

	"golang.org/x/sys/unix"
)

// cachedFile makes a file of some pages, of which all are in memory.
func cachedFile(t testing.TB, pages int) *os.File {
	t.Helper()
	f, err := os.Create(filepath.Join(t.TempDir(), "file"))
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { f.Close() })
	if _, err := f.Write(make([]byte, pages*os.Getpagesize())); err != nil {
		t.Fatal(err)
	}
	return f
}

func newFrames(t *testing.T) *CachedFrames {
	t.Helper()
	c, err := NewCachedFrames()
	if errors.Is(err, errors.ErrUnsupported) {
		t.Skip(err)
	}
	if err != nil {
		t.Fatal(err)
	}
	return c
}

// framesOf returns how many cached pages each file has.
func framesOf(ctx context.Context, t *testing.T, files ...SizedFile) ([]int, error) {
	t.Helper()
	c, err := NewCachedFrames()
	if err != nil {
		t.Fatal(err)
	}
	defer c.Close()
	counts, seen := make([]int, len(files)), map[uint64]int{}
	err = c.Each(ctx, files, func(frames []CachedFrame) error {
		for i, f := range frames {
			if i > 0 && f.Frame <= frames[i-1].Frame {
				t.Errorf("frame %d after %d", f.Frame, frames[i-1].Frame)
			}
			counts[f.File]++
			seen[f.Frame]++
		}
		return nil
	})
	if errors.Is(err, ErrFramesHidden) {
		t.Skip(err)
	}
	for frame, n := range seen {
		if n != 1 {
			t.Errorf("frame %d was found %d times", frame, n)
		}
	}
	return counts, err
}

// TestCachedFrames checks that the pages of each file are found, one frame each, in files that need more than one window, that cover a
// part of a page, and that have holes, of which no page is read into memory.
func TestCachedFrames(t *testing.T) {
	page := int64(os.Getpagesize())
	small, big := cachedFile(t, 3), cachedFile(t, windowSize/os.Getpagesize()+100)
	hole := cachedFile(t, 0)
	if err := hole.Truncate(10 * windowSize); err != nil {
		t.Fatal(err)
	}
	if _, err := hole.WriteAt([]byte("x"), 5*windowSize); err != nil {
		t.Fatal(err)
	}
	files := []SizedFile{{int(small.Fd()), 2*page + 1}, {int(hole.Fd()), 10 * windowSize}, {int(big.Fd()), windowSize + 100*page},
		{int(small.Fd()), 0}}
	for range windowParts {
		files = append(files, SizedFile{int(hole.Fd()), page})
	}
	counts, err := framesOf(t.Context(), t, files...)
	if err != nil {
		t.Fatal(err)
	}
	want := []int{3, 1, windowSize/int(page) + 100, 0}
	for i, n := range counts {
		if i < len(want) && n != want[i] || i >= len(want) && n != 0 {
			t.Errorf("file %d: %d pages", i, n)
		}
	}
}

// TestCachedFramesCutOff checks that a file which is shorter than it was neither ends the program nor hides the others.
func TestCachedFramesCutOff(t *testing.T) {
	page := int64(os.Getpagesize())
	short, other := cachedFile(t, 2), cachedFile(t, 2)
	counts, err := framesOf(t.Context(), t, SizedFile{int(short.Fd()), 8 * page}, SizedFile{int(other.Fd()), 2 * page})
	if err != nil || counts[0] != 2 || counts[1] != 2 {
		t.Errorf("%d, %v", counts, err)
	}
}

// TestCachedFramesCutOffMeanwhile checks that the pages which are left are found when a file is cut off after mincore, on both sides of
// those that have gone.
func TestCachedFramesCutOffMeanwhile(t *testing.T) {
	const pages, left = 3 * maxCopies, maxCopies + 7
	page := os.Getpagesize()
	c := newFrames(t)
	defer c.Close()
	files := []*os.File{cachedFile(t, pages), cachedFile(t, left)}
	for i, f := range files {
		if err := c.add(i, int(f.Fd()), 0, pages*page); err != nil {
			t.Fatal(err)
		}
	}
	if err := files[0].Truncate(int64(left * page)); err != nil {
		t.Fatal(err)
	}
	if err := c.touch(bytes.Repeat([]byte{1}, 2*pages)); err != nil {
		t.Fatal(err)
	}
	start := uint64(uintptr(c.window))
	for i := range uint64(len(files)) {
		found := 0
		from := start + i*pages*uint64(page)
		err := MappedFrames(os.Getpid(), &Mapping{Start: from, End: from + pages*uint64(page)}, func(frames []uint64) bool {
			found += len(frames)
			return true
		})
		if errors.Is(err, ErrFramesHidden) {
			t.Skip(err)
		}
		if err != nil || found != left {
			t.Errorf("file %d: %d pages, %v", i, found, err)
		}
	}
}

func TestCachedFramesFailures(t *testing.T) {
	r, w, err := os.Pipe()
	if err != nil {
		t.Fatal(err)
	}
	defer r.Close()
	defer w.Close()
	file, page := cachedFile(t, 1), int64(os.Getpagesize())
	counts, err := framesOf(t.Context(), t, SizedFile{int(r.Fd()), page}, SizedFile{int(file.Fd()), page})
	if !errors.Is(err, unix.ENODEV) && !errors.Is(err, unix.EACCES) || counts[1] != 1 {
		t.Errorf("with a pipe: %d, %v", counts, err)
	}
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	if _, err := framesOf(ctx, t, SizedFile{int(file.Fd()), page}); !errors.Is(err, context.Canceled) {
		t.Errorf("cancelled: %v", err)
	}
}
