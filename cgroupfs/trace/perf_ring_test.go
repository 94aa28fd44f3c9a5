package trace

import (
	"bytes"
	"encoding/binary"
	"errors"
	"testing"
)

// record returns a record of a length that contains its number.
func record(number byte, length uint16) []byte {
	data := bytes.Repeat([]byte{number}, int(length))
	binary.NativeEndian.PutUint32(data, uint32(number))
	binary.NativeEndian.PutUint16(data[4:], 0)
	binary.NativeEndian.PutUint16(data[6:], length)
	return data
}

// A record may wrap around the end of the buffer.
func TestRecordAt(t *testing.T) {
	const size = 64
	one, two := record(1, 40), record(2, 48)
	data := make([]byte, size)
	copy(data, one)
	r := &ring{}
	if got, err := r.recordAt(data, 0, 40); err != nil || !bytes.Equal(got, one) {
		t.Errorf("%x, %v", got, err)
	}
	copy(data[40:], two)
	copy(data, two[24:])
	if got, err := r.recordAt(data, 40, 88); err != nil || !bytes.Equal(got, two) {
		t.Errorf("wrapped: %x, %v", got, err)
	}
	if got, err := r.recordAt(data, 40+10*size, 88+10*size); err != nil || !bytes.Equal(got, two) {
		t.Errorf("later: %x, %v", got, err)
	}
	for name, c := range map[string]struct {
		length     uint16
		tail, head uint64
	}{
		"no length":          {0, 0, 40},
		"below the header":   {4, 0, 40},
		"above the head":     {48, 0, 40},
		"more than there is": {40, 0, 200},
		"no room":            {40, 0, 4},
	} {
		binary.NativeEndian.PutUint16(data[6:], c.length)
		if got, err := r.recordAt(data, c.tail, c.head); !errors.Is(err, errRing) {
			t.Errorf("%s: %x, %v", name, got, err)
		}
	}
}

func TestRingPages(t *testing.T) {
	for cpus, want := range map[int]int{1: 64, 16: 64, 17: 32, 64: 16, 1024: 16} {
		if got := ringPages(cpus); got != want {
			t.Errorf("%d CPUs: %d pages, wanted %d", cpus, got, want)
		}
	}
}
