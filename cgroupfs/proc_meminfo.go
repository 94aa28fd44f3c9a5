package cgroupfs

import (
	"bytes"
	"os"
)

// Meminfo is what this package takes from /proc/meminfo, in bytes. MemAvailable is an estimate of what programs can
// have without swapping; AnonPages and Shmem are what all programs of the host hold that has no file.
type Meminfo struct {
	MemTotal, MemAvailable, AnonPages, Shmem, SwapTotal, SwapFree Figure
}

// ReadMeminfo reads /proc/meminfo.
func ReadMeminfo() Meminfo {
	data, err := os.ReadFile("/proc/meminfo")
	if err != nil {
		return without[Meminfo](stateOf("/proc/meminfo", err))
	}
	return parseMeminfo(data)
}

// parseMeminfo parses lines of "Key: value kB". Source: proc_meminfo(5).
//
//	MemTotal:       24684096 kB
//	MemAvailable:   21994228 kB
//	AnonPages:        311200 kB
//	Shmem:              1424 kB
//	SwapTotal:       1048572 kB
//	SwapFree:        1048572 kB
func parseMeminfo(data []byte) Meminfo {
	m := without[Meminfo](Unsupported)
	for line := range bytes.Lines(data) {
		key, value, _ := bytes.Cut(line, []byte{':'})
		switch string(key) {
		case "MemTotal":
			m.MemTotal = parseKiB(value)
		case "MemAvailable":
			m.MemAvailable = parseKiB(value)
		case "AnonPages":
			m.AnonPages = parseKiB(value)
		case "Shmem":
			m.Shmem = parseKiB(value)
		case "SwapTotal":
			m.SwapTotal = parseKiB(value)
		case "SwapFree":
			m.SwapFree = parseKiB(value)
		}
	}
	return m
}
