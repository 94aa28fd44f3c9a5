package report

import (
	"haltscope/compare/document"
	"haltscope/compare/value"
)

// rowTitle returns the name of a kind of memory for people.
func rowTitle(kind string) string {
	if t, ok := rowTitles[kind]; ok {
		return t
	}
	return kind
}

var rowTitles = map[string]string{
	"anon": "anonymous", "anon_thp": "anonymous, huge pages", "file": "page cache", "shmem": "shared memory, tmpfs",
	"kernel": "kernel", "kernel_stack": "kernel stacks", "pagetables": "page tables", "sec_pagetables": "secondary page tables",
	"percpu": "per-CPU", "vmalloc": "vmalloc", "slab_reclaimable": "slab, reclaimable", "slab_unreclaimable": "slab, unreclaimable",
	"zswap": "zswap", "kernel_other": "kernel, other", "sock": "sockets", "hugetlb": "huge pages (hugetlb)",
	"unevictable": "locked memory", "unattributed": "unattributed",
}

// column selects the bytes of a row at one moment.
type column func(document.LedgerRow) value.Maybe[int64]

func beforeBytes(r document.LedgerRow) value.Maybe[int64] { return r.BeforeBytes }
func afterBytes(r document.LedgerRow) value.Maybe[int64]  { return r.Bytes }

// sumGroup adds up the rows of a group. Rows that this kernel does not support are left out.
func sumGroup(rows []document.LedgerRow, group string, get column) value.Maybe[int64] {
	var sum value.Maybe[int64]
	for _, row := range rows {
		if row.Group != group {
			continue
		}
		v, ok := get(row).Get()
		soFar, some := sum.Get()
		switch {
		case ok:
			sum = value.Known(soFar + v)
		case get(row).Reason() != value.Unsupported:
			return get(row)
		case !some:
			sum = get(row)
		}
	}
	return sum
}
