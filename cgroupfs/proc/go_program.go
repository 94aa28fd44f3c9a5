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
	// Wanted are the signals that the program has asked for: runtime.sig.wanted. Nil if neither its symbols nor its code say where that
	// is, or if this version's layout is unknown.
	Wanted *SignalSet
	// SetsTraceback reports whether the program links debug.SetTraceback, with which it may have the runtime end it by SIGABRT.
	SetsTraceback bool
}

// ReadGo reads the executable of a process, and its memory if the symbols say where to look. The error wraps
// [ErrNotGo] if the program was not built by Go; another one means that this is not known.
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
	g := GoProgram{Version: file.version, Notify: file.notify, SetsTraceback: file.traceback}
	if file.signals == 0 {
		return g, nil
	}
	moved := uint64(0) // for how far it is loaded from where its file says
	if file.entry != 0 {
		entry, err := entryPoint(pid)
		if err != nil {
			return g, nil
		}
		moved = entry - file.entry
	}
	if set, err := peekWanted(pid, file.signals+moved+file.wanted); err == nil {
		g.Wanted = &set
	}
	return g, nil
}

// peekWanted reads runtime.sig.wanted from the memory of a process, given its address. Each signal has a bit, and bit 0 is unused.
func peekWanted(pid int, address uint64) (SignalSet, error) {
	var words [12]byte
	if err := peek(pid, address, words[:]); err != nil {
		return 0, err
	}
	low := uint64(binary.NativeEndian.Uint32(words[:]))
	high := uint64(binary.NativeEndian.Uint32(words[4:]))
	last := uint64(binary.NativeEndian.Uint32(words[8:]))
	return SignalSet(last<<63 | high<<31 | low>>1), nil
}
