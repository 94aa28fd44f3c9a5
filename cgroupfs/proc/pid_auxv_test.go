package proc

import (
	"encoding/binary"
	"errors"
	"os"
	"testing"
)

func TestParseEntry(t *testing.T) {
	vector := func(words ...uint64) (data []byte) {
		for _, word := range words {
			data = binary.NativeEndian.AppendUint64(data, word)
		}
		return data
	}
	if entry, err := parseEntry(vector(33, 1, atEntry, 0x46e040, atNull, 0)); err != nil || entry != 0x46e040 {
		t.Errorf("%#x, %v", entry, err)
	}
	for _, data := range [][]byte{nil, vector(33, 1, atNull, 0, atEntry, 1), vector(atEntry), vector(33, 1)[:9]} {
		if entry, err := parseEntry(data); !errors.Is(err, errNoEntry) {
			t.Errorf("%x: %#x, %v", data, entry, err)
		}
	}
	if entry, err := entryPoint(os.Getpid()); err != nil || entry == 0 {
		t.Errorf("%#x, %v", entry, err)
	}
	if _, err := entryPoint(1<<22 + 1); !errors.Is(err, ErrNoProcess) {
		t.Error(err)
	}
}

func FuzzParseEntry(f *testing.F) {
	f.Add(make([]byte, 32))
	f.Fuzz(func(t *testing.T, data []byte) { parseEntry(data) })
}
