package cgroupfs

import (
	"context"
	"errors"
	"fmt"
	"os"
	"sync"

	"haltscope/cgroupfs/proc"
)

// FilePages counts the cached pages of files, by the cgroup that each page is charged to. A page is counted once, even if it is found
// in several files or several times. It may be used by several goroutines, each with a [FileCounter] of its own.
type FilePages struct {
	own map[uint64]bool // inode numbers of the cgroup and those below it

	mu   sync.Mutex
	seen map[uint64]*frameSet // by frame / frameSetSize
}

// FileCount is how many bytes of a file are in memory.
type FileCount struct {
	File, Shmem    uint64            // charged to the cgroup as page cache, and as shared memory or tmpfs
	Dirty          uint64            // of page cache, not written to disk yet
	ChargedToOther map[uint64]uint64 // by the inode number of another cgroup, see [Host.MemoryPaths]; 0 stands for none
	Unknown        uint64            // of pages of which it is not known what they are charged to: their compound page is too large
}

// OpenFilePages prepares to count for a group. The error is that of opening a file of the kernel if it has no list of pages, or does not
// let us read it.
func (g *Group) OpenFilePages() (*FilePages, error) {
	own, err := g.MemoryInodes()
	if err != nil {
		return nil, err
	}
	f := &FilePages{own: own, seen: map[uint64]*frameSet{}}
	counter, err := f.Counter()
	if err != nil {
		return nil, err
	}
	counter.Close()
	return f, nil
}

// frameSet is a set of neighboring page frames.
type frameSet [frameSetSize / 64]uint64

const frameSetSize = 1 << 15

// unseen returns the frames that were not given before, in the same memory.
func (f *FilePages) unseen(frames []proc.CachedFrame) []proc.CachedFrame {
	f.mu.Lock()
	defer f.mu.Unlock()
	left := frames[:0]
	for _, cached := range frames {
		frame := cached.Frame
		set := f.seen[frame/frameSetSize]
		if set == nil {
			set = new(frameSet)
			f.seen[frame/frameSetSize] = set
		}
		word, bit := &set[frame%frameSetSize/64], uint64(1)<<(frame%64)
		if *word&bit == 0 {
			*word |= bit
			left = append(left, cached)
		}
	}
	return left
}

// FileCounter counts for one goroutine.
type FileCounter struct {
	pages                  *FilePages
	cgroupOf, flagsOf      *proc.FrameFile
	cached                 *proc.CachedFrames
	frames, cgroups, flags []uint64
}

// Counter returns a counter, which the caller closes. The error is as that of [Group.OpenFilePages].
func (f *FilePages) Counter() (c *FileCounter, err error) {
	c = &FileCounter{pages: f}
	if c.cgroupOf, err = proc.OpenKpagecgroup(); err != nil {
		return nil, err
	}
	if c.flagsOf, err = proc.OpenKpageflags(); err == nil {
		if c.cached, err = proc.NewCachedFrames(); err == nil {
			return c, nil
		}
		c.flagsOf.Close()
	}
	c.cgroupOf.Close()
	return nil, err
}

// Close closes the counter.
func (c *FileCounter) Close() {
	c.cached.Close()
	c.flagsOf.Close()
	c.cgroupOf.Close()
}

// Count counts the cached pages of some open files. It reads none into memory. With an error, such as that of ctx, it returns what it has
// counted.
func (c *FileCounter) Count(ctx context.Context, files ...proc.SizedFile) ([]FileCount, error) {
	counts := make([]FileCount, len(files))
	err := c.cached.Each(ctx, files, func(frames []proc.CachedFrame) error { return c.add(counts, frames) })
	return counts, err
}

