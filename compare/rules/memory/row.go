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
	Group  string             // the group that it belongs to: Anon, File, Shmem, Kernel, Sock, Hugetlb or Unattributed
	Bytes  value.Maybe[int64] // may be negative if Unattributed or KernelOther: the counters are read at slightly different times
	Source string             // the kernel file and key
	Parts  []Part             // figures within the row, which may overlap
}

// Part is a figure within a row.
type Part struct {
	Kind   string
	Bytes  value.Maybe[int64]
	Source string
}

// Kinds of rows, in their order. They are the kernel's keys of memory.stat where there is one.
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

// Split returns the rows of a reading. A kind that this cgroup version has, but this kernel does not report, is a row without a
// figure; its memory is unattributed. A kind that this cgroup version does not have is no row.
func Split(r *cgroupfs.Reading, version int) []Row {
	rows, current := splitV1(r), "memory.usage_in_bytes"
	if version == 2 {
		rows, current = splitV2(r), "memory.current"
	}
	rest := figures.Signed(r.Memory.Current)
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
	anon := Row{Kind: Anon, Bytes: difference(s.Anon, s.AnonThp), Source: "memory.stat: anon − anon_thp",
		Parts: []Part{{"swapcached", figures.Signed(s.Swapcached), "memory.stat: swapcached"}}}
	file := Row{Kind: File, Bytes: difference(s.File, s.Shmem), Source: "memory.stat: file − shmem", Parts: fileParts(
		difference(s.File, s.Shmem), s.Shmem, s.FileMapped, s.FileDirty, s.FileWriteback,
		"memory.stat: file_mapped", "memory.stat: file_dirty", "memory.stat: file_writeback")}
	shmem := stat(Shmem, s.Shmem)
	shmem.Parts = []Part{{"shmem_thp", figures.Signed(s.ShmemThp), "memory.stat: shmem_thp"}}
	// The pool of zswap is charged as kernel memory (mm/memcontrol.c, obj_cgroup_charge_zswap).
	kernel := []Row{
		stat(KernelStack, s.KernelStack), stat(Pagetables, s.Pagetables), stat(SecPagetables, s.SecPagetables),
		stat(Percpu, s.Percpu), stat(Vmalloc, s.Vmalloc),
		stat(SlabReclaimable, s.SlabReclaimable), stat(SlabUnreclaimable, s.SlabUnreclaimable), stat(Zswap, s.Zswap),
	}
	other := figures.Signed(s.Kernel)
	for _, k := range kernel {
		other = minus(other, k.Bytes)
	}
	rows := append([]Row{anon, stat(AnonTHP, s.AnonThp), file, shmem}, kernel...)
	rows = append(rows, Row{Kind: KernelOther, Bytes: other, Source: "memory.stat: kernel − its rows above"})
	return append(rows, stat(Sock, s.Sock), stat(Hugetlb, s.Hugetlb))
}

func splitV1(r *cgroupfs.Reading) []Row {
	s := &r.StatV1
	return []Row{
		{Kind: Anon, Bytes: difference(s.TotalRSS, s.TotalRSSHuge), Source: "memory.stat: total_rss − total_rss_huge"},
		{Kind: AnonTHP, Bytes: figures.Signed(s.TotalRSSHuge), Source: "memory.stat: total_rss_huge"},
		{Kind: File, Bytes: difference(s.TotalCache, s.TotalShmem), Source: "memory.stat: total_cache − total_shmem", Parts: fileParts(
			difference(s.TotalCache, s.TotalShmem), s.TotalShmem, s.TotalMappedFile, s.TotalDirty, s.TotalWriteback,
			"memory.stat: total_mapped_file", "memory.stat: total_dirty", "memory.stat: total_writeback")},
		{Kind: Shmem, Bytes: figures.Signed(s.TotalShmem), Source: "memory.stat: total_shmem"},
		{Kind: Kernel, Bytes: figures.Signed(r.Memory.Kernel), Source: "memory.kmem.usage_in_bytes"},
	}
}

// fileParts splits page cache twice: by mapped or not, and by clean or not. The kernel counts mapped shared memory as mapped file
// pages too, so with shared memory the first split is not known.
func fileParts(file value.Maybe[int64], shmem, mapped, dirty, writeback figure.Figure, sources ...string) []Part {
	m := figures.Signed(mapped)
	unmapped := minus(file, m)
	if v, ok := shmem.Value(); ok && v > 0 {
		m = value.Absent[int64](value.Unsupported, "the kernel includes mapped shared memory in it")
		unmapped = m
	}
	return []Part{
		{"mapped", m, sources[0]},
		{"unmapped", unmapped, "file − mapped"},
		{"dirty", figures.Signed(dirty), sources[1]},
		{"writeback", figures.Signed(writeback), sources[2]},
	}
}

// Source returns the file and key of the figure of a group, or of "unevictable".
func Source(rows []Row, group string) string {
	v1 := slices.ContainsFunc(rows, func(r Row) bool { return r.Kind == Kernel })
	if v1 {
		return map[string]string{Anon: "memory.stat: total_rss", File: "memory.stat: total_cache − total_shmem",
			Shmem:  "memory.stat: total_shmem",
			Kernel: "memory.kmem.usage_in_bytes", "unevictable": "memory.stat: total_unevictable"}[group]
	}
	return map[string]string{Anon: "memory.stat: anon", File: "memory.stat: file − shmem", Shmem: "memory.stat: shmem",
		Kernel: "memory.stat: kernel", Sock: "memory.stat: sock", Hugetlb: "memory.stat: hugetlb",
		"unevictable": "memory.stat: unevictable"}[group]
}

// part returns a figure within the row of a kind.
func part(rows []Row, kind, name string) value.Maybe[int64] {
	for _, row := range rows {
		for _, p := range row.Parts {
			if row.Kind == kind && p.Kind == name {
				return p.Bytes
			}
		}
	}
	return value.Maybe[int64]{}
}
