package report

import (
	"fmt"
	"io"
	"testing"

	"haltscope/compare/document"
	"haltscope/compare/value"
)

// BenchmarkPsTable lays out the list of 200 containers.
func BenchmarkPsTable(b *testing.B) {
	p := &document.Ps{Host: document.PsHost{CgroupVersion: 2, Kernel: "6.12"}}
	for i := range 200 {
		m := value.Known(uint64(i << 20))
		p.Containers = append(p.Containers,
			document.PsLine{Name: fmt.Sprintf("team-service-%d", i), Docker: document.PsState{Status: "Up 2 hours"},
				Freezer: document.Freezer{Requested: value.Known(false), Frozen: value.Known(false)},
				CPU:     document.PsCPU{Percent: value.Known(1.5), WindowMs: value.Known(50.0)},
				Memory: document.PsMemory{CurrentBytes: m, AnonBytes: m, FileBytes: m, ShmemBytes: value.Known(uint64(0)), KernelBytes: m,
					SwapBytes: m}})
	}
	b.ReportAllocs()
	for b.Loop() {
		if err := Table(io.Discard, p, TableOptions{}); err != nil {
			b.Fatal(err)
		}
	}
}
