package memory_test

import (
	"fmt"

	"haltscope/cgroupfs"
	"haltscope/cgroupfs/figure"
	"haltscope/compare/rules/memory"
	"haltscope/compare/value"
)

// A frozen container on a host without swap: only its page cache can be reclaimed.
func Example() {
	n := figure.Number
	reading := &cgroupfs.Reading{Memory: cgroupfs.Memory{Current: n(96 << 20)}}
	reading.Stat = figure.AllWithout[cgroupfs.MemoryStat](figure.Unsupported) // an old kernel
	reading.Stat.Anon, reading.Stat.File = n(64<<20), n(30<<20)
	noSwap := memory.Swap{Swap: cgroupfs.Swap{Total: n(0), Free: n(0)}, LazyFree: n(0)}

	rows := memory.Split(reading, 2)
	for _, row := range rows {
		if v, ok := row.Bytes.Get(); ok && v > 0 {
			rule := memory.RuleOf(row.Kind, noSwap)
			fmt.Printf("%s: %s, freed by %s (%s)\n", row.Kind, value.Bytes(v), rule.FreedBy, rule.Certainty)
		}
	}
	fmt.Println(value.Bytes(memory.Facts{Now: rows, Swap: noSwap}.Reclaimable()))
	// Output:
	// anon: 64 MiB, freed by the program itself once unpaused, or its exit; not reclaim: this host has no swap (sure)
	// file: 30 MiB, freed by reclaim, frozen or not: clean pages are dropped, dirty ones are written first (sure)
	// unattributed: 2 MiB, freed by nothing: nothing in the container holds it (no)
	// 30 MiB
}
