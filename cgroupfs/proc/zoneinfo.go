package proc

import (
	"bytes"
	"os"

	"haltscope/cgroupfs/figure"
)

// ReadPagesets returns how many bytes are free on the page lists that each CPU keeps for itself. Freed memory goes there
// first, up to hundreds of MiB. MemFree and MemAvailable of /proc/meminfo do not count it.
func ReadPagesets() figure.Figure {
	data, state := figure.ReadFile("/proc/zoneinfo")
	if state != figure.Present {
		return figure.Without(state)
	}
	pages := parsePagesets(data)
	if n, ok := pages.Value(); ok {
		return figure.Number(n * uint64(os.Getpagesize()))
	}
	return pages
}

// parsePagesets adds up the pages on the lists of all CPUs, in all zones.
//
//	Node 0, zone   Normal
//	  pages free     130075
//	  …
//	  pagesets
//	    cpu: 0
//	              count:    16857
//	              high:     17097
//
// Source: proc_zoneinfo(5), since Linux 2.6.13; mm/vmstat.c, zoneinfo_show_print.
func parsePagesets(data []byte) figure.Figure {
	sum, found := uint64(0), false
	for line := range bytes.Lines(data) {
		text, ok := bytes.CutPrefix(bytes.TrimSpace(line), []byte("count:"))
		if !ok {
			continue
		}
		pages, ok := figure.ParseUint(bytes.TrimSpace(text)).Value()
		if !ok || pages > 1<<40 {
			return figure.Without(figure.Failed)
		}
		sum, found = sum+pages, true
	}
	if !found {
		return figure.Without(figure.Unsupported)
	}
	return figure.Number(sum)
}
