package proc

import (
	"encoding/binary"
	"errors"
	"fmt"
	"os"
)

// The keys of an auxiliary vector. Source: getauxval(3), include/uapi/linux/auxvec.h.
const (
	atNull  = 0
	atEntry = 9
)

var errNoEntry = errors.New("no AT_ENTRY")

// entryPoint returns the address at which the program of a process began, in its memory.
func entryPoint(pid int) (uint64, error) {
	path := Folder(pid) + "/auxv"
	data, err := os.ReadFile(path)
	if err != nil {
		return 0, processError(pid, path, err)
	}
	entry, err := parseEntry(data)
	if err != nil {
		return 0, fmt.Errorf("process %d: %s: %w", pid, path, err)
	}
	return entry, nil
}

// parseEntry returns AT_ENTRY of an auxiliary vector: pairs of words, a key and a value. That of a 32-bit process has words of 32
// bits, and is not understood: its keys are then no known ones.
//
//	2100000000000000 0000ab01fe7f0000 … 0900000000000000 40e0460000000000 … 0000000000000000 0000000000000000
//
// Source: proc_pid_auxv(5).
func parseEntry(data []byte) (uint64, error) {
	for ; len(data) >= 16; data = data[16:] {
		switch binary.NativeEndian.Uint64(data) {
		case atEntry:
			return binary.NativeEndian.Uint64(data[8:]), nil
		case atNull:
			return 0, errNoEntry
		}
	}
	return 0, errNoEntry
}
