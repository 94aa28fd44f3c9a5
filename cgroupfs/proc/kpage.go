package proc

import (
	"encoding/binary"
	"errors"
	"fmt"
	"io"
	"os"
)

// FrameFile is a kernel file with a 64-bit number for each page frame of the machine, such as /proc/kpageflags. It is read only at
// the frames that are asked for. Each goroutine needs its own.
//
// Source: Documentation/admin-guide/mm/pagemap.rst.
type FrameFile struct {
	file   io.ReaderAt
	buffer []byte
}

// The bounds of one read: how far apart two frames of it may be, and how many it covers. The entries between are read as well.
const (
	frameGap  = 64
	frameSpan = 4096
)

func openFrameFile(path string) (*FrameFile, error) {
	f, err := os.Open(path)
	if err != nil {
		return nil, err
	}
	return NewFrameFile(f), nil
}

// NewFrameFile returns a file with the content of r, which Close closes if it is an [io.Closer].
func NewFrameFile(r io.ReaderAt) *FrameFile { return &FrameFile{r, make([]byte, 8*frameSpan)} }

// Close closes the file.
func (f *FrameFile) Close() {
	if c, ok := f.file.(io.Closer); ok {
		c.Close()
	}
}

// Read reads the entries of some page frames, which are in ascending order, into a slice of the same length. A frame that this machine
// does not have has the entry 0.
func (f *FrameFile) Read(frames, entries []uint64) error {
	for i := 0; i < len(frames); {
		first, next := frames[i], i+1
		for next < len(frames) && frames[next]-frames[next-1] <= frameGap && frames[next]-first < frameSpan {
			next++
		}
		data := f.buffer[:8*(frames[next-1]-first+1)]
		n, err := f.file.ReadAt(data, int64(8*first))
		if err != nil && !errors.Is(err, io.EOF) {
			return fmt.Errorf("reading the entries of the page frames from %d to %d: %w", first, frames[next-1], err)
		}
		clear(data[n:])
		for ; i < next; i++ {
			entries[i] = binary.NativeEndian.Uint64(data[8*(frames[i]-first):])
		}
	}
	return nil
}
