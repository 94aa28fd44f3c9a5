package report

import (
	"fmt"
	"io"
	"testing"
)

// BenchmarkPsTable lays out the list of 200 containers.
func BenchmarkPsTable(b *testing.B) {
	p := &Ps{Host: PsHost{CgroupVersion: 2, Kernel: "6.12"}}
	for i := range 200 {
		m := Known(uint64(i << 20))
		p.Containers = append(p.Containers, PsLine{Name: fmt.Sprintf("team-service-%d", i), Docker: PsState{Status: "Up 2 hours"},
			Freezer: Freezer{Requested: Known(false), Frozen: Known(false)}, CPU: PsCPU{Percent: Known(1.5), WindowMs: Known(50.0)},
			Memory: PsMemory{CurrentBytes: m, AnonBytes: m, FileBytes: m, ShmemBytes: Known(uint64(0)), KernelBytes: m, SwapBytes: m}})
	}
	b.ReportAllocs()
	for b.Loop() {
		if err := p.Table(io.Discard, TableOptions{}); err != nil {
			b.Fatal(err)
		}
	}
}
