package memory

import (
	"fmt"
	"slices"
	"strings"

	"haltscope/cgroupfs"
	"haltscope/cgroupfs/figure"
	"haltscope/compare/document"
	"haltscope/compare/value"
)

// Account is what an explanation rests on.
type Account struct {
	Name         string // of the container, for commands; "" for one that is about to go
	Was          []Row  // before it was paused; nil where nobody looked
	Now          []Row
	Swap         Swap
	Unevictable  figure.Figure // of its pages; see [Unevictable]
	LockedBy     string        // who holds them, in words, where that was asked
	NoReclaim    bool          // this kernel cannot be asked for reclaim
	Frozen       bool
	Unpausable   bool // by docker: it is docker's pause that holds it, and nothing above it is frozen
	FrozenSource string
	Processes    int // −1 where they could not be counted
}

// Explain says why a container keeps its memory, in sentences that carry the figures they rest on.
func Explain(a Account) []document.Sentence {
	var all []document.Sentence
	say := func(sources []string, format string, args ...any) {
		all = append(all, document.Sentence{Text: fmt.Sprintf(format, args...), Sources: sources})
	}
	processes := "Its process still exists"
	if a.Processes != 1 {
		processes = fmt.Sprintf("Its %d processes still exist", a.Processes)
	}
	if a.Processes < 0 {
		processes = "Its processes still exist"
	}
	if a.Frozen {
		say([]string{"cgroup.procs", a.FrozenSource}, "%s, frozen: never scheduled, and still the owner of every page it had.", processes)
	} else {
		say([]string{"cgroup.procs", a.FrozenSource}, "%s and may run: what follows changes as they do.", processes)
	}
	if text, ok := a.amount(Anon); ok {
		sources := []string{Source(a.Now, Anon), "/proc/meminfo: SwapFree"}
		const kept = "Only their owner can free %s; the kernel can at most swap them out, and %s."
		switch lazy, known := a.Swap.LazyFree.Value(); {
		case !known:
			say(sources, "%s anonymous pages. "+kept+" What the program has given up (MADV_FREE) reclaim drops; how much that is, is not known.", text, "them", a.Swap.Text())
		case lazy > 0:
			anon, _ := SumGroup(a.Now, Anon).Get()
			say(append(sources, "/proc/PID/smaps_rollup: LazyFree"), "%s anonymous pages. Up to %s of them the program has given up (MADV_FREE): reclaim drops those, without swap. "+kept,
				text, value.Bytes(a.Swap.GivenUp(anon)), "the others", a.Swap.Text())
		default:
			say(sources, "%s anonymous pages. "+kept, text, "them", a.Swap.Text())
		}
	}
	if text, ok := a.amount(File); ok {
		dirty := ""
		if v, ok := part(a.Now, File, "dirty").Get(); ok {
			dirty = fmt.Sprintf(" %s of them are dirty and would be written first.", value.Bytes(v))
		}
		say([]string{Source(a.Now, File)}, "%s page cache. The kernel drops it when it needs memory, frozen or not.%s", text, dirty)
	}
	if text, ok := a.amount(Shmem); ok {
		say([]string{Source(a.Now, Shmem)}, "%s shared memory or tmpfs. A file goes when it is deleted, or with its tmpfs; what is shared without a file goes with its last user.", text)
	}
	if text, ok := a.amount(Kernel); ok {
		say([]string{Source(a.Now, Kernel)}, "%s the kernel's own: page tables, stacks, slab. Most of it goes when the processes go.", text)
	}
	if text, ok := a.amount(Hugetlb); ok {
		say([]string{Source(a.Now, Hugetlb)}, "%s huge pages (hugetlb). No reclaim takes one; they go when the program gives them back, or ends.", text)
	}
	if text, ok := a.amount(Sock); ok {
		say([]string{Source(a.Now, Sock)}, "%s network buffers. They go when the program reads them, or ends.", text)
	}
	if locked, ok := a.Unevictable.Value(); ok && locked > 0 {
		by := ""
		if a.LockedBy != "" {
			by = ": " + a.LockedBy
		}
		say([]string{Source(a.Now, "unevictable")}, "%s of it are locked in memory (mlock, or a file system in memory). No reclaim takes them, swap or not%s.", value.Bytes(locked), by)
	}
	all = append(all, document.Sentence{Text: a.back(), Sources: []string{}})
	return all
}

