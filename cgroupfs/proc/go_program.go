package proc

import (
	"encoding/binary"
	"fmt"
	"os"
)

// GoProgram is what the executable and the memory of a Go program show about the signals that it handles. The Go runtime
// installs a handler for every signal, so /proc/PID/status alone does not show that.
type GoProgram struct {
	Version string // of Go, such as go1.26.8
	// Notify reports whether os/signal.Notify is linked into the program. Nil if its function table was not found.
	Notify *bool
	// Wanted are the signals that the program has asked for: runtime.sig.wanted. Nil if the symbol is stripped, if the
	// program is not loaded at the address in its file, or if this version's layout is unknown.
	Wanted *SignalSet
}

// ReadGo reads the executable of a process, and its memory if the symbols say where to look. It returns an error if the
// program was not built by Go.
func ReadGo(pid int) (GoProgram, error) {
	f, err := os.Open(Folder(pid) + "/exe")
	if err != nil {
		return GoProgram{}, fmt.Errorf("opening the executable of process %d: %w", pid, err)
	}
	defer f.Close()
	file, err := goFiles.read(f)
	if err != nil {
		return GoProgram{}, fmt.Errorf("reading the executable of process %d: %w", pid, err)
	}
	g := GoProgram{Version: file.version, Notify: file.notify}
	if file.signals != 0 {
		if set, err := peekWanted(pid, file.signals); err == nil {
			g.Wanted = &set
		}
	}
	return g, nil
}

// peekWanted reads runtime.sig.wanted from the memory of a process, given the address of runtime.sig. Each signal has a
// bit, and bit 0 is unused. On 64-bit machines the layout is
//
//	var sig struct {
//		note       note       // 8 bytes; 4 on 32-bit machines
//		mask       [3]uint32
//		wanted     [3]uint32
//		ignored    [3]uint32
//		recv       [3]uint32
//		state      uint32
//		delivering uint32
//		inuse      bool
//	}
//
// Source: Go, runtime/sigqueue.go.
func peekWanted(pid int, address uint64) (SignalSet, error) {
	var words [12]byte
	if err := peek(pid, address+8+12, words[:]); err != nil {
		return 0, err
	}
	low := uint64(binary.NativeEndian.Uint32(words[:]))
	high := uint64(binary.NativeEndian.Uint32(words[4:]))
	last := uint64(binary.NativeEndian.Uint32(words[8:]))
	return SignalSet(last<<63 | high<<31 | low>>1), nil
}
