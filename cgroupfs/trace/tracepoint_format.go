package trace

import (
	"bytes"
	"encoding/binary"
	"errors"
	"strconv"

	"haltscope/cgroupfs/figure"
)

// format says where a tracepoint's records have their fields.
type format struct {
	id     uint64
	fields map[string]field
}

// field is a part of a record.
type field struct{ offset, size int }

// parseFormat parses the format file of a tracepoint. The offsets differ between kernel versions.
//
//	name: signal_generate
//	ID: 261
//	format:
//		field:unsigned short common_type;	offset:0;	size:2;	signed:0;
//
//		field:int sig;	offset:8;	size:4;	signed:1;
//		field:char comm[16];	offset:20;	size:16;	signed:0;
//
//	print fmt: "sig=%d comm=%s", REC->sig, REC->comm
//
// Source: Documentation/trace/events.rst.
func parseFormat(data []byte) (format, error) {
	f := format{fields: map[string]field{}}
	for line := range bytes.Lines(data) {
		line = bytes.TrimSpace(line)
		if text, ok := bytes.CutPrefix(line, []byte("ID:")); ok {
			id, err := strconv.ParseUint(string(bytes.TrimSpace(text)), 10, 31)
			if err != nil {
				return format{}, figure.Malformed("format", line)
			}
			f.id = id
		}
		text, ok := bytes.CutPrefix(line, []byte("field:"))
		if !ok {
			continue
		}
		name, one, ok := parseField(text)
		if !ok {
			return format{}, figure.Malformed("format", line)
		}
		f.fields[name] = one
	}
	if f.id == 0 {
		return format{}, figure.Malformed("format", []byte("no ID"))
	}
	return f, nil
}

// maxRecord is larger than any record. Source: kernel/trace/trace_event_perf.c, PERF_MAX_TRACE_SIZE.
const maxRecord = 8192

// parseField parses what follows "field:".
func parseField(text []byte) (name string, f field, ok bool) {
	declared, rest, _ := bytes.Cut(text, []byte{';'})
	words := bytes.Fields(declared)
	if len(words) < 2 {
		return "", f, false
	}
	last, _, _ := bytes.Cut(words[len(words)-1], []byte{'['})
	f.offset, ok = property(rest, "offset:")
	if !ok {
		return "", f, false
	}
	f.size, ok = property(rest, "size:")
	return string(last), f, ok && len(last) > 0
}

// property returns the number after a word.
func property(text []byte, word string) (int, bool) {
	_, after, found := bytes.Cut(text, []byte(word))
	number, _, ended := bytes.Cut(after, []byte{';'})
	n, err := strconv.ParseUint(string(number), 10, 31)
	return int(n), found && ended && err == nil && n <= maxRecord
}

// errNoField means that a tracepoint lacks a field, or has it in an unexpected size.
var errNoField = errors.New("its records are not as expected")

// need checks that the format has fields of the given names and sizes.
func (f format) need(sizes map[string]int) error {
	for name, size := range sizes {
		if got, ok := f.fields[name]; !ok || got.size != size {
			return &UnsupportedError{Why: "this kernel's tracepoint has no field " + name + " of " + strconv.Itoa(size) + " bytes", Err: errNoField}
		}
	}
	return nil
}

// length returns the minimum length of a record.
func (f format) length() (most int) {
	for _, one := range f.fields {
		most = max(most, one.offset+one.size)
	}
	return most
}

// int32 returns a number of a record, which is as long as length says.
func (f format) int32(record []byte, name string) int {
	return int(int32(binary.NativeEndian.Uint32(record[f.fields[name].offset:])))
}

// text returns a text of a record, up to its first zero.
func (f format) text(record []byte, name string) string {
	one := f.fields[name]
	text, _, _ := bytes.Cut(record[one.offset:one.offset+one.size], []byte{0})
	return string(text)
}
