package proc

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"os"
	"slices"
	"unsafe"

	"golang.org/x/sys/unix"
)

// CachedFrames finds the page frames of the pages of files that are in memory. It maps the files, asks mincore(2) which pages are there,
// lets the kernel map these alone, and reads their frames in its own pagemap. The program itself never accesses the memory of the mapping,
// so a file that is truncated meanwhile raises no SIGBUS. A page that the kernel drops between the two calls is read again.
//
// With MADV_RANDOM the kernel's read-ahead does not change, and neither does its record of which pages were used, which decides what it
// keeps in memory: since Linux 6.3 it takes nothing in such a mapping for used, and before in one with MADV_SEQUENTIAL, which each
// mapping therefore has at its end. Source: mincore(2); include/linux/mm_inline.h, vma_has_recency; mm/memory.c, zap_pte_range.
//
// Many files are mapped together, because each call costs more than a page. Each goroutine needs a CachedFrames of its own.
type CachedFrames struct {
	pagemap  *os.File
	toucher  *pageToucher
	page     int
	window   unsafe.Pointer // where files are mapped
	used     int            // bytes of it
	parts    []mappedPart   // in the order of their addresses
	resident []byte         // by page of the window: bit 0 is set if it is in memory
	entries  []byte         // of the pagemap
	frames   []CachedFrame
}

// CachedFrame is a page frame, and the index of the file that its page belongs to.
type CachedFrame struct {
	Frame uint64
	File  int
}

// SizedFile is an open file of some size.
type SizedFile struct {
	FD   int
	Size int64
}

// mappedPart is a part of a file in the window.
type mappedPart struct {
	file       int
	start, end int // in pages of the window
}

// The bounds of a window: its size in bytes, and how many parts of files it has.
const (
	windowSize  = 64 << 20
	windowParts = 512
)

// ErrFramesHidden means that the kernel hides the frames of pages from this process.
var ErrFramesHidden = errors.New("the kernel hides page frames: this takes CAP_SYS_ADMIN")

// NewCachedFrames opens the pagemap of this process, and reserves addresses.
func NewCachedFrames() (*CachedFrames, error) {
	c := &CachedFrames{page: os.Getpagesize()}
	var err error
	c.window, err = unix.MmapPtr(-1, 0, nil, windowSize, unix.PROT_NONE, unix.MAP_PRIVATE|unix.MAP_ANONYMOUS|unix.MAP_NORESERVE)
	if err != nil {
		return nil, os.NewSyscallError("mmap", err)
	}
	if c.toucher, err = newPageToucher(); err != nil {
		return nil, errors.Join(err, unix.MunmapPtr(c.window, windowSize))
	}
	if c.pagemap, err = os.Open("/proc/self/pagemap"); err != nil {
		c.toucher.close()
		return nil, errors.Join(err, unix.MunmapPtr(c.window, windowSize))
	}
	pages := windowSize / c.page
	c.resident, c.entries, c.frames = make([]byte, pages), make([]byte, 8*pages), make([]CachedFrame, 0, pages)
	return c, nil
}

// Close closes the pagemap, and releases the addresses.
func (c *CachedFrames) Close() {
	c.pagemap.Close()
	c.toucher.close()
	unix.MunmapPtr(c.window, windowSize)
}

// Each calls found with the frames of the cached pages of some files, part by part, each in ascending order of frames. The slice is
// valid during the call only. It ends early when ctx is done, and after the first error of found. A file that cannot be mapped is named
// in the error, and the others are looked at all the same.
func (c *CachedFrames) Each(ctx context.Context, files []SizedFile, found func(frames []CachedFrame) error) (failed error) {
	defer c.reset()
	for i, f := range files {
		for at := int64(0); at < f.Size; {
			if err := ctx.Err(); err != nil {
				return err
			}
			length := min(f.Size-at, int64(windowSize-c.used))
			if length <= 0 || len(c.parts) == windowParts {
				if err := c.flush(found); err != nil {
					return err
				}
				continue
			}
			if err := c.add(i, f.FD, at, int(length)); err != nil {
				failed = err
				break
			}
			at += length
		}
	}
	if err := c.flush(found); err != nil {
		return err
	}
	return failed
}

