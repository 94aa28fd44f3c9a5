package proc

import (
	"encoding/binary"
	"errors"
	"fmt"
	"io"
	"os"
	"slices"
)

// PagemapEntry is an entry of /proc/PID/pagemap, which describes one page of a process's address space.
//
//	bits 0-54  page frame number, if present
//	bit  62    swapped out
//	bit  63    present in memory
//
// Source: Documentation/admin-guide/mm/pagemap.rst. Without CAP_SYS_ADMIN the frame number reads as 0.
type PagemapEntry uint64

// Frame returns the page frame, and whether the page is in memory.
func (e PagemapEntry) Frame() (frame uint64, present bool) {
	return uint64(e) & (1<<55 - 1), e>>63 == 1
}

func pagemapEntry(data []byte) PagemapEntry { return PagemapEntry(binary.NativeEndian.Uint64(data)) }

// MappedFrames calls found with the page frames of a process's mapping that it has touched, in ascending order, part by part. It ends
// early if found returns false. The error wraps [ErrNoProcess] if there is no such process.
func MappedFrames(pid int, m *Mapping, found func(frames []uint64) bool) error {
	path := Folder(pid) + "/pagemap"
	f, err := os.Open(path)
	if err != nil {
		return processError(pid, path, err)
	}
	defer f.Close()
	page := uint64(os.Getpagesize())
	var buffer [8 * frameSpan]byte
	for at, end := m.Start/page, m.End/page; at < end; at += frameSpan {
		n, err := f.ReadAt(buffer[:8*min(end-at, frameSpan)], int64(8*at))
		if err != nil && !errors.Is(err, io.EOF) {
			return processError(pid, path, err)
		}
		frames, err := parsePagemap(nil, buffer[:n])
		if err != nil {
			return fmt.Errorf("reading %s: %w", path, err)
		}
		slices.Sort(frames)
		if len(frames) > 0 && !found(frames) || n < len(buffer) {
			return nil
		}
	}
	return nil
}

// parsePagemap appends the frames of the pages that are present.
func parsePagemap(frames []uint64, data []byte) ([]uint64, error) {
	for ; len(data) >= 8; data = data[8:] {
		frame, present := pagemapEntry(data).Frame()
		switch {
		case present && frame == 0:
			return frames, ErrFramesHidden
		case present:
			frames = append(frames, frame)
		}
	}
	return frames, nil
}
