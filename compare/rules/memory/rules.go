package memory

import (
	"fmt"
	"strings"

	"haltscope/cgroupfs"
	"haltscope/cgroupfs/figure"
	"haltscope/compare/value"
)

// Swap is what decides whether pages without a file can leave memory: the room there is for them, and what of them needs none.
type Swap struct {
	cgroupfs.Swap
	LazyFree figure.Figure // what the program has given up by MADV_FREE, in bytes, at most; see [proc.LazyFree]
}

// GivenUp is how much of so many bytes of anonymous pages reclaim may drop without swap, at most; 0 where that is not
// known.
func (s Swap) GivenUp(anon int64) int64 {
	lazy, _ := s.LazyFree.Value()
	return max(0, min(anon, int64(min(lazy, 1<<62))))
}

// Room is how much more the cgroup could have swapped out, in bytes; false where that is not known.
func (s Swap) Room() (uint64, bool) {
	free, ok := s.Free.Value()
	switch {
	case !ok:
		return 0, false
	case s.Swappiness.Is(0):
		return 0, true
	}
	if left, ok := s.Left.Value(); ok {
		return min(free, left), true
	}
	return free, s.Left.State() == figure.Max || s.Left.State() == figure.Unsupported
}

// Text says in a few words what swap there is for the cgroup.
func (s Swap) Text() string {
	room, known := s.Room()
	switch {
	case s.Total.Is(0):
		return "this host has no swap"
	case s.Limit.Is(0):
		return "this container may use no swap"
	case s.Swappiness.Is(0):
		return "swappiness is 0, so reclaim swaps nothing out"
	case !known:
		return "whether it could be swapped out is not known"
	case room == 0:
		return "there is no swap left for it"
	}
	return "there is swap for " + value.Bytes(room)
}

// How sure it is that a row comes back by what FreedBy says.
const (
	Sure   = "sure"   // the kernel's documents promise it
	Likely = "likely" // as a rule; the kernel may keep a part
	Not    = "no"     // nothing that could be done to the row alone gives it back
)

// Rule is what can be said of a row whatever its size.
type Rule struct {
	Kept    string // why freezing leaves it
	FreedBy string
	Sure    string
}

// Beyond is the rule of what is unattributed where it is more than [Tolerance].
var Beyond = Rule{"more than the kernel charges ahead: this kernel does not tell what it is; huge pages (hugetlb), where they are counted, and on kernels before 5.18 its own memory",
	"not known; the end of the container frees most of what is charged to it: docker stop", Not}

// RuleOf says why freezing leaves a row, and what gives it back while the processes stay.
func RuleOf(kind string, swap Swap) Rule {
	swapped := func(kept, dropped string) Rule {
		r := Rule{kept, "its processes' own doing, once unpaused, or their end", Sure}
		if room, known := swap.Room(); known && room > 0 {
			if dropped != "" {
				dropped = ", or without it " + dropped
			}
			return Rule{kept, fmt.Sprintf("reclaim, to swap (%s)%s; else %s", swap.Text(), dropped, r.FreedBy), Likely}
		}
		if dropped != "" {
			dropped = ", but " + dropped
		}
		r.FreedBy += "; not by reclaim" + dropped + ": " + swap.Text()
		return r
	}
	dropped := ""
	if lazy, known := swap.LazyFree.Value(); known && lazy > 0 {
		dropped = fmt.Sprintf("for up to %s that the program has given up (MADV_FREE)", value.Bytes(lazy))
	} else if !known && swap.LazyFree.State() != figure.Vanished {
		dropped = "for what the program has given up (MADV_FREE)"
	}
	ended := "the end of what it serves: docker stop"
	switch kind {
	case Anon:
		return swapped("a frozen process is not scheduled, and still maps every page it had", dropped)
	case AnonTHP:
		return swapped("as anonymous memory, in huge pages; the kernel splits one to swap it", dropped)
	case Shmem:
		r := swapped("it belongs to a file without a disk, which exists however its users stand", "")
		r.FreedBy = strings.ReplaceAll(r.FreedBy, "its processes' own doing, once unpaused, or their end", "the file's deletion, or the end of the tmpfs; what is shared without a file goes with its last user")
		r.Sure = Likely
		return r
	case File:
		return Rule{"it is a copy of what is on disk, kept until somebody needs the memory", "reclaim: clean pages are dropped, dirty ones written first; frozen or not", Sure}
	case SlabReclaimable:
		return Rule{"the kernel's caches of names and inodes, kept until somebody needs the memory", "reclaim, most of it", Likely}
	case KernelStack:
		return Rule{"each frozen thread keeps its stack: it stands in the kernel", "the end of its threads: docker stop", Sure}
	case Pagetables, SecPagetables:
		return Rule{"they map the processes' pages, which are still mapped", "the end of its processes: docker stop; swapping out empties, and does not free, them", Sure}
	case Percpu, Vmalloc, SlabUnreclaimable, Kernel, KernelOther:
		return Rule{"the kernel keeps it for processes, files and cgroups that still exist", ended, Likely}
	case Zswap:
		return Rule{"compressed pages of its processes; freezing does not write them to disk", "swap on disk, written back as the pool fills; or docker stop", Likely}
	case Hugetlb:
		return Rule{"huge pages that its processes have taken from the host's pool of them: no reclaim takes one", "its processes' own doing, once unpaused, or their end, and the end of their files on hugetlbfs", Sure}
	case Sock:
		return Rule{"network data that a frozen process does not read stays queued, and may grow", "unpause, and the program reads it; or docker stop", Sure}
	}
	// What is Unattributed, on a settled container.
	return Rule{"charged ahead in batches of 64 pages for each CPU, or counted a moment apart", "nothing: it is not held by anything in the container", Not}
}
