package proc

import (
	"bytes"
	"debug/buildinfo"
	"debug/elf"
	"errors"
	"fmt"
	"go/version"
	"io"
	"os"
	"strconv"
	"strings"
)

// goFile is what the executable of a Go program says, whichever process runs it.
type goFile struct {
	version string
	notify  *bool  // see GoProgram
	signals uint64 // address of runtime.sig, 0 if unknown
}

// errNotGo means that a program was not built by Go, or does not say so.
var errNotGo = errors.New("not a Go program")

// readGoFile reads an executable. It comes from a container, so nothing in it is trusted.
func readGoFile(f *os.File) (g goFile, err error) {
	// Package debug/elf may panic on hostile files.
	defer func() {
		if r := recover(); r != nil {
			g, err = goFile{}, fmt.Errorf("%w: %v", errNotGo, r)
		}
	}()
	info, err := buildinfo.Read(f)
	var unreadable *os.PathError
	switch {
	case errors.As(err, &unreadable):
		return g, err
	case err != nil:
		return g, fmt.Errorf("%w: %w", errNotGo, err)
	}
	g.version = info.GoVersion
	file, err := elf.NewFile(f)
	if err != nil {
		return g, nil
	}
	g.notify = linksNotify(file)
	g.signals = signalTable(file, g.version)
	return g, nil
}

// linksNotify looks for os/signal.Notify in the function table, which stripped programs have as well.
func linksNotify(file *elf.File) *bool {
	section := file.Section(".gopclntab")
	if section == nil {
		section = file.Section(".data.rel.ro.gopclntab")
	}
	if section == nil || section.Type == elf.SHT_NOBITS {
		return nil
	}
	// The raw content: decompressing a hostile file could take any amount of memory.
	raw := io.NewSectionReader(section.ReaderAt, 0, int64(section.FileSize))
	found, err := contains(raw, []byte("os/signal.Notify\x00"))
	if err != nil {
		return nil
	}
	return &found
}

// contains reports whether r contains text. It reads r in blocks.
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
		// Keep the tail: it may be the beginning of the text.
		tail := min(len(text)-1, kept+n)
		copy(buf, buf[kept+n-tail:kept+n])
		kept = tail
	}
}

// maxSymbols bounds the symbol table that is read, in bytes.
const maxSymbols = 64 << 20

// signalTable returns the address of runtime.sig in the memory of a program. It is 0 if the program may be loaded
// elsewhere, is stripped, or if the layout of runtime.sig in this version of Go is unknown.
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

// The minor versions of Go in which runtime.sig has the layout that [peekWanted] reads, and its size in bytes. Go 1.13 was
// the first to write build info into programs.
const (
	firstGo, lastGo = 13, 26
	signalTableSize = 72
)

// knownLayout reports whether a version, such as go1.26.8, is one of them.
func knownLayout(goVersion string) bool {
	goVersion, _, _ = strings.Cut(goVersion, " ") // go1.26.8 X:experiment
	minor, err := strconv.Atoi(strings.TrimPrefix(version.Lang(goVersion), "go1."))
	return err == nil && minor >= firstGo && minor <= lastGo
}
