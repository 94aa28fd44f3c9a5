// Package memory splits what is charged to a cgroup into rows that add up, and says for each row why a freeze leaves it
// charged and what would free it. It is pure.
package memory

import (
	"slices"

	"haltscope/cgroupfs"
	"haltscope/cgroupfs/figure"
	"haltscope/compare/figures"
	"haltscope/compare/value"
)

// Row is a part of what is charged to a cgroup.
type Row struct {
	Kind   string
	Group  string             // Anon, File, Shmem, Kernel, Sock, Hugetlb or Unattributed: what it is a part of
	Bytes  value.Maybe[int64] // unattributed, and a kind that the kernel counts by another way than the whole, may be below 0
	Source string             // the kernel file and key
	Parts  []Part             // figures within the row; they may overlap
}

// Part is a part of a row.
type Part struct {
	Kind   string
	Bytes  value.Maybe[int64]
	Source string
}

// Kinds of the rows, in the order of the ledger.
const (
	Anon              = "anon"
	AnonTHP           = "anon_thp"
	File              = "file"
	Shmem             = "shmem"
	Kernel            = "kernel" // v1, which does not split it
	KernelStack       = "kernel_stack"
	Pagetables        = "pagetables"
	SecPagetables     = "sec_pagetables"
	Percpu            = "percpu"
	Vmalloc           = "vmalloc"
	SlabReclaimable   = "slab_reclaimable"
	SlabUnreclaimable = "slab_unreclaimable"
	Zswap             = "zswap"
	KernelOther       = "kernel_other"
	Hugetlb           = "hugetlb"
	Sock              = "sock"
	Unattributed      = "unattributed"
)

// Split makes the rows of a reading. What this kernel does not tell has a row without a figure, and is part of what is
// unattributed; what a kernel of this cgroup version never tells has none.
func Split(r *cgroupfs.Reading, version int) []Row {
	rows := splitV1(r)
	current := "memory.usage_in_bytes"
	if version == 2 {
		rows, current = splitV2(r), "memory.current"
	}
	left, ok := r.Memory.Current.Value()
	rest := value.Known(int64(left))
	if !ok {
		rest = figures.Without[int64](r.Memory.Current)
	}
	for _, row := range rows {
		rest = minus(rest, row.Bytes)
	}
	rows = append(rows, Row{Kind: Unattributed, Bytes: rest, Source: current + " − the other rows"})
	for i := range rows {
		rows[i].Group = groupOf(rows[i].Kind)
	}
	return rows
}

func groupOf(kind string) string {
	switch kind {
	case AnonTHP:
		return Anon
	case KernelStack, Pagetables, SecPagetables, Percpu, Vmalloc, SlabReclaimable, SlabUnreclaimable, Zswap, KernelOther:
		return Kernel
	}
	return kind
}

func splitV2(r *cgroupfs.Reading) []Row {
	s := &r.Stat
	stat := func(kind string, f figure.Figure) Row {
		return Row{Kind: kind, Bytes: figures.Signed(f), Source: "memory.stat: " + kind}
	}
	anon := Row{Kind: Anon, Bytes: less(s.Anon, s.AnonThp), Source: "memory.stat: anon − anon_thp",
		Parts: []Part{{"swapcached", figures.Signed(s.Swapcached), "memory.stat: swapcached"}}}
	file := Row{Kind: File, Bytes: less(s.File, s.Shmem), Source: "memory.stat: file − shmem", Parts: fileParts(
		less(s.File, s.Shmem), s.Shmem, s.FileMapped, s.FileDirty, s.FileWriteback,
		"memory.stat: file_mapped", "memory.stat: file_dirty", "memory.stat: file_writeback")}
	shmem := stat(Shmem, s.Shmem)
	shmem.Parts = []Part{{"shmem_thp", figures.Signed(s.ShmemThp), "memory.stat: shmem_thp"}}
	rows := []Row{anon, stat(AnonTHP, s.AnonThp), file, shmem}
	// zswap's pool is charged as the kernel's memory (mm/memcontrol.c, obj_cgroup_charge_zswap).
	kernel := []Row{
		stat(KernelStack, s.KernelStack), stat(Pagetables, s.Pagetables), stat(SecPagetables, s.SecPagetables),
		stat(Percpu, s.Percpu), stat(Vmalloc, s.Vmalloc),
		stat(SlabReclaimable, s.SlabReclaimable), stat(SlabUnreclaimable, s.SlabUnreclaimable), stat(Zswap, s.Zswap),
	}
	other := figures.Signed(s.Kernel)
	for _, k := range kernel {
		other = minus(other, k.Bytes)
	}
	rows = append(rows, kernel...)
	rows = append(rows, Row{Kind: KernelOther, Bytes: other, Source: "memory.stat: kernel − its rows above"})
	return append(rows, stat(Sock, s.Sock), stat(Hugetlb, s.Hugetlb))
}

