package proc

import (
	"errors"
	"fmt"
	"os"
	"sync"

	"golang.org/x/sys/unix"
)

// goFiles caches executables, because watch asks for the same ones again and again, and reading one of 20 MB takes 4 ms
// and as many MiB.
var goFiles = goFileCache{known: map[fileKey]goAnswer{}}

// maxGoFiles bounds the size of the cache. An entry takes about 200 bytes.
const maxGoFiles = 2048

type goFileCache struct {
	mu    sync.Mutex
	known map[fileKey]goAnswer
	order []fileKey // oldest first
	reads int       // number of files that were read
}

// fileKey identifies a file for as long as nobody writes to it.
type fileKey struct {
	dev, ino          uint64
	size              int64
	modified, changed unix.Timespec
}

type goAnswer struct {
	file goFile
	err  error // errNotGo or nil
}

// read returns what an executable says, from the cache if the file has not changed.
func (c *goFileCache) read(f *os.File) (goFile, error) {
	var s unix.Stat_t
	if err := unix.Fstat(int(f.Fd()), &s); err != nil {
		return goFile{}, fmt.Errorf("fstat: %w", err)
	}
	key := fileKey{uint64(s.Dev), s.Ino, s.Size, s.Mtim, s.Ctim}
	c.mu.Lock()
	answer, ok := c.known[key]
	c.mu.Unlock()
	if ok {
		return answer.file, answer.err
	}
	answer.file, answer.err = readGoFile(f)
	c.mu.Lock()
	defer c.mu.Unlock()
	c.reads++
	if answer.err == nil || errors.Is(answer.err, errNotGo) { // another error may not occur again
		c.add(key, answer)
	}
	return answer.file, answer.err
}

func (c *goFileCache) add(key fileKey, answer goAnswer) {
	if _, ok := c.known[key]; ok {
		return
	}
	c.known[key] = answer
	if c.order = append(c.order, key); len(c.order) > maxGoFiles {
		delete(c.known, c.order[0])
		c.order = append(c.order[:0], c.order[1:]...)
	}
}
