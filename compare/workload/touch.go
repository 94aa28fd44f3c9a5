package workload

import (
	"encoding/binary"
	"fmt"
	"os"
	"time"

	"golang.org/x/sys/unix"
)

// region is memory that is held, and the checksum of what was written to it.
type region struct {
	memory []byte
	sum    uint64
}

// cached is the file in the page cache. It repeats one block, and ends with a part of it.
type cached struct {
	path       string
	size       int
	block      int    // bytes
	whole, end uint64 // checksums of a block, and of the part
}

// sum is the checksum of what fill writes. It reads every page.
func sum(m []byte) (s uint64) {
	for i := 0; i+8 <= len(m); i += stride {
		s = s*31 + binary.LittleEndian.Uint64(m[i:])
	}
	return s
}

// touch reads everything that is held, and the cached file, and reports how long each took. It writes nothing. Intact is false
// if something that was swapped out or dropped does not come back as it was.
func (w *workload) touch() error {
	intact := true
	began := time.Now()
	for _, r := range w.held {
		intact = sum(r.memory) == r.sum && intact
	}
	held := time.Since(began).Microseconds()
	began = time.Now()
	same, err := w.file.read()
	if err != nil {
		return err
	}
	file := time.Since(began).Microseconds()
	intact = intact && same
	return w.write(Line{Event: Touched, Instance: w.instance, HeldUsec: &held, FileUsec: &file, Intact: &intact})
}

// read reads the file through a mapping, so that the kernel counts a major fault for what is not in memory. It counts none for
// read(2).
func (c cached) read() (same bool, err error) {
	if c.size == 0 {
		return true, nil
	}
	f, err := os.Open(c.path)
	if err != nil {
		return false, fmt.Errorf("opening the cached file: %w", err)
	}
	defer f.Close()
	m, err := unix.Mmap(int(f.Fd()), 0, c.size, unix.PROT_READ, unix.MAP_SHARED)
	if err != nil {
		return false, fmt.Errorf("mapping %s: %w", c.path, err)
	}
	defer unix.Munmap(m)
	same = true
	for ; len(m) >= c.block; m = m[c.block:] {
		same = sum(m[:c.block]) == c.whole && same
	}
	return sum(m) == c.end && same, nil
}