func splitV1(r *cgroupfs.Reading) []Row {
	s := &r.StatV1
	return []Row{
		{Kind: Anon, Bytes: less(s.TotalRSS, s.TotalRSSHuge), Source: "memory.stat: total_rss − total_rss_huge"},
		{Kind: AnonTHP, Bytes: figures.Signed(s.TotalRSSHuge), Source: "memory.stat: total_rss_huge"},
		{Kind: File, Bytes: less(s.TotalCache, s.TotalShmem), Source: "memory.stat: total_cache − total_shmem", Parts: fileParts(
			less(s.TotalCache, s.TotalShmem), s.TotalShmem, s.TotalMappedFile, s.TotalDirty, s.TotalWriteback,
			"memory.stat: total_mapped_file", "memory.stat: total_dirty", "memory.stat: total_writeback")},
		{Kind: Shmem, Bytes: figures.Signed(s.TotalShmem), Source: "memory.stat: total_shmem"},
		{Kind: Kernel, Bytes: figures.Signed(r.Memory.Kernel), Source: "memory.kmem.usage_in_bytes"},
	}
}

// fileParts splits the page cache twice: mapped or not, and clean or not. The kernel counts mapped shared memory as
// mapped file pages too, so where there is shared memory the first split is known within bounds only and is left out.
func fileParts(file value.Maybe[int64], shmem, mapped, dirty, writeback figure.Figure, sources ...string) []Part {
	m := figures.Signed(mapped)
	unmapped := minus(file, m)
	if v, ok := shmem.Value(); ok && v > 0 {
		m = value.Absent[int64](value.Unsupported, "the kernel counts mapped shared memory with it")
		unmapped = m
	}
	return []Part{
		{"mapped", m, sources[0]},
		{"unmapped", unmapped, "file − mapped"},
		{"dirty", figures.Signed(dirty), sources[1]},
		{"writeback", figures.Signed(writeback), sources[2]},
	}
}

// Tolerance is how far the rows of a settled cgroup may fall short of the whole: the larger of 1 % of it and of what
// the kernel charges ahead, a batch of 64 pages for each CPU (MEMCG_CHARGE_BATCH, include/linux/memcontrol.h); pages in
// the swap cache that nobody maps are charged and counted as swapcached alone.
func Tolerance(r *cgroupfs.Reading, batch uint64) uint64 {
	current, _ := r.Memory.Current.Value()
	swapcached, _ := r.Stat.Swapcached.Value()
	onV1, _ := r.StatV1.TotalSwapcached.Value()
	return max(current/100, batch) + swapcached + onV1
}

// Batch is what the kernel may charge ahead on all CPUs together, in bytes.
func Batch(cpus, pageSize int) uint64 { return 64 * uint64(cpus) * uint64(pageSize) }

// less takes a part off a whole. A part that this kernel does not tell is not taken off.
func less(whole, part figure.Figure) value.Maybe[int64] {
	return minus(figures.Signed(whole), figures.Signed(part))
}

func minus(whole, part value.Maybe[int64]) value.Maybe[int64] {
	w, ok := whole.Get()
	if !ok {
		return whole
	}
	p, ok := part.Get()
	if !ok && part.Reason() != value.Unsupported {
		return part
	}
	return value.Known(w - p)
}

// Sum adds up the figures of the rows of some kinds.
func Sum(rows []Row, kinds ...string) value.Maybe[int64] {
	return sum(rows, func(r Row) bool { return slices.Contains(kinds, r.Kind) })
}

// SumGroup adds up the figures of the rows of a group.
func SumGroup(rows []Row, group string) value.Maybe[int64] {
	return sum(rows, func(r Row) bool { return r.Group == group })
}

func sum(rows []Row, of func(Row) bool) value.Maybe[int64] {
	sum := value.Known(int64(0))
	for _, row := range rows {
		if of(row) {
			sum = minus(sum, negative(row.Bytes))
		}
	}
	return sum
}

func negative(m value.Maybe[int64]) value.Maybe[int64] {
	v, ok := m.Get()
	if !ok {
		return m
	}
	return value.Known(-v)
}