// add maps a part of a file.
func (c *CachedFrames) add(file, fd int, at int64, length int) error {
	_, err := unix.MmapPtr(fd, at, unsafe.Add(c.window, c.used), uintptr(length), unix.PROT_READ, unix.MAP_SHARED|unix.MAP_FIXED)
	if err != nil {
		return os.NewSyscallError("mmap", err)
	}
	start := c.used / c.page
	end := start + (length+c.page-1)/c.page
	c.parts = append(c.parts, mappedPart{file, start, end})
	c.used = end * c.page
	return nil
}

// flush finds the frames of what is mapped, and makes room for more.
func (c *CachedFrames) flush(found func(frames []CachedFrame) error) error {
	if c.used == 0 {
		return nil
	}
	defer c.reset()
	resident := c.resident[:c.used/c.page]
	_, _, errno := unix.Syscall(unix.SYS_MINCORE, uintptr(c.window), uintptr(c.used), uintptr(unsafe.Pointer(&resident[0])))
	if errno != 0 {
		return os.NewSyscallError("mincore", errno)
	}
	if err := unix.Madvise(c.mapped(0, len(resident)), unix.MADV_RANDOM); err != nil {
		return os.NewSyscallError("madvise(MADV_RANDOM)", err)
	}
	entries := c.entries[:8*len(resident)]
	err := c.touch(resident)
	if err == nil {
		if _, err = c.pagemap.ReadAt(entries, int64(uintptr(c.window))/int64(c.page)*8); err != nil {
			err = fmt.Errorf("reading /proc/self/pagemap: %w", err)
		}
	}
	if failed := unix.Madvise(c.mapped(0, len(resident)), unix.MADV_SEQUENTIAL); failed != nil {
		err = errors.Join(err, os.NewSyscallError("madvise(MADV_SEQUENTIAL)", failed))
	}
	if err != nil {
		return err
	}
	c.frames = c.frames[:0]
	for _, part := range c.parts {
		for i := part.start; i < part.end; i++ {
			frame, present := pagemapEntry(entries[8*i:]).Frame()
			switch {
			case present && frame == 0:
				return ErrFramesHidden
			case present:
				c.frames = append(c.frames, CachedFrame{frame, part.file})
			}
		}
	}
	if len(c.frames) == 0 {
		return nil
	}
	slices.SortFunc(c.frames, func(a, b CachedFrame) int { return cmp.Compare(a.Frame, b.Frame) })
	return found(c.frames)
}

// mapped returns some pages of the window. They must not be accessed.
func (c *CachedFrames) mapped(start, end int) []byte {
	return unsafe.Slice((*byte)(unsafe.Add(c.window, start*c.page)), (end-start)*c.page)
}

// reset unmaps the files.
func (c *CachedFrames) reset() {
	if c.used == 0 {
		return
	}
	_, err := unix.MmapPtr(-1, 0, c.window, uintptr(c.used), unix.PROT_NONE,
		unix.MAP_PRIVATE|unix.MAP_ANONYMOUS|unix.MAP_NORESERVE|unix.MAP_FIXED)
	if err != nil {
		panic(os.NewSyscallError("mmap", err)) // the addresses would no longer be reserved
	}
	c.used, c.parts = 0, c.parts[:0]
}

// touch lets the kernel map the resident pages.
func (c *CachedFrames) touch(resident []byte) error {
	for i, state := range resident {
		if state&1 == 0 {
			continue
		}
		if err := c.toucher.add(unsafe.Add(c.window, i*c.page)); err != nil {
			return err
		}
	}
	return c.toucher.flush()
}
