package watch

import (
	"errors"
	"fmt"
	"time"

	"golang.org/x/sys/unix"

	"haltscope/cgroupfs"
	"haltscope/cgroupfs/proc"
	"haltscope/compare/value"
)

// Go raises the soft limit of open files to the hard one as a program starts, and gives docker the original one (os/rlimit.go,
// syscall/rlimit.go). The watch only has to stay below the limit: without descriptors, docker cannot be run.

// reservedDescriptors is how many descriptors stay free for everything but the containers: docker commands (up to ten each
// while they start), readings, and connections to the metrics.
const reservedDescriptors = 80 + maxConnections

// unwatchedInterval is the least time between two lines about how many containers are not watched.
const unwatchedInterval = 10 * time.Second

// unwatched are the running containers whose cgroups are not watched.
type unwatched struct {
	why        map[string]error // by container
	open       int              // descriptors, by the last count and what was opened since
	limit      uint64           // of open files
	reported   int              // how many containers the last line had
	reportedAt time.Time
}

// errNoDescriptors means that the limit of open files is reached, except for the reserve.
var errNoDescriptors = errors.New("the limit of open files is reached")

// locate finds the cgroup of a container, if there are descriptors to watch it.
func (w *watch) locate(pid int, id string) (*cgroupfs.Group, error) {
	if !w.unwatched.hasDescriptors() {
		w.unwatched.because(id, errNoDescriptors)
		return nil, errNoDescriptors
	}
	group, err := w.kernel.Locate(pid, id)
	var elsewhere *cgroupfs.NotInContainerError
	switch {
	case cgroupfs.Exhausted(err), errors.As(err, &elsewhere):
		w.unwatched.because(id, err)
	default:
		delete(w.unwatched.why, id)
	}
	return group, err
}

// because records why a container is not watched.
func (u *unwatched) because(id string, why error) {
	if u.why == nil {
		u.why = map[string]error{}
	}
	u.why[id] = why
}

// hasDescriptors reports whether one more container can be watched. It counts descriptors only when they seem to run out.
func (u *unwatched) hasDescriptors() bool {
	var limit unix.Rlimit
	if err := unix.Getrlimit(unix.RLIMIT_NOFILE, &limit); err != nil {
		return true // opening will fail
	}
	u.limit = limit.Cur
	if u.open += cgroupfs.WatchDescriptors; u.open > cgroupfs.WatchDescriptors && uint64(u.open+reservedDescriptors) <= limit.Cur {
		return true
	}
	open, ok := proc.OpenFiles().Value()
	if !ok {
		return true
	}
	u.open = int(open) + cgroupfs.WatchDescriptors
	return uint64(u.open+reservedDescriptors) <= limit.Cur
}

// mayRecover reports whether a container that is not watched for this reason may be watched later.
func mayRecover(why error) bool {
	return errors.Is(why, errNoDescriptors) || errors.Is(why, unix.ENOSPC) || cgroupfs.Exhausted(why)
}

// countUnwatched forgets the containers that have ended, and counts the others.
func (w *watch) countUnwatched() int {
	for id := range w.unwatched.why {
		t := w.timelines[id]
		if t == nil || w.watched[id] != nil {
			delete(w.unwatched.why, id)
		} else if _, _, runs := t.Running(); !runs {
			delete(w.unwatched.why, id)
		}
	}
	return len(w.unwatched.why)
}

// retryUnwatched watches the containers for which there are resources now, and writes how many are left when that changes.
func (w *watch) retryUnwatched(now time.Time) {
	w.countUnwatched()
	for id, why := range w.unwatched.why {
		if !mayRecover(why) {
			continue
		}
		if w.attach(w.timelines[id], now); w.watched[id] == nil {
			break // there are none for the others either
		}
	}
	n := w.countUnwatched()
	if w.Observe != nil {
		w.Observe.Unwatched(n)
	}
	if !w.started || n == w.unwatched.reported || now.Sub(w.unwatched.reportedAt) < unwatchedInterval {
		return
	}
	level := Warn
	if n == 0 {
		level = Info
	}
	w.write(&Line{At: now, Level: level, Action: ActionWatch, Message: "watching " + w.watchedText(now)})
}

// watchedText says how many containers are watched, and what to do about the others.
func (w *watch) watchedText(now time.Time) string {
	n := w.countUnwatched()
	w.unwatched.reported, w.unwatched.reportedAt = n, now
	text := value.Count(len(w.watched), "running container", "running containers")
	if n > 0 {
		text = fmt.Sprintf("%d of %d running containers: %s", len(w.watched), len(w.watched)+n, w.unwatched.reason())
	}
	if n := len(w.unresponsive); n > 0 {
		text += "; docker inspect does not answer for " + value.Count(n, "container", "containers")
	}
	return text
}

// reason says why containers are not watched.
func (u *unwatched) reason() string {
	for _, why := range u.why {
		if errors.Is(why, errNoDescriptors) || errors.Is(why, unix.EMFILE) {
			return fmt.Sprintf("the limit of open files (%d) is reached; raise it (ulimit -n, LimitNOFILE=)", u.limit)
		}
		if errors.Is(why, unix.ENOSPC) {
			return "the limit of epoll watches is reached; raise it (sysctl fs.epoll.max_user_watches)"
		}
		if cgroupfs.Exhausted(why) {
			return "this machine cannot open more files; raise the limit (sysctl fs.file-max)"
		}
	}
	return "the cgroups of the others were not found on this machine"
}
