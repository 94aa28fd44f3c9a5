package inspect

import (
	"cmp"
	"errors"
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

// holdersShown bounds the list of holders of a row.
const holdersShown = 5

// holders returns who holds a row, as far as /proc reports it, the largest first. A process's share of pages that several map is its
// proportional one, PSS. It may map more of a file than is charged here, because a page is charged to the cgroup that read it first.
func (a *account) holders(kind string) []document.Holder {
	switch kind {
	case memory.Anon:
		// A huge page that is shared after a fork counts in full in each AnonHugePages, but as a share in each Pss_Anon.
		if a.withHugePages() > 1 {
			return a.processesHolding("Pss_Anon", ", including its share of huge pages",
				func(r *proc.SmapsRollup) figure.Figure { return r.PssAnon })
		}
		return a.processesHolding("Pss_Anon − AnonHugePages", "",
			func(r *proc.SmapsRollup) figure.Figure { return r.PssAnon.Minus(r.AnonHugePages) })
	case memory.AnonTHP:
		return a.processesHolding("AnonHugePages", " maps", func(r *proc.SmapsRollup) figure.Figure { return r.AnonHugePages })
	case memory.File:
		return a.processesHolding("Pss_File", " maps", func(r *proc.SmapsRollup) figure.Figure { return r.PssFile })
	case memory.Shmem:
		return append(a.tmpfsHolders(),
			a.processesHolding("Pss_Shmem", " maps", func(r *proc.SmapsRollup) figure.Figure { return r.PssShmem })...)
	case memory.KernelStack:
		return []document.Holder{a.threads()}
	}
	return []document.Holder{}
}

// processesHolding returns the processes with a figure of smaps_rollup, whose key is named as the source.
func (a *account) processesHolding(key, verb string, of func(*proc.SmapsRollup) figure.Figure) []document.Holder {
	var all []document.Holder
	for i := range a.held.members {
		m := &a.held.members[i]
		if f := of(&m.Rollup); !f.Is(0) && f.State() != figure.Unsupported {
			all = append(all, document.Holder{Who: fmt.Sprintf("process %d (%s)%s", m.PID, m.Comm, verb), Bytes: figures.Number(f),
				Source: fmt.Sprintf("%s/smaps_rollup: %s", folderOf(m), key)})
		}
	}
	return largest(all)
}

func (a *account) threads() document.Holder {
	threads := 0
	for i := range a.held.members {
		threads += a.held.members[i].Threads
	}
	return document.Holder{Who: value.Count(threads, "thread", "threads") + " of " + value.Count(len(a.held.members), "process", "processes"),
		Bytes: value.Absent[uint64](value.Unsupported, "the kernel does not report it by thread"), Source: "/proc/PID/status: Threads"}
}

// withHugePages returns how many processes map anonymous huge pages.
func (a *account) withHugePages() (n int) {
	for i := range a.held.members {
		if v, ok := a.held.members[i].Rollup.AnonHugePages.Value(); ok && v > 0 {
			n++
		}
	}
	return n
}

// lockedBy returns the processes that lock pages, as a clause. Shared memory that is locked as a whole (SHM_LOCK) belongs to no process.
func (a *account) lockedBy() string {
	var all []string
	for i := range a.held.members {
		m := &a.held.members[i]
		if v, ok := m.Rollup.Locked.Value(); ok && v > 0 {
			all = append(all, fmt.Sprintf("process %d (%s) has locked %s", m.PID, m.Comm, value.Bytes(v)))
		}
	}
	if rest := len(all) - holdersShown; rest > 0 {
		all = append(all[:holdersShown], fmt.Sprintf("%d more", rest))
	}
	return strings.Join(all, ", ")
}

// tmpfsHolders returns the tmpfs mounts that hold something. Their pages may be charged to another cgroup, whose process wrote them
// first.
func (a *account) tmpfsHolders() []document.Holder {
	all := []document.Holder{}
	for _, t := range a.held.tmpfs {
		if !t.Used.Is(0) && t.Used.State() != figure.NotMeasured {
			all = append(all, document.Holder{Who: "tmpfs " + value.Clean(t.MountPoint), Bytes: figures.Number(t.Used), Source: "statfs"})
		}
	}
	if err := a.held.tmpfsErr; err != nil && !errors.Is(err, proc.ErrNoProcess) {
		all = append(all, document.Holder{Who: "tmpfs mounts", Bytes: value.Absent[uint64](value.Failed, value.Clean(err.Error())),
			Source: "/proc/PID/mountinfo"})
	}
	return largest(all)
}

// largest returns the largest holders. Those without a figure come last.
func largest(all []document.Holder) []document.Holder {
	size := func(h document.Holder) int64 {
		if v, ok := h.Bytes.Get(); ok {
			return int64(v)
		}
		return -1
	}
	slices.SortStableFunc(all, func(a, b document.Holder) int { return cmp.Compare(size(b), size(a)) })
	return append([]document.Holder{}, all[:min(len(all), holdersShown)]...)
}

// folderOf returns the folder in /proc that shows the memory of a process.
func folderOf(m *proc.Member) string {
	if m.FirstThreadEnded {
		return proc.Folder(m.PID)
	}
	return fmt.Sprintf("/proc/%d", m.PID)
}
