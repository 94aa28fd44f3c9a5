package cgroupfs

import (
	"bytes"
	"debug/buildinfo"
	"debug/elf"
	"encoding/binary"
	"errors"
	"fmt"
	"io"
	"os"
	"path"
	"strings"
)

// Exe is the base name of the program that a process runs, after links, so busybox where it was called sh. Empty where
// it cannot be read: a kernel thread, a zombie.
func Exe(pid int) string {
	to, err := os.Readlink(fmt.Sprintf("/proc/%d/exe", pid))
	if err != nil {
		return ""
	}
	return path.Base(strings.TrimSuffix(to, " (deleted)"))
}

// maxSymbols bounds the symbol table that is read, in bytes.
const maxSymbols = 64 << 20

// GoProgram is what a Go program's file and memory tell of its way with signals.
type GoProgram struct {
	Version string // of Go
	// Notify: os/signal.Notify is linked into it. Nil where its function table could not be found.
	Notify *bool
	// Wanted are the signals that the program has asked for, runtime.sig.wanted. Nil where the symbol is stripped, or the
	// program is loaded where its file does not say.
	Wanted *SignalSet
}

// errNotGo means that a program was not built by Go, or does not say so.
var errNotGo = errors.New("no Go program")

// ReadGo looks at the executable of a process and, where its symbols tell where, at the memory of the process.
// The file comes from a container, so nothing in it is trusted.
func ReadGo(pid int) (g GoProgram, err error) {
	// debug/elf is not made for hostile files.
	defer func() {
		if r := recover(); r != nil {
			g, err = GoProgram{}, fmt.Errorf("process %d: its executable: %v", pid, r)
		}
	}()
	f, err := os.Open(fmt.Sprintf("/proc/%d/exe", pid))
	if err != nil {
		return g, fmt.Errorf("process %d: its executable: %w", pid, err)
	}
	defer f.Close()
	info, err := buildinfo.Read(f)
	if err != nil {
		return g, fmt.Errorf("process %d: %w: %w", pid, errNotGo, err)
	}
	g.Version = info.GoVersion
	file, err := elf.NewFile(f)
	if err != nil {
		return g, nil
	}
	g.Notify = linksNotify(file)
	if at, ok := signalTable(file); ok {
		if set, err := peekWanted(pid, at); err == nil {
			g.Wanted = &set
		}
	}
	return g, nil
}

// linksNotify looks for the function in the table of functions, which stays in a stripped program, too.
func linksNotify(file *elf.File) *bool {
	section := file.Section(".gopclntab")
	if section == nil {
		section = file.Section(".data.rel.ro.gopclntab")
	}
	if section == nil || section.Type == elf.SHT_NOBITS {
		return nil
	}
	// As it lies in the file: nobody's compression is undone.
	lies := io.NewSectionReader(section.ReaderAt, 0, int64(section.FileSize))
	found, err := contains(lies, []byte("os/signal.Notify\x00"))
	if err != nil {
		return nil
	}
	return &found
}

// contains reads r to its end, in pieces.
func contains(r io.Reader, text []byte) (bool, error) {
	buf, kept := make([]byte, 1<<16), 0
	for {
		n, err := r.Read(buf[kept:])
		if bytes.Contains(buf[:kept+n], text) {
			return true, nil
		}
		if err == io.EOF {
			return false, nil
		}
		if err != nil {
			return false, err
		}
		// What may be the beginning of the text is kept.
		tail := min(len(text)-1, kept+n)
		copy(buf, buf[kept+n-tail:kept+n])
		kept = tail
	}
}

// signalTable is where runtime.sig lies, in a program that is loaded where its file says.
func signalTable(file *elf.File) (uint64, bool) {
	symtab := file.SectionByType(elf.SHT_SYMTAB)
	if file.Type != elf.ET_EXEC || symtab == nil || symtab.Size > maxSymbols {
		return 0, false
	}
	symbols, err := file.Symbols()
	if err != nil {
		return 0, false
	}
	for _, s := range symbols {
		if s.Name == "runtime.sig" && s.Size >= 64 {
			return s.Value, true
		}
	}
	return 0, false
}

// peekWanted reads runtime.sig.wanted, a bit for each signal, bit 0 unused. Source: runtime/sigqueue.go of Go 1.26; the
// same since Go 1.10 on 64-bit machines:
//
//	var sig struct {
//		note    note          // 8 bytes
//		mask    [3]uint32
//		wanted  [3]uint32
func peekWanted(pid int, at uint64) (SignalSet, error) {
	var words [12]byte
	if err := Peek(pid, at+8+12, words[:]); err != nil {
		return 0, err
	}
	low, high := binary.NativeEndian.Uint32(words[:]), binary.NativeEndian.Uint32(words[4:])
	last := binary.NativeEndian.Uint32(words[8:])
	return SignalSet(uint64(last)<<63 | uint64(high)<<31 | uint64(low)>>1), nil
}
