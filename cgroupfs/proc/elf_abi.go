package proc

import (
	"debug/elf"
	"io"
	"os"
	"sync"
)

// abi is what decides about the system calls of a program and its memory layout: 32 or 64 bits, the byte order, and the
// machine. Source: elf(5).
type abi struct {
	class, data byte
	machine     [2]byte
}

var unknownABI abi

// ownABI returns the ABI of this program, whose system calls package unix knows.
var ownABI = sync.OnceValue(func() abi { return readABI("/proc/self/exe") })

// readABI reads the ELF header of a program. It returns unknownABI if that cannot be read.
func readABI(path string) abi {
	f, err := os.Open(path)
	if err != nil {
		return unknownABI
	}
	defer f.Close()
	var header [20]byte
	if _, err := io.ReadFull(f, header[:]); err != nil || string(header[:4]) != elf.ELFMAG {
		return unknownABI
	}
	return abi{header[elf.EI_CLASS], header[elf.EI_DATA], [2]byte(header[18:])}
}
