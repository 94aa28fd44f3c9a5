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

// CachedFrames finds the page frames of the pages of files that are in memory. It reads nothing into memory: it maps the files, asks
// mincore(2) which pages are there, lets the kernel map these alone (MADV_POPULATE_READ), and reads their frames in its own pagemap. The
// memory of the mapping is never accessed, so that a file which is cut off meanwhile raises no SIGBUS. With MADV_RANDOM neither
// the kernel's read-ahead nor its record of which pages were used changes.
//
// Many files are mapped together, because each call costs more than a page. Each goroutine needs a CachedFrames of its own. Source:
// mincore(2); madvise(2), MADV_POPULATE_READ since Linux 5.14.
type CachedFrames struct {
	pagemap  *os.File
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

// ErrFramesHidden means that the kernel does not tell this process the frames of pages.
var ErrFramesHidden = errors.New("the kernel hides page frames: this takes CAP_SYS_ADMIN")

// NewCachedFrames opens the pagemap of this process, and reserves addresses. The error wraps [errors.ErrUnsupported] before Linux 5.14.
func NewCachedFrames() (*CachedFrames, error) {
	c := &CachedFrames{page: os.Getpagesize()}
	var err error
	c.window, err = unix.MmapPtr(-1, 0, nil, windowSize, unix.PROT_NONE, unix.MAP_PRIVATE|unix.MAP_ANONYMOUS|unix.MAP_NORESERVE)
	if err != nil {
		return nil, os.NewSyscallError("mmap", err)
	}
	// Without a length the kernel only checks whether it knows the advice.
	if _, _, errno := unix.Syscall(unix.SYS_MADVISE, uintptr(c.window), 0, unix.MADV_POPULATE_READ); errno != 0 {
		unix.MunmapPtr(c.window, windowSize)
		return nil, fmt.Errorf("madvise(MADV_POPULATE_READ), which takes Linux 5.14: %w", errors.ErrUnsupported)
	}
	if c.pagemap, err = os.Open("/proc/self/pagemap"); err != nil {
		return nil, errors.Join(err, unix.MunmapPtr(c.window, windowSize))
	}
	pages := windowSize / c.page
	c.resident, c.entries, c.frames = make([]byte, pages), make([]byte, 8*pages), make([]CachedFrame, 0, pages)
	return c, nil
}

// Close closes the pagemap, and releases the addresses.
func (c *CachedFrames) Close() {
	c.pagemap.Close()
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
	if err := c.populate(resident); err != nil {
		return err
	}
	entries := c.entries[:8*len(resident)]
	if _, err := c.pagemap.ReadAt(entries, int64(uintptr(c.window))/int64(c.page)*8); err != nil {
		return fmt.Errorf("reading /proc/self/pagemap: %w", err)
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

// populate lets the kernel map the resident pages.
func (c *CachedFrames) populate(resident []byte) error {
	for i := 0; i < len(resident); {
		if resident[i]&1 == 0 {
			i++
			continue
		}
		end := i + 1
		for end < len(resident) && resident[end]&1 == 1 {
			end++
		}
		err := unix.Madvise(c.mapped(i, end), unix.MADV_POPULATE_READ)
		if errors.Is(err, unix.EFAULT) { // a file is shorter now, or the disk failed: the call ends there
			err = c.populateParts(i, end)
		}
		if err != nil {
			return os.NewSyscallError("madvise(MADV_POPULATE_READ)", err)
		}
		i = end
	}
	return nil
}

// populateParts lets the kernel map some resident pages, file by file. It leaves out what is behind a page that has gone.
func (c *CachedFrames) populateParts(start, end int) error {
	for _, part := range c.parts {
		from, to := max(start, part.start), min(end, part.end)
		if from >= to {
			continue
		}
		if err := unix.Madvise(c.mapped(from, to), unix.MADV_POPULATE_READ); err != nil && !errors.Is(err, unix.EFAULT) {
			return err
		}
	}
	return nil
}
