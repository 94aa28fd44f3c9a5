package cgroupfs

import (
	"os"
	"path/filepath"
)

// Limit is a limit of the cgroup, and the one that counts: the smallest of its own and those above it. Where none of
// them limits, Effective is [Max].
type Limit struct {
	Own, Effective Figure
	By             string // the folder of the cgroup that sets Effective; empty where that is not a number
}

// CPULimit is a [Limit] of CPU time.
type CPULimit struct {
	Own, Effective CPUQuota
	By             string
}

// limit is what climb compares.
type limit[T any] interface {
	State() State
	less(T) bool
}

func (f Figure) less(other Figure) bool { return f.value < other.value }

// climb reads a limit of each of the folders, nearest first. A cgroup without the file, such as v2's root, sets none.
// One whose limit cannot be read leaves open which is the smallest.
func climb[T limit[T]](dirs []string, read func(dir string) T) (own, effective T, by string) {
	for i, dir := range dirs {
		l := read(dir)
		if i == 0 {
			own, effective = l, l
		}
		switch l.State() {
		case Present:
			if by == "" || l.less(effective) {
				effective, by = l, dir
			}
		case Max:
			if by == "" {
				effective = l
			}
		case Unsupported:
		default:
			return own, l, ""
		}
	}
	return own, effective, by
}

// ancestry lists the folder of a cgroup and those above it, nearest first, as far as they are mounted. On v1 before
// 5.11 a cgroup with memory.use_hierarchy 0 is not charged for those below it, and so does not limit them.
func ancestry(dir string) []string {
	if dir == "" {
		return []string{""}
	}
	dirs := []string{dir}
	for up := filepath.Dir(dir); up != dir; dir, up = up, filepath.Dir(up) {
		if _, err := os.Lstat(filepath.Join(up, "cgroup.procs")); err != nil || readFigure(up, "memory.use_hierarchy").Is(0) {
			break
		}
		dirs = append(dirs, up)
	}
	return dirs
}
