package acceptance

import (
	"fmt"
	"os"
	"runtime/debug"
	"strconv"
	"strings"
	"time"

	"golang.org/x/sys/unix"
)

// holderEnv makes this program, when started again in a container, hold memory of the kinds that it lists: KIND:MIB or KIND:MIB:PATH,
// separated by blanks.
//
//	file:8:/data/a     writes a file, and syncs it
//	dirty:2:/data/a    writes a file
//	mapped:8:/data/a   maps a file, after writing it unless it exists, and reads each page
//	deleted:3:/gone    writes a file, keeps it open, and deletes it
//	memfd:4            memfd_create
//	shared:2           memory that a child process would share
//	sysv:1             a SysV segment
const holderEnv = "HALTSCOPE_TEST_HOLDER"

// hold holds the memory until the program is killed.
func hold(kinds string) error {
	debug.SetGCPercent(-1) // so that anonymous memory stays as it is
	for _, one := range strings.Fields(kinds) {
		kind, rest, _ := strings.Cut(one, ":")
		size, path, _ := strings.Cut(rest, ":")
		mib, err := strconv.Atoi(size)
		if err == nil {
			err = holdOne(kind, mib<<20, path)
		}
		if err != nil {
			return fmt.Errorf("%s: %w", one, err)
		}
	}
	fmt.Println("ready")
	time.Sleep(time.Hour)
	return nil
}

func holdOne(kind string, size int, path string) error {
	switch kind {
	case "file", "dirty":
		f, err := written(path, size)
		if err != nil {
			return err
		}
		if kind == "file" {
			err = f.Sync()
		}
		f.Close()
		return err
	case "deleted":
		if _, err := written(path, size); err != nil { // stays open
			return err
		}
		return os.Remove(path)
	case "mapped":
		f, err := os.Open(path)
		if os.IsNotExist(err) {
			f, err = written(path, size)
		}
		if err != nil {
			return err
		}
		return mapShared(int(f.Fd()), size, false)
	case "memfd":
		fd, err := unix.MemfdCreate("held", 0)
		if err != nil {
			return err
		}
		if err := unix.Ftruncate(fd, int64(size)); err != nil {
			return err
		}
		return mapShared(fd, size, true)
	case "shared":
		m, err := unix.Mmap(-1, 0, size, unix.PROT_READ|unix.PROT_WRITE, unix.MAP_SHARED|unix.MAP_ANONYMOUS)
		fill(m)
		return err
	case "sysv":
		id, err := unix.SysvShmGet(unix.IPC_PRIVATE, size, 0o600)
		if err != nil {
			return err
		}
		m, err := unix.SysvShmAttach(id, 0, 0)
		fill(m)
		return err
	}
	return fmt.Errorf("no such kind")
}

func written(path string, size int) (*os.File, error) {
	f, err := os.Create(path)
	if err != nil {
		return nil, err
	}
	_, err = f.Write(make([]byte, size))
	return f, err
}

// mapShared maps a file, and writes to or reads each page of it.
func mapShared(fd, size int, write bool) error {
	protection := unix.PROT_READ
	if write {
		protection |= unix.PROT_WRITE
	}
	m, err := unix.Mmap(fd, 0, size, protection, unix.MAP_SHARED)
	if err != nil {
		return err
	}
	if write {
		fill(m)
		return nil
	}
	sum := 0
	for i := 0; i < len(m); i += pageSize {
		sum += int(m[i])
	}
	if sum < 0 {
		return fmt.Errorf("the sum of bytes is %d", sum)
	}
	return nil
}

func fill(m []byte) {
	for i := 0; i < len(m); i += pageSize {
		m[i] = 1
	}
}
