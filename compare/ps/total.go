package ps

import (
	"cmp"
	"slices"

	"haltscope/cgroupfs/proc"
	"haltscope/compare/document"
	"haltscope/compare/figures"
	"haltscope/compare/value"
)

// total sums up what the containers use.
func total(all []document.PsLine) document.PsTotal {
	return document.PsTotal{
		CPUPercent:   sum(all, func(l *document.PsLine) value.Maybe[float64] { return l.CPU.Percent }),
		CurrentBytes: sum(all, func(l *document.PsLine) value.Maybe[uint64] { return l.Memory.CurrentBytes }),
		FileBytes:    sum(all, func(l *document.PsLine) value.Maybe[uint64] { return l.Memory.FileBytes }),
	}
}

func sum[T uint64 | float64](all []document.PsLine, of func(*document.PsLine) value.Maybe[T]) value.Maybe[T] {
	var sum T
	some := false
	for i := range all {
		if n, ok := of(&all[i]).Get(); ok {
			sum, some = sum+n, true
		}
	}
	return value.KnownOr(sum, some, value.NotMeasured, "no container of the list has this figure")
}

func hostMemory(m proc.Meminfo) document.PsHostMemory {
	h := document.PsHostMemory{TotalBytes: figures.Number(m.MemTotal), FreeBytes: figures.Number(m.MemFree),
		AvailableBytes: figures.Number(m.MemAvailable), PageCacheBytes: figures.Number(m.Cached)}
	cached, ok := h.PageCacheBytes.Get()
	if buffers, known := figures.Number(m.Buffers).Get(); ok && known {
		h.PageCacheBytes = value.Known(cached + buffers)
	}
	return h
}

// Order is the order of the containers.
type Order string

// The orders. Docker lists the newest container first.
const (
	ByDocker Order = "docker"
	ByName   Order = "name"
	ByCPU    Order = "cpu"
	ByMemory Order = "memory"
)

// sort sorts containers: by name, or those first that use most. Containers without the figure come last, in Docker's order.
func (o Order) sort(all []document.PsLine) {
	switch o {
	case ByName:
		slices.SortStableFunc(all, func(a, b document.PsLine) int { return cmp.Compare(a.Name, b.Name) })
	case ByCPU:
		most(all, func(l *document.PsLine) value.Maybe[float64] { return l.CPU.Percent })
	case ByMemory:
		most(all, func(l *document.PsLine) value.Maybe[uint64] { return l.Memory.CurrentBytes })
	}
}

func most[T cmp.Ordered](all []document.PsLine, of func(*document.PsLine) value.Maybe[T]) {
	slices.SortStableFunc(all, func(a, b document.PsLine) int {
		one, ok := of(&a).Get()
		other, known := of(&b).Get()
		switch {
		case ok && known:
			return cmp.Compare(other, one)
		case ok:
			return -1
		case known:
			return 1
		}
		return 0
	})
}
