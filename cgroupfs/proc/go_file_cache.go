package proc

import (
	"errors"
	"fmt"
	"os"
	"slices"
	"sync"

	"golang.org/x/sys/unix"
)

// goFiles caches executables, because watch asks for the same ones again and again, and so do predictions for many containers of one
// image. Reading one of 20 MB takes 4 ms and as many MiB.
var goFiles = goFileCache{known: map[fileKey]*goAnswer{}}

// maxGoFiles bounds the size of the cache. An entry takes about 200 bytes.
const maxGoFiles = 2048

type goFileCache struct {
	mu    sync.Mutex
	known map[fileKey]*goAnswer
	order []fileKey // oldest first
	reads int       // number of files that were read
}

// fileKey identifies a file for as long as nobody writes to it.
type fileKey struct {
	dev, ino          uint64 // dev is 0 in an overlay
	size              int64
	modified, changed unix.Timespec
}

// goAnswer is what an executable says, once it has been read.
type goAnswer struct {
	once sync.Once
	file goFile
	err  error // ErrNotGo or nil, if it is kept
}

// keyOf returns the key of a file. Each container has an overlay of its own, and with it a device number of its own; the other numbers are
// those of the file in the image's layer, which the containers of one image share.
func keyOf(f *os.File) (fileKey, error) {
	var s unix.Stat_t
	if err := unix.Fstat(int(f.Fd()), &s); err != nil {
		return fileKey{}, fmt.Errorf("fstat: %w", err)
	}
	key := fileKey{uint64(s.Dev), s.Ino, s.Size, s.Mtim, s.Ctim}
	var system unix.Statfs_t
	if err := unix.Fstatfs(int(f.Fd()), &system); err != nil {
		return fileKey{}, fmt.Errorf("fstatfs: %w", err)
	}
	if system.Type == unix.OVERLAYFS_SUPER_MAGIC {
		key.dev = 0
	}
	return key, nil
}

// read returns what an executable says, from the cache if the file has not changed. Several calls for one file at a time read it once.
func (c *goFileCache) read(f *os.File) (goFile, error) {
	key, err := keyOf(f)
	if err != nil {
		return goFile{}, err
	}
	answer := c.answer(key)
	answer.once.Do(func() {
		answer.file, answer.err = readGoFile(f)
		c.mu.Lock()
		defer c.mu.Unlock()
		c.reads++
		if answer.err != nil && !errors.Is(answer.err, ErrNotGo) { // another error may not occur again
			c.forget(key)
		}
	})
	return answer.file, answer.err
}

// answer returns the entry of a file, a new one if it is not known.
func (c *goFileCache) answer(key fileKey) *goAnswer {
	c.mu.Lock()
	defer c.mu.Unlock()
	if answer, ok := c.known[key]; ok {
		return answer
	}
	answer := &goAnswer{}
	c.known[key] = answer
	if c.order = append(c.order, key); len(c.order) > maxGoFiles {
		c.forget(c.order[0])
	}
	return answer
}

// forget drops the entry of a file. The caller holds the lock.
func (c *goFileCache) forget(key fileKey) {
	delete(c.known, key)
	if i := slices.Index(c.order, key); i >= 0 {
		c.order = slices.Delete(c.order, i, i+1)
	}
}
