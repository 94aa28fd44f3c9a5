package proc

import (
	"bytes"
	"debug/buildinfo"
	"debug/elf"
	"errors"
	"fmt"
	"go/version"
	"io"
	"math"
	"os"
	"strconv"
	"strings"
)

// goFile is what the executable of a Go program says, whichever process runs it.
type goFile struct {
	version string
	notify  *bool  // see GoProgram
	signals uint64 // address of runtime.sig, as the file has it; 0 if unknown
	wanted  uint64 // offset of runtime.sig.wanted in it
	// entry is where the program begins, as the file has it, if it may be loaded elsewhere; 0 for a program that is loaded where its
	// file says.
	entry uint64
	// traceback reports whether the program links debug.SetTraceback, which may have the runtime end it by SIGABRT.
	traceback bool
}

// ErrNotGo means that a program was not built by Go, or does not say so.
var ErrNotGo = errors.New("not a Go program")

// readGoFile reads an executable. It comes from a container, so nothing in it is trusted.
func readGoFile(f *os.File) (g goFile, err error) {
	// Package debug/elf may panic on hostile files.
	defer func() {
		if r := recover(); r != nil {
			g, err = goFile{}, fmt.Errorf("%w: %v", ErrNotGo, r)
		}
	}()
	info, err := buildinfo.Read(f)
	var unreadable *os.PathError
	switch {
	case errors.As(err, &unreadable):
		return g, err
	case err != nil:
		return g, fmt.Errorf("%w: %w", ErrNotGo, err)
	}
	g.version = info.GoVersion
	file, err := elf.NewFile(f)
	if err != nil {
		return g, nil
	}
	table := functionTable(file)
	g.notify = links(table, "os/signal.Notify")
	if sets := links(table, "runtime/debug.SetTraceback"); sets != nil {
		g.traceback = *sets
	}
	g.signals, g.wanted = signalTable(file, table, g.version)
	if file.Type == elf.ET_DYN {
		g.entry = file.Entry
	}
	return g, nil
}

// functionTable returns the table of the functions of a Go program, which stripped programs have as well; nil if there is none.
func functionTable(file *elf.File) *io.SectionReader {
	section := file.Section(".gopclntab")
	if section == nil {
		section = file.Section(".data.rel.ro.gopclntab")
	}
	if section == nil || section.Type == elf.SHT_NOBITS || section.FileSize > math.MaxInt64 {
		return nil
	}
	// The raw content: decompressing a hostile file could take any amount of memory.
	return io.NewSectionReader(section.ReaderAt, 0, int64(section.FileSize))
}

// links reports whether a function is linked into a program; nil if that is not known.
func links(table *io.SectionReader, function string) *bool {
	if table == nil {
		return nil
	}
	at, err := find(io.NewSectionReader(table, 0, table.Size()), []byte(function+"\x00"))
	if err != nil {
		return nil
	}
	found := at >= 0
	return &found
}

// find returns where text begins in r; −1 for nowhere. It reads r in blocks.
func find(r io.Reader, text []byte) (int64, error) {
	buf, kept := make([]byte, 1<<16), 0
	begin := int64(0) // of buf
	for {
		n, err := r.Read(buf[kept:])
		if at := bytes.Index(buf[:kept+n], text); at >= 0 {
			return begin + int64(at), nil
		}
		if err == io.EOF {
			return -1, nil
		}
		if err != nil {
			return -1, err
		}
		// Keep the tail: it may be the beginning of the text.
		tail := min(len(text)-1, kept+n)
		begin += int64(kept + n - tail)
		copy(buf, buf[kept+n-tail:kept+n])
		kept = tail
	}
}

// maxSymbols bounds the symbol table that is read, in bytes.
const maxSymbols = 64 << 20

// signalTable returns the address of runtime.sig in the file of a program, and the offset of its field wanted. The address is 0 if it is
// not known, or if the layout of runtime.sig for this version of Go and this machine is not.
func signalTable(file *elf.File, table *io.SectionReader, goVersion string) (address, wanted uint64) {
	layout, ok := sigLayouts[file.Class]
	if !ok || !knownLayout(goVersion) || file.Type != elf.ET_EXEC && file.Type != elf.ET_DYN {
		return 0, 0
	}
	symtab := file.SectionByType(elf.SHT_SYMTAB)
	if symtab == nil {
		return layout.fromCode(file, table), layout.wanted
	}
	if symtab.Size > maxSymbols {
		return 0, 0
	}
	symbols, err := file.Symbols()
	if err != nil {
		return 0, 0
	}
	for _, s := range symbols {
		if s.Name == "runtime.sig" && s.Size == layout.size {
			return s.Value, layout.wanted
		}
	}
	return 0, 0
}

// sigLayout is where the fields of runtime.sig are, in bytes, and its size.
type sigLayout struct{ mask, wanted, delivering, size uint64 }

// sigLayouts are the layouts for machines on which a pointer has 64 or 32 bits. On MIPS, with its 128 signals, the size differs.
//
//	var sig struct {
//		note       note       // as long as a pointer
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
var sigLayouts = map[elf.Class]sigLayout{
	elf.ELFCLASS64: {mask: 8, wanted: 20, delivering: 60, size: 72},
	elf.ELFCLASS32: {mask: 4, wanted: 16, delivering: 56, size: 64},
}

// The minor versions of Go in which runtime.sig has these layouts. Go 1.13 was the first to write build info into programs.
const firstGo, lastGo = 13, 26

// knownLayout reports whether a version, such as go1.26.8, is one of them.
func knownLayout(goVersion string) bool {
	goVersion, _, _ = strings.Cut(goVersion, " ") // go1.26.8 X:experiment
	minor, err := strconv.Atoi(strings.TrimPrefix(version.Lang(goVersion), "go1."))
	return err == nil && minor >= firstGo && minor <= lastGo
}
