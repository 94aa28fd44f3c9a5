package memory

import (
	"fmt"
	"strings"

	"haltscope/compare/document"
	"haltscope/compare/value"
)

// Explain says why a container keeps its memory, in sentences that name the sources of their figures.
func Explain(f Facts) []document.Sentence {
	all := []document.Sentence{f.explainProcesses()}
	if text, ok := f.amount(Anon); ok {
		all = append(all, f.explainAnon(text))
	}
	if text, ok := f.amount(File); ok {
		text += " page cache. The kernel drops it when it needs memory, frozen or not"
		switch dirty, ok := part(f.Now, File, "dirty").Get(); {
		case ok && dirty > 0:
			text += fmt.Sprintf("; %s of it is dirty and is written first", value.Bytes(dirty))
		case ok:
			text += "; none of it is dirty"
		}
		text += "."
		all = append(all, sentence(text, Source(f.Now, File)))
	}
	for _, s := range []struct{ group, text string }{
		{Shmem, "shared memory or tmpfs. A file is freed when it is deleted or its tmpfs is unmounted; memory shared without a file is freed " +
			"with its last user."},
		{Kernel, "the kernel's own: page tables, stacks, slab. Most of it is freed when the processes exit."},
		{Hugetlb, "huge pages (hugetlb). Reclaim never takes them; they are freed when the program gives them back or exits."},
		{Sock, "network buffers. They are freed when the program reads them or exits."},
	} {
		if text, ok := f.amount(s.group); ok {
			all = append(all, sentence(text+" "+s.text, Source(f.Now, s.group)))
		}
	}
	if locked, ok := f.Unevictable.Value(); ok && locked > 0 {
		by := "."
		if f.LockedBy != "" {
			by = ": " + f.LockedBy + "."
		}
		text := value.Bytes(locked) +
			" of it are locked in memory, by mlock or a file system in memory. Reclaim never takes them, with or without swap"
		all = append(all, sentence(text+by, Source(f.Now, "unevictable")))
	}
	return append(all, document.Sentence{Text: f.explainFreeing(), Sources: []string{}})
}

func sentence(text string, sources ...string) document.Sentence {
	return document.Sentence{Text: text, Sources: sources}
}

func (f Facts) explainProcesses() document.Sentence {
	owner, they := "Its processes still exist", "they do not run, but still own every page they had."
	switch {
	case f.Processes == 1:
		owner, they = "Its process still exists", "it does not run, but still owns every page it had."
	case f.Processes >= 0:
		owner = fmt.Sprintf("Its %d processes still exist", f.Processes)
	}
	if !f.Frozen {
		return sentence(owner+" and may run, which changes the figures below.", "cgroup.procs", f.FrozenSource)
	}
	return sentence(owner+", frozen: "+they, "cgroup.procs", f.FrozenSource)
}

func (f Facts) explainAnon(amount string) document.Sentence {
	const kept = " Only their owner can free %s; the kernel can at most swap them out, and %s."
	sources := []string{Source(f.Now, Anon), "/proc/meminfo: SwapFree"}
	text := amount + " anonymous pages."
	switch lazy, known := f.Swap.LazyFree.Value(); {
	case !known:
		text += fmt.Sprintf(kept, "them", f.Swap.Text()) +
			" Reclaim also drops pages that the program gave up with MADV_FREE; how many is not known."
	case lazy > 0:
		anon, ok := SumGroup(f.Now, Anon).Get()
		if !ok {
			anon = unbounded
		}
		text += fmt.Sprintf(" The program gave up at most %s of them with MADV_FREE: reclaim drops those, without swap.",
			value.Bytes(f.Swap.GivenUp(anon)))
		text += fmt.Sprintf(kept, "the others", f.Swap.Text())
		sources = append(sources, "/proc/PID/smaps_rollup: LazyFree")
	default:
		text += fmt.Sprintf(kept, "them", f.Swap.Text())
	}
	return sentence(text, sources...)
}

// explainFreeing says how to get the memory back, with what is to be pasted between backquotes.
func (f Facts) explainFreeing() string {
	name := f.Name
	if name != "" {
		name = " " + name
	}
	var ways []string
	if bytes := f.Reclaimable(); bytes > 0 && !f.NoReclaim {
		running := "" // without the flag, reclaim refuses a container that is not frozen
		if !f.Frozen {
			running = " --running"
		}
		ways = append(ways, fmt.Sprintf("`haltscope reclaim%s%s` gives back up to %s and leaves the program as it is", running, name,
			value.Bytes(bytes)))
	}
	if f.Unpausable {
		ways = append(ways, "`docker unpause"+name+"` lets the program free it")
	}
	end := "`docker stop" + name + "`"
	if f.EndCommand != "" {
		end = "`" + f.EndCommand + "` (on the host)"
	}
	ways = append(ways, end+" ends the program and gives back everything except page cache, which the kernel drops when it "+
		"needs memory, and memory that others share")
	return "To get the memory back: " + strings.Join(ways, "; ") + "."
}

// amount begins the sentence about a group: how much it is, and was before the pause. It returns false if there is nothing to say.
func (f Facts) amount(group string) (string, bool) {
	now, ok := SumGroup(f.Now, group).Get()
	before, known := SumGroup(f.Before, group).Get()
	known = known && f.Before != nil
	switch {
	case !ok, now == 0 && (!known || before == 0):
		return "", false
	case !known:
		return value.Bytes(now) + " are", true
	case before == now:
		return value.Bytes(now) + ", as before the pause, are", true
	}
	return fmt.Sprintf("%s (%s before the pause) are", value.Bytes(now), value.Bytes(before)), true
}
