package proc

import (
	"bytes"
	"os"

	"haltscope/cgroupfs/figure"
)

// Statm is what /proc/PID/statm says about the memory of a process, in bytes.
type Statm struct {
	Size     figure.Figure // of its address space
	Resident figure.Figure
}

// ReadStatm reads the memory of a process. Since Linux 6.2 Resident may lag behind by some pages for each CPU.
func ReadStatm(pid int) Statm {
	data, state := figure.ReadFile(Folder(pid) + "/statm")
	if state != figure.Present {
		return figure.AllWithout[Statm](state)
	}
	return parseStatm(data, uint64(os.Getpagesize()))
}

// parseStatm parses the first two figures of the file, which are in pages.
//
//	4310 2876 1580 1371 0 2404 0
//
// Source: proc_pid_statm(5).
func parseStatm(data []byte, page uint64) Statm {
	size, rest, _ := bytes.Cut(data, []byte{' '})
	resident, _, more := bytes.Cut(rest, []byte{' '})
	if !more {
		return figure.AllWithout[Statm](figure.Failed)
	}
	return Statm{Size: pages(size, page), Resident: pages(resident, page)}
}

func pages(digits []byte, page uint64) figure.Figure {
	n, ok := figure.ParseUint(digits).Value()
	if !ok || n > 1<<63/page {
		return figure.Without(figure.Failed)
	}
	return figure.Number(n * page)
}
