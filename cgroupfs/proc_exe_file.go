package cgroupfs

import (
	"debug/buildinfo"
	"debug/elf"
	"errors"
	"fmt"
	"os"
	"sync"

	"golang.org/x/sys/unix"
)

// goFile is what the file of a Go program tells, whichever process runs it.
type goFile struct {
	version string
	notify  *bool  // see GoProgram
	signals uint64 // where runtime.sig lies; 0 where that is not known
}

// fileKey names a file for as long as nobody writes to it.
type fileKey struct {
	dev, ino          uint64
	size              int64
	modified, changed unix.Timespec
}

// maxGoFiles bounds how many files are remembered, of about 200 bytes each.
const maxGoFiles = 2048

// goFiles are the files that were looked at. A file of 20 MB takes 4 ms and as many MiB, and a watch asks for the same ones
// again and again.
var goFiles = goFileCache{known: map[fileKey]goAnswer{}}

type goFileCache struct {
	mu    sync.Mutex
	known map[fileKey]goAnswer
	order []fileKey // the oldest first
	reads int       // of files that were not known
}

type goAnswer struct {
	file goFile
	err  error // errNotGo
}

// read returns what a file tells, from memory where it is the same as before.
func (c *goFileCache) read(f *os.File) (goFile, error) {
	var is unix.Stat_t
	if err := unix.Fstat(int(f.Fd()), &is); err != nil {
		return goFile{}, fmt.Errorf("its executable: %w", err)
	}
	key := fileKey{uint64(is.Dev), is.Ino, is.Size, is.Mtim, is.Ctim}
	c.mu.Lock()
	answer, known := c.known[key]
	c.mu.Unlock()
	if known {
		return answer.file, answer.err
	}
	answer.file, answer.err = readGoFile(f)
	c.mu.Lock()
	defer c.mu.Unlock()
	c.reads++
	if answer.err != nil && !errors.Is(answer.err, errNotGo) {
		return answer.file, answer.err // it may be read another time
	}
	if _, known := c.known[key]; !known {
		c.known[key] = answer
		if c.order = append(c.order, key); len(c.order) > maxGoFiles {
			delete(c.known, c.order[0])
			c.order = append(c.order[:0], c.order[1:]...)
		}
	}
	return answer.file, answer.err
}

// readGoFile reads an executable. It comes from a container, so nothing in it is trusted.
func readGoFile(f *os.File) (g goFile, err error) {
	// debug/elf is not made for hostile files.
	defer func() {
		if r := recover(); r != nil {
			g, err = goFile{}, fmt.Errorf("%w: its executable: %v", errNotGo, r)
		}
	}()
	info, err := buildinfo.Read(f)
	var unread *os.PathError
	switch {
	case errors.As(err, &unread):
		return g, err
	case err != nil:
		return g, fmt.Errorf("%w: %w", errNotGo, err)
	}
	g.version = info.GoVersion
	file, err := elf.NewFile(f)
	if err != nil {
		return g, nil
	}
	g.notify = linksNotify(file)
	g.signals = signalTable(file, g.version)
	return g, nil
}
