package proc

import (
	"bytes"
	"encoding/binary"
	"errors"
	"io"
	"slices"
	"testing"
)

// frameReads is the content of a file for frames, in which the entry of frame n is n + 1, and the number of reads.
type frameReads struct {
	*bytes.Reader
	reads int
}

func (r *frameReads) ReadAt(p []byte, at int64) (int, error) {
	r.reads++
	return r.Reader.ReadAt(p, at)
}

func newFrameReads(frames int) *frameReads {
	var data []byte
	for i := range frames {
		data = binary.NativeEndian.AppendUint64(data, uint64(i+1))
	}
	return &frameReads{Reader: bytes.NewReader(data)}
}

// TestFrames checks that entries are read at their frames, that neighbors are read together, and that a frame which the machine does not
// have is 0.
func TestFrames(t *testing.T) {
	for name, test := range map[string]struct {
		frames, want []uint64
		reads        int
	}{
		"none":            {nil, nil, 0},
		"one":             {[]uint64{7}, []uint64{8}, 1},
		"neighbors":       {[]uint64{1, 2, 3 + frameGap}, []uint64{2, 3, 4 + frameGap}, 2},
		"within the gap":  {[]uint64{1, 1 + frameGap}, []uint64{2, 2 + frameGap}, 1},
		"across the span": {[]uint64{0, 60, 9000}, []uint64{1, 61, 9001}, 2},
		"past the end":    {[]uint64{9999, 10_000, 50_000}, []uint64{10_000, 0, 0}, 2},
	} {
		t.Run(name, func(t *testing.T) {
			source := newFrameReads(10_000)
			got := make([]uint64, len(test.frames))
			for i := range got {
				got[i] = 1 << 60
			}
			if err := NewFrameFile(source).Read(test.frames, got); err != nil || !slices.Equal(got, test.want) {
				t.Errorf("%d, %v; want %d", got, err, test.want)
			}
			if source.reads != test.reads {
				t.Errorf("%d reads, want %d", source.reads, test.reads)
			}
		})
	}
	frames := make([]uint64, 3*frameSpan)
	for i := range frames {
		frames[i] = uint64(i)
	}
	got := make([]uint64, len(frames))
	if err := NewFrameFile(newFrameReads(len(frames))).Read(frames, got); err != nil || got[0] != 1 || got[len(got)-1] != uint64(len(got)) {
		t.Errorf("%d … %d, %v", got[0], got[len(got)-1], err)
	}
}

// brokenReader fails.
type brokenReader struct{}

func (brokenReader) ReadAt([]byte, int64) (int, error) { return 0, io.ErrUnexpectedEOF }

func TestFramesUnread(t *testing.T) {
	if err := NewFrameFile(brokenReader{}).Read([]uint64{1}, make([]uint64, 1)); !errors.Is(err, io.ErrUnexpectedEOF) {
		t.Error(err)
	}
}

func TestParsePagemap(t *testing.T) {
	entry := func(all ...uint64) (data []byte) {
		for _, e := range all {
			data = binary.NativeEndian.AppendUint64(data, e)
		}
		return data
	}
	const present, swapped = 1 << 63, 1 << 62
	frames, err := parsePagemap(nil, entry(0, present|5, swapped|9, present|1<<55|(1<<55-1)))
	if err != nil || !slices.Equal(frames, []uint64{5, 1<<55 - 1}) {
		t.Errorf("%d, %v", frames, err)
	}
	if _, err := parsePagemap(nil, entry(present)); !errors.Is(err, ErrFramesHidden) {
		t.Errorf("a hidden frame: %v", err)
	}
	if frames, err := parsePagemap(nil, append(entry(present|5), 1, 2, 3)); err != nil || len(frames) != 1 {
		t.Errorf("a part of an entry: %d, %v", frames, err)
	}
}

func FuzzParsePagemap(f *testing.F) {
	f.Add([]byte("\x05\x00\x00\x00\x00\x00\x00\x80"))
	f.Fuzz(func(t *testing.T, data []byte) {
		frames, err := parsePagemap(nil, data)
		if len(frames) > len(data)/8 || err != nil && !errors.Is(err, ErrFramesHidden) {
			t.Errorf("%d frames, %v", len(frames), err)
		}
	})
}
