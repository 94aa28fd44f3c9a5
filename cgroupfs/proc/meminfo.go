package proc

import (
	"bytes"

	"haltscope/cgroupfs/figure"
)

// Meminfo holds the fields of /proc/meminfo that haltscope uses, in bytes. MemAvailable estimates how much memory programs
// can get without swapping. AnonPages and Shmem are the memory of all programs on the host that has no file. MemFree is used for
// nothing. Buffers and Cached are page cache: of block devices, and of files, with shared memory and tmpfs.
type Meminfo struct {
	MemTotal, MemFree, MemAvailable, Buffers, Cached, AnonPages, Shmem, SwapTotal, SwapFree figure.Figure
}

// ReadMeminfo reads /proc/meminfo.
func ReadMeminfo() Meminfo {
	data, state := figure.ReadFile("/proc/meminfo")
	if state != figure.Present {
		return figure.AllWithout[Meminfo](state)
	}
	return parseMeminfo(data)
}

// parseMeminfo parses lines of a key and a size.
//
//	MemTotal:       24684096 kB
//	MemFree:        18994228 kB
//	MemAvailable:   21994228 kB
//	Buffers:           90112 kB
//	Cached:          3145728 kB
//	AnonPages:        311200 kB
//	Shmem:              1424 kB
//	SwapTotal:       1048572 kB
//	SwapFree:        1048572 kB
//
// Source: proc_meminfo(5). MemAvailable came with Linux 3.14.
func parseMeminfo(data []byte) Meminfo {
	m := figure.AllWithout[Meminfo](figure.Unsupported)
	for line := range bytes.Lines(data) {
		key, value, _ := bytes.Cut(line, []byte{':'})
		switch string(key) {
		case "MemTotal":
			m.MemTotal = figure.ParseKiB(value)
		case "MemFree":
			m.MemFree = figure.ParseKiB(value)
		case "Buffers":
			m.Buffers = figure.ParseKiB(value)
		case "Cached":
			m.Cached = figure.ParseKiB(value)
		case "MemAvailable":
			m.MemAvailable = figure.ParseKiB(value)
		case "AnonPages":
			m.AnonPages = figure.ParseKiB(value)
		case "Shmem":
			m.Shmem = figure.ParseKiB(value)
		case "SwapTotal":
			m.SwapTotal = figure.ParseKiB(value)
		case "SwapFree":
			m.SwapFree = figure.ParseKiB(value)
		}
	}
	return m
}
