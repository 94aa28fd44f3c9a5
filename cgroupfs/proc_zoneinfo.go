package cgroupfs

import (
	"bytes"
	"os"
)

// ReadPerCPULists returns how many bytes are free on the lists that each CPU keeps for itself. What is freed goes there
// first, up to hundreds of MiB of it; MemFree and MemAvailable do not count it.
func ReadPerCPULists() Figure {
	const file = "/proc/zoneinfo"
	data, err := os.ReadFile(file)
	if err != nil {
		return Without(stateOf(file, err))
	}
	pages, ok := parsePerCPUPages(data).Value()
	if !ok {
		return parsePerCPUPages(data)
	}
	return Number(pages * uint64(os.Getpagesize()))
}

// parsePerCPUPages adds up the pages on the lists of all CPUs, in all zones. Source: proc_zoneinfo(5);
// mm/vmstat.c, zoneinfo_show_print.
//
//	Node 0, zone   Normal
//	  pages free     130075
//	  …
//	  pagesets
//	    cpu: 0
//	              count:    16857
//	              high:     17097
func parsePerCPUPages(data []byte) Figure {
	sum, found := uint64(0), false
	for line := range bytes.Lines(data) {
		text, ok := bytes.CutPrefix(bytes.TrimSpace(line), []byte("count:"))
		if !ok {
			continue
		}
		pages, ok := parseUint(bytes.TrimSpace(text)).Value()
		if !ok || pages > 1<<40 {
			return Without(Failed)
		}
		sum, found = sum+pages, true
	}
	if !found {
		return Without(Unsupported)
	}
	return Number(sum)
}
