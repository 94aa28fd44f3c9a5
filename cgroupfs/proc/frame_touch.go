package proc

import (
	"errors"
	"os"
	"unsafe"

	"golang.org/x/sys/unix"
)

// pageToucher lets the kernel map pages of this process's address space. It writes a byte of each into a file in memory, and so leaves
// their reading to the kernel: where a file has been truncated meanwhile, the call fails with EFAULT, and no SIGBUS is raised.
//
// MADV_POPULATE_READ would map them as well, but record each page as used. Source: mm/gup.c, faultin_page_range and FOLL_TOUCH;
// mm/filemap.c, generic_perform_write.
type pageToucher struct {
	sink   int          // a memfd
	copies []unix.Iovec // a byte of each page
}

// maxCopies is how many buffers a call takes: IOV_MAX.
const maxCopies = 1024

func newPageToucher() (*pageToucher, error) {
	sink, err := unix.MemfdCreate("haltscope", unix.MFD_CLOEXEC)
	if err != nil {
		return nil, os.NewSyscallError("memfd_create", err)
	}
	return &pageToucher{sink, make([]unix.Iovec, 0, maxCopies)}, nil
}

func (t *pageToucher) close() { unix.Close(t.sink) }

// add adds a page, and touches all when there are enough for a call.
func (t *pageToucher) add(page unsafe.Pointer) error {
	t.copies = append(t.copies, unix.Iovec{Base: (*byte)(page), Len: 1})
	if len(t.copies) < maxCopies {
		return nil
	}
	return t.flush()
}

// flush touches the pages that were added. Those that have gone are left out.
func (t *pageToucher) flush() error {
	left := t.copies
	t.copies = t.copies[:0]
	for len(left) > 0 {
		n, err := t.write(left)
		if errors.Is(err, unix.EFAULT) { // up to Linux 5.15 all of them may be untouched, and any may be the one that has gone
			return t.each(left)
		}
		if err != nil {
			return err
		}
		left = left[n:]
	}
	return nil
}

// each touches pages one by one.
func (t *pageToucher) each(pages []unix.Iovec) error {
	for i := range pages {
		if _, err := t.write(pages[i : i+1]); err != nil && !errors.Is(err, unix.EFAULT) {
			return err
		}
	}
	return nil
}

// write touches pages, and returns how many, from the first one on.
func (t *pageToucher) write(pages []unix.Iovec) (n int, err error) {
	for {
		written, _, errno := unix.Syscall6(unix.SYS_PWRITEV, uintptr(t.sink), uintptr(unsafe.Pointer(&pages[0])), uintptr(len(pages)), 0, 0, 0)
		switch {
		case errno == 0 && written > 0:
			return int(written), nil
		case errno == 0:
			errno = unix.EIO
		case errno == unix.EINTR:
			continue
		}
		return 0, os.NewSyscallError("pwritev", errno)
	}
}
