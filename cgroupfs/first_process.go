package cgroupfs

import (
	"errors"
	"fmt"
	"io/fs"
	"path"
	"path/filepath"
	"strings"
	"time"

	"golang.org/x/sys/unix"
)

// usualCgroups are where Docker puts a container's cgroup unless it was told otherwise: with its cgroupfs driver, and with
// that of systemd. Source: moby, daemon/oci_linux.go, withCgroups.
var usualCgroups = []string{"docker/ID", "system.slice/docker-ID.scope"}

// Form is the path of the cgroup below its hierarchy's mount, with ID in place of the container's id: what other containers'
// cgroups of the same engine are likely to be named like. "" where the id is not in the path.
func (g *Group) Form(id string) string {
	below, ok := strings.CutPrefix(g.Path, g.mount+"/")
	if !ok || id == "" || !strings.Contains(below, id) {
		return ""
	}
	return strings.ReplaceAll(below, id, "ID")
}

// FirstProcess finds the first process of a running container by the cgroup that is named after its full id, without
// asking Docker: the process of the cgroup that started first, for whatever else is in it was started by that one, or by
// docker exec later. forms are the places to look in, before the usual ones: see [Group.Form]. The error is [ErrNoProcess]
// where there is no such cgroup, or no process in it.
func (h *Host) FirstProcess(id string, forms ...string) (pid int, err error) {
	top := h.mounts[h.controllers()[0]].point
	for _, form := range append(forms, usualCgroups...) {
		pid, err := firstOf(path.Join(top, strings.ReplaceAll(form, "ID", id)))
		if err == nil || !errors.Is(err, fs.ErrNotExist) && !errors.Is(err, ErrNoProcess) {
			return pid, err
		}
	}
	return 0, fmt.Errorf("a cgroup of container %.12s: %w", id, ErrNoProcess)
}

// firstOf is the process of a cgroup that started first.
func firstOf(dir string) (first int, err error) {
	pids, err := members(filepath.Clean(dir))
	if err != nil {
		return 0, err
	}
	var began uint64
	for _, pid := range pids {
		stat, err := ReadStat(pid)
		if errors.Is(err, ErrNoProcess) {
			continue
		}
		if err != nil {
			return 0, err
		}
		if first == 0 || stat.StartTime < began {
			first, began = pid, stat.StartTime
		}
	}
	if first == 0 {
		return 0, ErrNoProcess
	}
	return first, nil
}

// userHz is the unit of times in /proc: USER_HZ, which is 100 on every architecture that Docker runs on.
const userHz = 100

// StartedAt is when a process started, by the clock of the wall as it goes now, to a hundredth of a second. Source:
// proc_pid_stat(5), starttime.
func StartedAt(pid int) (time.Time, error) {
	stat, err := ReadStat(pid)
	if err != nil {
		return time.Time{}, err
	}
	booted, err := Booted()
	if err != nil {
		return time.Time{}, err
	}
	return booted.Add(time.Duration(stat.StartTime) * time.Second / userHz), nil
}

// Booted returns when this machine booted, by the current wall clock. Source: clock_gettime(2), CLOCK_BOOTTIME.
func Booted() (time.Time, error) {
	var since unix.Timespec
	if err := unix.ClockGettime(unix.CLOCK_BOOTTIME, &since); err != nil {
		return time.Time{}, fmt.Errorf("reading the time since boot: %w", err)
	}
	return time.Now().Add(-time.Duration(since.Nano())), nil
}
