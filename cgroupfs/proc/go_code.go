package proc

import (
	"debug/elf"
	"encoding/binary"
	"io"
)

// fromCode returns the address of runtime.sig in a program without symbols, by the machine code of runtime.sigsend, which uses three
// of its fields. It returns 0 if that is not found, or for another machine than amd64. Checked with Go 1.19 and 1.26.
func (l sigLayout) fromCode(file *elf.File, table *io.SectionReader) uint64 {
	text := file.Section(".text")
	if file.Machine != elf.EM_X86_64 || file.Class != elf.ELFCLASS64 || table == nil || text == nil || text.Type == elf.SHT_NOBITS {
		return 0
	}
	begin, length, ok := findFunction(table, "runtime.sigsend", text.Addr)
	if !ok || begin < text.Addr || begin-text.Addr > text.FileSize || length > text.FileSize-(begin-text.Addr) {
		return 0
	}
	code := make([]byte, length)
	if _, err := text.ReaderAt.ReadAt(code, int64(begin-text.Addr)); err != nil {
		return 0
	}
	return l.base(addresses(code, begin))
}

// base returns the address from which all fields of runtime.sig are used at their offsets; 0 if there is none, or more than one.
func (l sigLayout) base(used map[uint64]bool) (base uint64) {
	for address := range used {
		if at := address - l.mask; address > l.mask && used[at+l.wanted] && used[at+l.delivering] {
			if base != 0 {
				return 0
			}
			base = at
		}
	}
	return base
}

// addresses returns the addresses that instructions of amd64 take relative to themselves:
//
//	488d15718c1400    LEAQ runtime.sig+20(SB), DX
//
// Some of the code's other bytes may look like that. Source: Intel's manual, volume 2, LEA; REX.W, 8D, ModRM with mod 0 and rm 5.
func addresses(code []byte, begin uint64) map[uint64]bool {
	const length = 7
	used := map[uint64]bool{}
	for i := 0; i+length <= len(code); i++ {
		if code[i]&0xfb == 0x48 && code[i+1] == 0x8d && code[i+2]&0xc7 == 0x05 {
			displacement := int32(binary.LittleEndian.Uint32(code[i+3:]))
			used[begin+uint64(i)+length+uint64(int64(displacement))] = true
		}
	}
	return used
}

// The first word of a function table. Source: Go, internal/abi/symtab.go, Go118PCLnTabMagic and Go120PCLnTabMagic.
const go118Table, go120Table = 0xfffffff0, 0xfffffff1

// What is read of a function table is bounded: programs have some ten thousand functions, of some hundred bytes each.
const (
	maxFunctions    = 1 << 21
	maxFunctionSize = 1 << 14
)

// findFunction looks for a function in the function table of a 64-bit program that was built by Go 1.18 or later, and returns where its
// code begins and how long it is. text is where the code of the program begins, for a table that does not say so. Each function has
// two words in a sorted list, and a record:
//
//	header: magic, 0 0 quantum pointer-size, number of functions, of files, address of the code (0 since Go 1.26 and where the program
//	may be loaded anywhere), and the offsets of the names, of three other tables, and of the list and its records
//	list:   offset of the function's code, offset of its record, …
//	record: offset of the function's code, offset of its name, …
//
// Source: Go, runtime/symtab.go, pcHeader and funcTab; runtime/runtime2.go, _func.
func findFunction(table *io.SectionReader, name string, text uint64) (begin, length uint64, ok bool) {
	var header [72]byte
	if _, err := table.ReadAt(header[:], 0); err != nil {
		return 0, 0, false
	}
	magic := binary.LittleEndian.Uint32(header[:])
	if magic != go118Table && magic != go120Table || header[7] != 8 {
		return 0, 0, false
	}
	word := func(n int) uint64 { return binary.LittleEndian.Uint64(header[8+8*n:]) }
	functions, names, namesEnd, list := word(0), word(3), word(4), word(7)
	if stored := word(2); stored != 0 {
		text = stored
	}
	size := uint64(table.Size())
	if functions > maxFunctions || names > namesEnd || namesEnd > size || list > size {
		return 0, 0, false
	}
	// A name ends with a NUL byte, and follows another one.
	at, err := find(io.NewSectionReader(table, int64(names), int64(namesEnd-names)), []byte("\x00"+name+"\x00"))
	if err != nil || at < 0 {
		return 0, 0, false
	}
	records := &blocks{of: table}
	entries := &blocks{of: table}
	for i := range functions {
		entry := entries.at(list+8*i, 12) // with the first word of the next one
		if entry == nil {
			return 0, 0, false
		}
		record := records.at(list+uint64(binary.LittleEndian.Uint32(entry[4:])), 8)
		if record == nil {
			return 0, 0, false
		}
		if binary.LittleEndian.Uint32(record[4:]) == uint32(at+1) {
			first, next := binary.LittleEndian.Uint32(entry), binary.LittleEndian.Uint32(entry[8:])
			return text + uint64(first), uint64(next - first), next > first && next-first <= maxFunctionSize
		}
	}
	return 0, 0, false
}

// blocks reads a file in blocks, for many small reads that are near each other.
type blocks struct {
	of    *io.SectionReader
	block []byte
	begin uint64 // of block
	buf   [1 << 16]byte
}

// at returns n bytes; nil if they cannot be read.
func (b *blocks) at(offset uint64, n int) []byte {
	if offset >= b.begin && offset+uint64(n) <= b.begin+uint64(len(b.block)) {
		return b.block[offset-b.begin:][:n]
	}
	if offset > uint64(b.of.Size()) {
		return nil
	}
	read, err := b.of.ReadAt(b.buf[:], int64(offset))
	if read < n || err != nil && err != io.EOF {
		return nil
	}
	b.block, b.begin = b.buf[:read], offset
	return b.block[:n]
}