// read reads what the kernel says of the pages in c.frames.
func (c *FileCounter) read() error {
	if len(c.cgroups) < len(c.frames) {
		c.cgroups, c.flags = make([]uint64, len(c.frames)), make([]uint64, len(c.frames))
	}
	if err := c.cgroupOf.Read(c.frames, c.cgroups); err != nil {
		return fmt.Errorf("/proc/kpagecgroup: %w", err)
	}
	if err := c.flagsOf.Read(c.frames, c.flags); err != nil {
		return fmt.Errorf("/proc/kpageflags: %w", err)
	}
	return nil
}

// add counts the pages in some frames.
func (c *FileCounter) add(counts []FileCount, frames []proc.CachedFrame) error {
	frames = c.pages.unseen(frames)
	c.frames = c.frames[:0]
	for _, f := range frames {
		c.frames = append(c.frames, f.Frame)
	}
	if err := c.read(); err != nil {
		return err
	}
	page := uint64(os.Getpagesize())
	var head compoundHead
	for i, f := range frames {
		count, cgroup, flag := &counts[f.File], c.cgroups[i], proc.PageFlags(c.flags[i])
		if !flag.Has(proc.PageCompoundTail) {
			head = compoundHead{last: f.Frame, found: true, cgroup: cgroup, flags: flag}
		} else {
			if err := head.find(c, f.Frame); err != nil {
				return err
			}
			if !head.found {
				count.Unknown += page
				continue
			}
			if cgroup == 0 {
				cgroup = head.cgroup
			}
			flag |= head.flags
		}
		count.add(page, cgroup, c.pages.own[cgroup], flag)
	}
	return nil
}

// add counts one page.
func (count *FileCount) add(page, cgroup uint64, own bool, flags proc.PageFlags) {
	switch {
	case !own:
		if count.ChargedToOther == nil {
			count.ChargedToOther = map[uint64]uint64{}
		}
		count.ChargedToOther[cgroup] += page
	case flags.Has(proc.PageSwapBacked):
		count.Shmem += page
	default:
		count.File += page
		if flags.Has(proc.PageDirty) {
			count.Dirty += page
		}
	}
}

// Maps reports whether a process maps a page of a file, by some mapping, that is charged to the cgroup.
func (c *FileCounter) Maps(pid int, m *proc.Mapping) (maps bool, err error) {
	failed := proc.MappedFrames(pid, m, func(frames []uint64) bool {
		c.frames = append(c.frames[:0], frames...)
		if err = c.read(); err != nil {
			return false
		}
		for i := range c.frames {
			maps = maps || c.pages.own[c.cgroups[i]] && !proc.PageFlags(c.flags[i]).Has(proc.PageAnon)
		}
		return !maps
	})
	return maps, errors.Join(failed, err)
}

// compoundHead is the first page of the compound page that was looked at last.
type compoundHead struct {
	last   uint64 // the last frame that is known to belong to it
	found  bool
	cgroup uint64
	flags  proc.PageFlags
}

// maxCompound is how many frames before a tail its head is looked for: those of a huge page.
const maxCompound = 512

// find finds the head of the compound page that a tail belongs to, unless it is too far away.
func (h *compoundHead) find(c *FileCounter, tail uint64) error {
	if h.last != 0 && tail == h.last+1 {
		h.last = tail
		return nil
	}
	var frames, entries [maxCompound]uint64
	before := int(min(tail, maxCompound))
	for i := range before {
		frames[i] = tail - uint64(before-i)
	}
	if err := c.flagsOf.Read(frames[:before], entries[:before]); err != nil {
		return fmt.Errorf("/proc/kpageflags: %w", err)
	}
	*h = compoundHead{last: tail}
	for i := before - 1; i >= 0; i-- {
		if flags := proc.PageFlags(entries[i]); !flags.Has(proc.PageCompoundTail) {
			h.flags = flags
			if err := c.cgroupOf.Read(frames[i:i+1], entries[:1]); err != nil {
				return fmt.Errorf("/proc/kpagecgroup: %w", err)
			}
			h.found, h.cgroup = true, entries[0]
			return nil
		}
	}
	return nil
}
