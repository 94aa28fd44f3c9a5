package cgroupfs

import (
	"os"
	"path/filepath"

	"haltscope/cgroupfs/figure"
)

// Limit is the limit of a cgroup, and the one that takes effect: the smallest of its own and those above. Effective is
// [figure.Max] if none of them has a limit.
type Limit struct {
	Own, Effective figure.Figure
	By             string // folder of the cgroup that sets Effective; "" if that is not a number
}

// CPULimit is a [Limit] of CPU time.
type CPULimit struct {
	Own, Effective CPUQuota
	By             string
}

// limitValue is a limit that smallest can compare.
type limitValue[T any] interface {
	State() figure.State
	Less(T) bool
}

// smallest reads a limit in each of the folders, of which the first is the cgroup's own, and returns that one and the
// smallest. A cgroup without the file, such as the root of v2, has no limit. If one cannot be read, the smallest is unknown.
func smallest[T limitValue[T]](folders []string, read func(folder string) T) (own, effective T, by string) {
	for i, folder := range folders {
		l := read(folder)
		if i == 0 {
			own, effective = l, l
		}
		switch l.State() {
		case figure.Present:
			if by == "" || l.Less(effective) {
				effective, by = l, folder
			}
		case figure.Max:
			if by == "" {
				effective = l
			}
		case figure.Unsupported:
		default:
			return own, l, ""
		}
	}
	return own, effective, by
}

func smallestFigure(folders []string, read func(folder string) figure.Figure) Limit {
	own, effective, by := smallest(folders, read)
	return Limit{own, effective, by}
}

func smallestQuota(folders []string, read func(folder string) CPUQuota) CPULimit {
	own, effective, by := smallest(folders, read)
	return CPULimit{own, effective, by}
}

// ancestry lists the folder of a cgroup and those above it, nearest first, as far as they are mounted. On v1 before Linux
// 5.11, a cgroup whose memory.use_hierarchy is 0 is not charged for those below it, and so does not limit them.
func ancestry(folder string) []string {
	if folder == "" {
		return []string{""}
	}
	all := []string{folder}
	for up := filepath.Dir(folder); up != folder; folder, up = up, filepath.Dir(up) {
		if _, err := os.Lstat(filepath.Join(up, "cgroup.procs")); err != nil || readFigure(up, "memory.use_hierarchy").Is(0) {
			break
		}
		all = append(all, up)
	}
	return all
}
