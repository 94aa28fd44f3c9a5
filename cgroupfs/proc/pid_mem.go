package proc

import (
	"encoding/binary"
	"fmt"
	"os"
)

// peek reads memory of a process, without stopping it. Source: proc_pid_mem(5).
func peek(pid int, address uint64, into []byte) error {
	f, err := os.Open(Folder(pid) + "/mem")
	if err != nil {
		return fmt.Errorf("opening the memory of process %d: %w", pid, err)
	}
	defer f.Close()
	if _, err := f.ReadAt(into, int64(address)); err != nil {
		return fmt.Errorf("reading the memory of process %d at %#x: %w", pid, address, err)
	}
	return nil
}

func peekUint64(pid int, address uint64) (uint64, error) {
	var word [8]byte
	if err := peek(pid, address, word[:]); err != nil {
		return 0, err
	}
	return binary.NativeEndian.Uint64(word[:]), nil
}
