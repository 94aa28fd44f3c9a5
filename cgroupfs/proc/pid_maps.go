package proc

import (
	"bytes"
	"fmt"
	"strconv"

	"golang.org/x/sys/unix"

	"haltscope/cgroupfs/figure"
)

// Mapping is a mapped part of a file in a process's address space.
type Mapping struct {
	Start, End uint64
	Dev        uint64 // st_dev of the file system
	Inode      uint64 // of a SysV segment its id, which may be 0
	Path       string // as the kernel writes it, with a line feed as \012
}

// link returns the link in /proc that leads to the mapped file.
func (m *Mapping) link(pid int) string {
	return fmt.Sprintf("%s/map_files/%x-%x", Folder(pid), m.Start, m.End)
}

// ReadFileMappings reads the mappings of files in /proc/PID/maps. The error wraps [ErrNoProcess] if there is no such process.
func ReadFileMappings(pid int) ([]Mapping, error) {
	data, err := readFile(pid, "maps")
	if err != nil {
		return nil, err
	}
	return parseFileMappings(data)
}

// parseFileMappings parses the lines that have a device.
//
//	563c8f4d2000-563c8f4d5000 r--p 00000000 fe:00 917586                     /usr/bin/redis-server
//	7f1e5c000000-7f1e5c021000 rw-p 00000000 00:00 0
//	7f1e60c00000-7f1e61c00000 rw-s 00000000 00:01 2057                       /memfd:cache (deleted)
//	7f1e62000000-7f1e62100000 rw-s 00000000 00:01 0                          /SYSV00000000 (deleted)
//
// Source: proc_pid_maps(5).
func parseFileMappings(data []byte) (all []Mapping, err error) {
	for line := range bytes.Lines(data) {
		m, ok := parseMapping(bytes.TrimSuffix(line, []byte{'\n'}))
		if !ok {
			return all, figure.Malformed("/proc/PID/maps", line)
		}
		if m.Dev != 0 {
			all = append(all, m)
		}
	}
	return all, nil
}

func parseMapping(line []byte) (m Mapping, ok bool) {
	var fields [5][]byte
	for i := range fields {
		if fields[i], line, ok = bytes.Cut(line, []byte{' '}); !ok && i < len(fields)-1 {
			return m, false
		}
	}
	m.Path = string(bytes.TrimLeft(line, " "))
	start, end, _ := bytes.Cut(fields[0], []byte{'-'})
	major, minor, _ := bytes.Cut(fields[3], []byte{':'})
	var major64, minor64 uint64
	ok = parseNumber(start, 16, &m.Start) && parseNumber(end, 16, &m.End) && parseNumber(major, 16, &major64) &&
		parseNumber(minor, 16, &minor64) && parseNumber(fields[4], 10, &m.Inode) && major64 <= 1<<32-1 && minor64 <= 1<<32-1
	m.Dev = unix.Mkdev(uint32(major64), uint32(minor64))
	return m, ok
}

func parseNumber(digits []byte, base int, into *uint64) bool {
	n, err := strconv.ParseUint(string(digits), base, 64)
	*into = n
	return err == nil
}
