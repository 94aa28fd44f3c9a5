package workload

import (
	"fmt"
	"os"
	"path/filepath"
	"time"

	"golang.org/x/sys/unix"
)

// hold allocates the memory that the flags ask for.
func (w *workload) hold() error {
	if err := w.holdAnonymous(int(w.Anon)); err != nil {
		return err
	}
	if err := w.holdShared(int(w.Shm)); err != nil {
		return err
	}
	return w.cache(int(w.Cache))
}

// holdAnonymous maps anonymous memory and writes to every page of it.
func (w *workload) holdAnonymous(size int) error {
	if size == 0 {
		return nil
	}
	m, err := unix.Mmap(-1, 0, size, unix.PROT_READ|unix.PROT_WRITE, unix.MAP_PRIVATE|unix.MAP_ANONYMOUS)
	if err != nil {
		return fmt.Errorf("mapping %d bytes of anonymous memory: %w", size, err)
	}
	fill(m)
	w.held = append(w.held, region{m, sum(m)})
	return nil
}

// holdShared does the same with shared memory.
func (w *workload) holdShared(size int) error {
	if size == 0 {
		return nil
	}
	fd, err := unix.MemfdCreate("haltscope", unix.MFD_CLOEXEC)
	if err != nil {
		return fmt.Errorf("creating a memfd: %w", err)
	}
	defer unix.Close(fd)
	if err := unix.Ftruncate(fd, int64(size)); err != nil {
		return fmt.Errorf("giving the memfd %d bytes: %w", size, err)
	}
	m, err := unix.Mmap(fd, 0, size, unix.PROT_READ|unix.PROT_WRITE, unix.MAP_SHARED)
	if err != nil {
		return fmt.Errorf("mapping %d bytes of shared memory: %w", size, err)
	}
	fill(m)
	w.held = append(w.held, region{m, sum(m)})
	return nil
}

// stride is the distance of the words that fill writes, in bytes. It is less than the size of any page.
const stride = 256

// fill writes to every page. It writes something else to each, for the kernel may merge or compress pages that are alike.
func fill(m []byte) {
	x := uint64(time.Now().UnixNano()) | 1
	for i := 0; i+8 <= len(m); i += stride {
		x ^= x << 13
		x ^= x >> 7
		x ^= x << 17
		for b := range 8 {
			m[i+b] = byte(x >> (8 * b))
		}
	}
}

// cache writes a file to disk. Its pages stay in the page cache, clean.
func (w *workload) cache(size int) error {
	if size == 0 {
		return nil
	}
	w.file = cached{path: filepath.Join(w.Data, "cache"), size: size, block: 1 << 20}
	f, err := os.Create(w.file.path)
	if err != nil {
		return fmt.Errorf("creating the file to cache: %w", err)
	}
	defer f.Close()
	block := make([]byte, w.file.block)
	fill(block)
	w.file.whole, w.file.end = sum(block), sum(block[:size%len(block)])
	for left := size; left > 0; left -= len(block) {
		if _, err := f.Write(block[:min(left, len(block))]); err != nil {
			return fmt.Errorf("writing the file to cache: %w", err)
		}
	}
	if err := f.Sync(); err != nil {
		return fmt.Errorf("writing the file to cache: %w", err)
	}
	return nil
}

// burn uses CPU time, in percent of one core, in slices of 100 ms.
func burn(percent int) {
	const slice = 100 * time.Millisecond
	busy := slice * time.Duration(min(percent, 100)) / 100
	for busy > 0 {
		began := time.Now()
		for time.Since(began) < busy {
			continue
		}
		time.Sleep(slice - busy)
	}
}
