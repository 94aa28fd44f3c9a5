package output

import (
	"context"
	"errors"
	"fmt"
	"os"
	"strconv"
	"strings"

	"golang.org/x/sys/unix"

	"haltscope/compare/fault"
)

// open opens anything but a regular file for writing.
func (t *destination) open(ctx context.Context, waiting func()) (*os.File, error) {
	if n, ok := t.ownDescriptor(); ok {
		return duplicate(n, t.base)
	}
	flags := unix.O_WRONLY | unix.O_APPEND | unix.O_NOCTTY | unix.O_CLOEXEC
	if !t.descriptor {
		// With O_CREAT the kernel protects FIFOs in world-writable directories (fs.protected_fifos).
		flags |= unix.O_NOFOLLOW | unix.O_CREAT
	}
	fd, err := unix.Openat(t.fd(), t.base, flags|unix.O_NONBLOCK, 0o600)
	switch {
	case errors.Is(err, unix.ENXIO) && t.is(unix.S_IFIFO):
		waiting()
		fd, err = t.openForReader(ctx, flags)
	case err == nil && !t.is(unix.S_IFIFO):
		err = unix.SetNonblock(fd, false)
	}
	if err != nil {
		return nil, err
	}
	return os.NewFile(uintptr(fd), t.base), nil
}

// openForReader opens a FIFO once it has a reader, or fails when ctx ends.
func (t *destination) openForReader(ctx context.Context, flags int) (int, error) {
	dir, err := unix.FcntlInt(t.dir.Fd(), unix.F_DUPFD_CLOEXEC, 0) // for the goroutine, which may outlive t
	if err != nil {
		return -1, err
	}
	type opened struct {
		fd  int
		err error
	}
	done := make(chan opened, 1)
	go func() {
		defer unix.Close(dir)
		for {
			if fd, err := unix.Openat(dir, t.base, flags, 0o600); !errors.Is(err, unix.EINTR) {
				done <- opened{fd, err}
				return
			}
		}
	}()
	select {
	case o := <-done:
		return o.fd, o.err
	case <-ctx.Done(): // the goroutine waits until the program ends
		return -1, fault.ErrInterrupted
	}
}

// ownDescriptor returns the number of a descriptor of this process, if t is one. Opening the path would start at the beginning
// of a file that others append to, and fails for a socket.
func (t *destination) ownDescriptor() (n int, ok bool) {
	if !t.descriptor {
		return 0, false
	}
	self, err := os.Readlink("/proc/self")
	n, errNumber := strconv.Atoi(t.base)
	if err != nil || errNumber != nil || n < 0 || t.dirPath != "/proc/"+self+"/fd" && !strings.HasPrefix(t.dirPath, "/proc/"+self+"/task/") {
		return 0, false
	}
	return n, true
}

// duplicate duplicates a descriptor that this process inherited: one without FD_CLOEXEC.
func duplicate(n int, name string) (*os.File, error) {
	flags, err := unix.FcntlInt(uintptr(n), unix.F_GETFD, 0)
	if err != nil || flags&unix.FD_CLOEXEC != 0 {
		return nil, fmt.Errorf("descriptor %d is not open", n)
	}
	mode, err := unix.FcntlInt(uintptr(n), unix.F_GETFL, 0)
	if err != nil || mode&unix.O_ACCMODE == unix.O_RDONLY {
		return nil, fmt.Errorf("descriptor %d is not open for writing", n)
	}
	fd, err := unix.FcntlInt(uintptr(n), unix.F_DUPFD_CLOEXEC, 3)
	if err != nil {
		return nil, err
	}
	return os.NewFile(uintptr(fd), name), nil
}
