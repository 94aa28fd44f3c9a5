package proc

import (
	"os"
	"strings"
	"testing"

	"golang.org/x/sys/unix"

	"haltscope/cgroupfs/figure"
	"haltscope/cgroupfs/internal/figuretest"
)

func TestParseSmapsRollup(t *testing.T) {
	text := "55a9191b9000-7ffcbc7df000 ---p 00000000 00:00 0                          [rollup]\nRss:                1712 kB\n" +
		"Pss:                 254 kB\nPss_Dirty:           112 kB\nLazyFree:             12 kB\n" +
		"Locked: x kB\n" + strings.Repeat("Unknown: 1 kB\n", 1<<16)
	r := parseSmapsRollup([]byte(text))
	if !r.Rss.Is(1712<<10) || !r.Pss.Is(254<<10) || !r.LazyFree.Is(12<<10) || r.Locked.State() != figure.Failed ||
		r.PssAnon.State() != figure.Unsupported {
		t.Errorf("%+v", r)
	}
	if r := parseSmapsRollup(nil); r != figure.AllWithout[SmapsRollup](figure.Unsupported) {
		t.Errorf("empty: %+v", r)
	}
}

// A process without memory adds nothing. One that could not be read makes the sum unknown.
func TestLazyFree(t *testing.T) {
	of := func(figures ...figure.Figure) (all []Member) {
		for _, f := range figures {
			all = append(all, Member{Rollup: SmapsRollup{LazyFree: f}})
		}
		return all
	}
	zombie, ended, failed := figure.Without(figure.Unsupported), figure.Without(figure.Vanished), figure.Without(figure.Failed)
	for _, c := range []struct {
		name    string
		members []Member
		want    figure.Figure
	}{
		{"no process", nil, figure.Figure{}},
		{"added up", of(figure.Number(4096), zombie, figure.Number(0), ended, figure.Number(8192)), figure.Number(12288)},
		{"a zombie first", of(zombie, figure.Number(4096)), figure.Number(4096)},
		{"zero", of(zombie, figure.Number(0)), figure.Number(0)},
		{"one could not be read", of(figure.Number(4096), failed, figure.Number(4096)), failed},
		{"an old kernel", of(zombie, zombie), zombie},
	} {
		if got := LazyFree(c.members); got != c.want {
			t.Errorf("%s: %s, want %s", c.name, got, c.want)
		}
	}
}

// Memory that this process has released by MADV_FREE counts until it is written to again.
func TestReadLazyFree(t *testing.T) {
	const size, touched = 64 << 20, 1 << 20
	page := os.Getpagesize()
	memory, err := unix.Mmap(-1, 0, size, unix.PROT_READ|unix.PROT_WRITE, unix.MAP_PRIVATE|unix.MAP_ANON)
	if err != nil {
		t.Fatal(err)
	}
	defer unix.Munmap(memory)
	touch := func(n int) {
		for i := 0; i < n; i += page {
			memory[i] = 1
		}
	}
	lazyFree := func() int {
		r, _ := ReadSmapsRollup(os.Getpid())
		v, ok := r.LazyFree.Value()
		if !ok {
			t.Skipf("this kernel does not report LazyFree: %s", r.LazyFree)
		}
		return int(v)
	}
	touch(size)
	before := lazyFree()
	if err := unix.Madvise(memory, unix.MADV_FREE); err != nil {
		t.Skip(err)
	}
	// Each CPU may hold back some pages, which are reclaimed all the same.
	const heldBack = 4 << 20
	if got := lazyFree() - before; got > size || got < size-heldBack {
		t.Errorf("LazyFree is %d after releasing %d", got, size)
	}
	touch(touched)
	if got := lazyFree() - before; got > size-touched || got < size-touched-heldBack {
		t.Errorf("LazyFree is %d after releasing %d and using %d again", got, size, touched)
	}
}

func FuzzParseSmapsRollup(f *testing.F) { figuretest.Fuzz(f, parseSmapsRollup, "smaps_rollup") }
