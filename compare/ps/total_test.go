package ps

import (
	"testing"

	"haltscope/cgroupfs/proc"
	"haltscope/compare/document"
	"haltscope/compare/value"
)

func line(name string, cpu value.Maybe[float64], memory value.Maybe[uint64]) document.PsLine {
	return document.PsLine{Name: name, CPU: document.PsCPU{Percent: cpu}, Memory: document.PsMemory{CurrentBytes: memory}}
}

var (
	noPercent = value.Absent[float64](value.Vanished, "gone")
	noBytes   = value.Absent[uint64](value.Vanished, "gone")
)

// What has no figure is not 0: it is left out of a sum, and comes last in an order.
func TestTotal(t *testing.T) {
	all := []document.PsLine{line("a", value.Known(1.5), value.Known(uint64(10))), line("b", noPercent, noBytes),
		line("c", value.Known(2.5), value.Known(uint64(20)))}
	got := total(all)
	if got.CPUPercent != value.Known(4.0) || got.CurrentBytes != value.Known(uint64(30)) || got.FileBytes.Reason() != value.NotMeasured {
		t.Errorf("%+v", got)
	}
	if got := total(all[1:2]); got.CPUPercent.Reason() != value.NotMeasured {
		t.Errorf("%+v", got)
	}
}

func TestSort(t *testing.T) {
	for order, want := range map[Order]string{ByDocker: "bcad", ByName: "abcd", ByCPU: "cdba", ByMemory: "dcba"} {
		all := []document.PsLine{line("b", value.Known(1.0), value.Known(uint64(1))), line("c", value.Known(9.0), value.Known(uint64(2))),
			line("a", noPercent, noBytes), line("d", value.Known(2.0), value.Known(uint64(3)))}
		order.sort(all)
		got := ""
		for _, l := range all {
			got += l.Name
		}
		if got != want {
			t.Errorf("%s: %s, wanted %s", order, got, want)
		}
	}
}

func TestHostMemory(t *testing.T) {
	m := proc.Meminfo{MemTotal: n(100), MemFree: n(40), MemAvailable: n(80), Buffers: n(5), Cached: n(30)}
	h := hostMemory(m)
	if h.TotalBytes != value.Known(uint64(100)) || h.FreeBytes != value.Known(uint64(40)) || h.PageCacheBytes != value.Known(uint64(35)) {
		t.Errorf("%+v", h)
	}
}
