package memory

import (
	"fmt"

	"haltscope/cgroupfs/figure"
	"haltscope/compare/value"
)

// How certain it is that what FreedBy names frees a row.
const (
	Sure   = "sure"   // the kernel's documentation promises it
	Likely = "likely" // as a rule; the kernel may keep a part
	Not    = "no"     // nothing frees this row alone
)

// Rule says of a row why it is kept and what frees it. The texts are clauses.
type Rule struct {
	KeptBecause string // why a freeze does not free it
	FreedBy     string // what frees it while the processes stay
	Certainty   string // Sure, Likely or Not
	ByReclaim   bool   // reclaim frees it, or a part
}

// RuleOf returns the rule of a kind of row of a frozen container.
func RuleOf(kind string, swap Swap) Rule { return ruleOf(kind, swap, true) }

// RowRule returns the rule of one of the rows of f.Now.
func (f Facts) RowRule(row Row) Rule {
	rule := ruleOf(row.Kind, f.Swap, f.Frozen)
	switch row.Group {
	case Unattributed:
		if v, ok := row.Bytes.Get(); ok && v > int64(f.Tolerance) {
			return aboveTolerance
		}
	case Anon, File, Shmem:
		if locked, ok := f.Unevictable.Value(); ok && locked > 0 && rule.ByReclaim {
			rule.FreedBy += fmt.Sprintf("; reclaim does not take locked pages (%s of all)", value.Bytes(locked))
			if rule.Certainty == Sure {
				rule.Certainty = Likely
			}
		}
	}
	return rule
}

// aboveTolerance is the rule of what is unattributed if it exceeds the tolerance.
var aboveTolerance = Rule{"more than the kernel charges in advance, and this kernel does not report what it is: perhaps huge pages " +
	"(hugetlb) where they are charged, or kernel memory before Linux 5.18",
	"not known; docker stop frees most of what is charged", Not, false}

func ruleOf(kind string, swap Swap, frozen bool) Rule {
	unpaused := ""
	if frozen {
		unpaused = " once unpaused"
	}
	program := "the program itself" + unpaused + ", or its exit"
	switch kind {
	case Anon:
		return swappable("a frozen process does not run, but still maps all its pages", program, swap, swap.dropped())
	case AnonTHP:
		return swappable("as for anonymous memory, in huge pages, which the kernel splits to swap them out", program, swap, swap.dropped())
	case Shmem:
		rule := swappable("it belongs to a file in memory, which exists whether its users run or not",
			"deleting the file or unmounting the tmpfs; memory shared without a file is freed with its last user", swap, "")
		rule.Certainty = Likely
		return rule
	case File:
		return Rule{"it is a copy of what is on disk, kept until the memory is needed",
			"reclaim, frozen or not: clean pages are dropped, dirty ones are written first", Sure, true}
	case SlabReclaimable:
		return Rule{"the kernel's caches of names and inodes, kept until the memory is needed", "reclaim, for most of it", Likely, true}
	case KernelStack:
		return Rule{"each frozen thread keeps its kernel stack", "the exit of its threads: docker stop", Sure, false}
	case Pagetables, SecPagetables:
		return Rule{"they map the processes' pages, which are still mapped",
			"the exit of its processes: docker stop; swapping out empties them but does not free them", Sure, false}
	case Percpu, Vmalloc, SlabUnreclaimable, Kernel, KernelOther:
		return Rule{"the kernel keeps it for processes, files and cgroups that still exist",
			"the end of the processes, files and cgroups that use it: docker stop", Likely, false}
	case Zswap:
		return Rule{"compressed pages of its processes, which a freeze does not write to disk",
			"swap on disk, as the pool fills and is written back; or docker stop", Likely, false}
	case Hugetlb:
		return Rule{"huge pages that its processes took from the host's pool, which reclaim never takes",
			program + ", and deleting its files on hugetlbfs", Sure, false}
	case Sock:
		return Rule{"network data that a frozen process does not read stays queued, and may grow",
			"docker unpause, so that the program reads it; or docker stop", Sure, false}
	}
	// Unattributed, within the tolerance.
	return Rule{"charged in advance, in batches of 64 pages for each CPU, or counted at slightly different times",
		"nothing: nothing in the container holds it", Not, false}
}

// swappable returns the rule of pages without a file. dropped says which of them reclaim takes without swap; "" for none.
func swappable(kept, freedBy string, swap Swap, dropped string) Rule {
	if available, known := swap.Available(); known && available > 0 {
		if dropped != "" {
			dropped = ", or without it for " + dropped
		}
		return Rule{kept, fmt.Sprintf("reclaim to swap (%s)%s; else %s", swap.Text(), dropped, freedBy), Likely, true}
	}
	if dropped != "" {
		dropped = ", except for " + dropped
	}
	return Rule{kept, freedBy + "; not reclaim" + dropped + ": " + swap.Text(), Sure, false}
}

// dropped says which anonymous pages reclaim takes without swap; "" for none.
func (s Swap) dropped() string {
	lazy, known := s.LazyFree.Value()
	switch {
	case known && lazy > 0:
		return "up to " + value.Bytes(lazy) + " that the program gave up with MADV_FREE"
	case !known && s.LazyFree.State() != figure.Vanished:
		return "what the program gave up with MADV_FREE"
	}
	return ""
}
