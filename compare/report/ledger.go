package report

import (
	"haltscope/compare/document"
	"haltscope/compare/value"
)

// title names a row of the ledger for people.
func title(kind string) string {
	if t, ok := titles[kind]; ok {
		return t
	}
	return kind
}

var titles = map[string]string{
	"anon": "anonymous", "anon_thp": "anonymous, huge pages", "file": "page cache", "shmem": "shared memory, tmpfs",
	"kernel": "kernel", "kernel_stack": "kernel stacks", "pagetables": "page tables", "sec_pagetables": "secondary page tables",
	"percpu": "per-CPU", "vmalloc": "vmalloc", "slab_reclaimable": "slab, reclaimable", "slab_unreclaimable": "slab, unreclaimable",
	"zswap": "zswap", "kernel_other": "kernel, other", "sock": "sockets", "hugetlb": "huge pages (hugetlb)", "unevictable": "locked memory", "unattributed": "unattributed",
}

// sumGroup adds up the figures of a ledger's rows of one group. Rows that this kernel cannot tell are no part of it.
func sumGroup(rows []document.LedgerRow, group string, of func(document.LedgerRow) value.Maybe[int64]) value.Maybe[int64] {
	var sum value.Maybe[int64]
	for _, row := range rows {
		if row.Group != group {
			continue
		}
		v, ok := of(row).Get()
		have, some := sum.Get()
		switch {
		case ok:
			sum = value.Known(have + v)
		case of(row).Reason() != value.Unsupported:
			return of(row)
		case !some:
			sum = of(row)
		}
	}
	return sum
}