// back says how to have the memory back.
func (a Account) back() string {
	name := a.Name
	if name != "" {
		name = " " + name
	}
	var ways []string
	if some := a.Reclaimable(); some > 0 && !a.NoReclaim {
		running := "" // without it, reclaim is for what is frozen
		if !a.Frozen {
			running = " --running"
		}
		ways = append(ways, fmt.Sprintf("haltscope reclaim%s%s gives back up to %s and leaves the program as it is", running, name, value.Bytes(some)))
	}
	if a.Unpausable {
		ways = append(ways, "docker unpause"+name+" lets the program free it")
	}
	return "To have the memory back: " + strings.Join(append(ways, "docker stop"+name+" ends the program, and gives back all but page cache, which the kernel drops when it needs memory, and what others use too"), "; ") + "."
}

// Reclaimable is how much reclaim may give back at most, in bytes: page cache, what the program has given up, reclaimable
// slab, and what there is room in the swap for; of the pages, none that are locked.
func (a Account) Reclaimable() int64 {
	file, _ := Sum(a.Now, File).Get()
	slab, _ := Sum(a.Now, SlabReclaimable).Get()
	pages, _ := Sum(a.Now, Anon, AnonTHP, Shmem).Get()
	anon, _ := SumGroup(a.Now, Anon).Get()
	given := a.Swap.GivenUp(anon)
	some := file + given
	if room, known := a.Swap.Room(); known {
		some += min(pages-given, int64(min(room, 1<<62)))
	}
	if locked, ok := a.Unevictable.Value(); ok {
		some = min(some, max(0, file+pages-int64(min(locked, 1<<62))))
	}
	return some + slab
}

// Unevictable is how much of the pages the kernel never takes, in bytes: mlock, SHM_LOCK, ramfs. They are part of the
// rows of anonymous memory, page cache and shared memory; which, it does not tell.
func Unevictable(r *cgroupfs.Reading, version int) figure.Figure {
	if version == 2 {
		return r.Stat.Unevictable
	}
	return r.StatV1.TotalUnevictable
}

// amount says what a group is, and was; nothing where it is and was 0.
func (a Account) amount(group string) (string, bool) {
	now, ok := SumGroup(a.Now, group).Get()
	was, known := SumGroup(a.Was, group).Get()
	known = known && a.Was != nil
	switch {
	case !ok, now == 0 && (!known || was == 0):
		return "", false
	case !known:
		return value.Bytes(now) + " are", true
	case was == now:
		return value.Bytes(now) + ", as before the pause, are", true
	}
	return fmt.Sprintf("%s (%s before the pause) are", value.Bytes(now), value.Bytes(was)), true
}

// Source names the file and key that a group's figure comes from.
func Source(rows []Row, group string) string {
	v1 := slices.ContainsFunc(rows, func(r Row) bool { return r.Kind == Kernel })
	names := map[string]string{Anon: "memory.stat: anon", File: "memory.stat: file − shmem", Shmem: "memory.stat: shmem",
		Kernel: "memory.stat: kernel", Sock: "memory.stat: sock", Hugetlb: "memory.stat: hugetlb", "unevictable": "memory.stat: unevictable"}
	if v1 {
		names = map[string]string{Anon: "memory.stat: total_rss", File: "memory.stat: total_cache − total_shmem", Shmem: "memory.stat: total_shmem",
			Kernel: "memory.kmem.usage_in_bytes", "unevictable": "memory.stat: total_unevictable"}
	}
	return names[group]
}

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
