package cgroupfs

import (
	"debug/elf"
	"io"
	"os"
	"sync"
)

// abi is what the head of a program's file says of its system calls and the layout of its memory: 32 or 64 bits, the order
// of bytes, and the machine. Source: elf(5).
type abi struct {
	class, data byte
	machine     [2]byte
}

var unknownABI abi

// ownABI is this program's: the one whose system calls package unix numbers.
var ownABI = sync.OnceValue(func() abi { return readABI("/proc/self/exe") })

// readABI reads the head of a program's file; unknownABI where that cannot be read.
func readABI(path string) abi {
	f, err := os.Open(path)
	if err != nil {
		return unknownABI
	}
	defer f.Close()
	var head [20]byte
	if _, err := io.ReadFull(f, head[:]); err != nil || string(head[:4]) != elf.ELFMAG {
		return unknownABI
	}
	return abi{head[elf.EI_CLASS], head[elf.EI_DATA], [2]byte(head[18:])}
}
