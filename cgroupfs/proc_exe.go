package cgroupfs

import (
	"bytes"
	"debug/elf"
	"encoding/binary"
	"errors"
	"fmt"
	"go/version"
	"io"
	"os"
	"path"
	"strconv"
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
	// Wanted are the signals that the program has asked for, runtime.sig.wanted. Nil where the symbol is stripped, the
	// program is loaded where its file does not say, or its layout is not known.
	Wanted *SignalSet
}

// errNotGo means that a program was not built by Go, or does not say so.
var errNotGo = errors.New("no Go program")

// ReadGo looks at the executable of a process and, where its symbols tell where, at the memory of the process.
func ReadGo(pid int) (GoProgram, error) {
	f, err := os.Open(fmt.Sprintf("/proc/%d/exe", pid))
	if err != nil {
		return GoProgram{}, fmt.Errorf("process %d: its executable: %w", pid, err)
	}
	defer f.Close()
	file, err := goFiles.read(f)
	if err != nil {
		return GoProgram{}, fmt.Errorf("process %d: %w", pid, err)
	}
	g := GoProgram{Version: file.version, Notify: file.notify}
	if file.signals != 0 {
		if set, err := peekWanted(pid, file.signals); err == nil {
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

// signalTable is where runtime.sig lies, in a program that is loaded where its file says and whose layout is known; 0
// where that is not so.
func signalTable(file *elf.File, goVersion string) uint64 {
	symtab := file.SectionByType(elf.SHT_SYMTAB)
	if file.Type != elf.ET_EXEC || file.Class != elf.ELFCLASS64 || !knownLayout(goVersion) || symtab == nil || symtab.Size > maxSymbols {
		return 0
	}
	symbols, err := file.Symbols()
	if err != nil {
		return 0
	}
	for _, s := range symbols {
		if s.Name == "runtime.sig" && s.Size == signalTableSize {
			return s.Value
		}
	}
	return 0
}

// Versions of Go whose runtime.sig is laid out as [peekWanted] reads it.
const (
	firstGo, lastGo = 13, 26 // 1.13 was the first to write build info into a program
	signalTableSize = 72
)

// knownLayout reports whether a version, such as go1.26.8, is one of them.
func knownLayout(goVersion string) bool {
	goVersion, _, _ = strings.Cut(goVersion, " ") // go1.26.8 X:experiment
	minor, err := strconv.Atoi(strings.TrimPrefix(version.Lang(goVersion), "go1."))
	return err == nil && minor >= firstGo && minor <= lastGo
}

// peekWanted reads runtime.sig.wanted, a bit for each signal, bit 0 unused. Source: runtime/sigqueue.go, on 64-bit machines:
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
func peekWanted(pid int, at uint64) (SignalSet, error) {
	var words [12]byte
	if err := Peek(pid, at+8+12, words[:]); err != nil {
		return 0, err
	}
	low, high := binary.NativeEndian.Uint32(words[:]), binary.NativeEndian.Uint32(words[4:])
	last := binary.NativeEndian.Uint32(words[8:])
	return SignalSet(uint64(last)<<63 | uint64(high)<<31 | uint64(low)>>1), nil
}
