package inspect

import (
	"cmp"
	"fmt"
	"slices"
	"strings"

	"haltscope/cgroupfs/figure"
	"haltscope/cgroupfs/proc"
	"haltscope/compare/document"
	"haltscope/compare/figures"
	"haltscope/compare/rules/memory"
	"haltscope/compare/value"
)

// holders says who holds a row, as far as /proc can tell: the largest first. A process's share of what several map is
// its proportional one, PSS; of files it may map more than is charged here: a page is charged to who read it first.
func (a *account) holders(kind string) []document.Holder {
	rollup := func(key, verb string, of func(*proc.SmapsRollup) figure.Figure) []document.Holder {
		var all []document.Holder
		for i := range a.members {
			m := &a.members[i]
			if f := of(&m.Rollup); !f.Is(0) && f.State() != figure.Unsupported {
				all = append(all, document.Holder{Who: fmt.Sprintf("process %d (%s)%s", m.PID, m.Comm, verb), Bytes: figures.Number(f),
					Source: fmt.Sprintf("/proc/%d/smaps_rollup: %s", m.PID, key)})
			}
		}
		return largest(all)
	}
	switch kind {
	case memory.Anon:
		// A huge page that a fork shares is whole in each one's AnonHugePages, and a share of each one's Pss_Anon.
		if a.withHugePages() > 1 {
			return rollup("Pss_Anon", ", its share of huge pages with it", func(r *proc.SmapsRollup) figure.Figure { return r.PssAnon })
		}
		return rollup("Pss_Anon − AnonHugePages", "", func(r *proc.SmapsRollup) figure.Figure { return r.PssAnon.Minus(r.AnonHugePages) })
	case memory.AnonTHP:
		return rollup("AnonHugePages", " maps", func(r *proc.SmapsRollup) figure.Figure { return r.AnonHugePages })
	case memory.File:
		return rollup("Pss_File", " maps", func(r *proc.SmapsRollup) figure.Figure { return r.PssFile })
	case memory.Shmem:
		return append(a.tmpfsHolders(), rollup("Pss_Shmem", " maps", func(r *proc.SmapsRollup) figure.Figure { return r.PssShmem })...)
	case memory.KernelStack:
		threads := 0
		for i := range a.members {
			threads += a.members[i].Threads
		}
		return []document.Holder{{Who: value.Count(threads, "thread", "threads") + " of " + value.Count(len(a.members), "process", "processes"),
			Bytes: value.Absent[uint64](value.Unsupported, "the kernel does not tell it by thread"), Source: "/proc/PID/status: Threads"}}
	}
	return []document.Holder{}
}

// withHugePages is how many processes map anonymous huge pages.
func (a *account) withHugePages() (n int) {
	for i := range a.members {
		if v, ok := a.members[i].Rollup.AnonHugePages.Value(); ok && v > 0 {
			n++
		}
	}
	return n
}

// lockedBy says in words which processes have locked pages of theirs. (Shared memory may be locked as a whole, SHM_LOCK,
// and is then nobody's.)
func (a *account) lockedBy() string {
	var all []string
	for i := range a.members {
		m := &a.members[i]
		if v, ok := m.Rollup.Locked.Value(); ok && v > 0 {
			all = append(all, fmt.Sprintf("process %d (%s) has locked %s", m.PID, m.Comm, value.Bytes(v)))
		}
	}
	if rest := len(all) - holdersShown; rest > 0 {
		all = append(all[:holdersShown], fmt.Sprintf("%d more", rest))
	}
	return strings.Join(all, ", ")
}

// tmpfsHolders lists the tmpfs mounts that hold something. What is in them may be charged to another cgroup, whose
// process wrote it first.
func (a *account) tmpfsHolders() []document.Holder {
	all := []document.Holder{}
	for _, t := range a.tmpfs {
		if !t.Used.Is(0) && t.Used.State() != figure.NotMeasured {
			all = append(all, document.Holder{Who: "tmpfs " + value.Clean(t.MountPoint), Bytes: figures.Number(t.Used), Source: "statfs"})
		}
	}
	return largest(all)
}

func largest(all []document.Holder) []document.Holder {
	slices.SortStableFunc(all, func(a, b document.Holder) int {
		x, _ := a.Bytes.Get()
		y, _ := b.Bytes.Get()
		return cmp.Compare(y, x)
	})
	return append([]document.Holder{}, all[:min(len(all), holdersShown)]...)
}
