package watch

import (
	"errors"
	"fmt"
	"time"

	"golang.org/x/sys/unix"

	"haltscope/cgroupfs"
	"haltscope/compare/value"
)

// Go raises the soft limit of open files to the hard one as a program starts, and gives docker the one that it had before
// (os/rlimit.go, syscall/rlimit.go). What is left to do is to stay below it: with no descriptor left docker cannot be run.

// reserve is how many descriptors stay free for all but the containers: calls of docker, up to ten each while they start,
// readings, and connections to the metrics.
const reserve = 80 + maxConnections

// unfollowedEvery is how often a change of the number of those that are not followed is told, at most.
const unfollowedEvery = 10 * time.Second

// unfollowed are the containers that run and whose cgroups are not watched.
type unwatched struct {
	why        map[string]error // by container
	open       int              // descriptors, by the last count and what was followed since
	reported   int              // how many they were
	reportedAt time.Time        // when that was told
	limit      uint64           // of open files
}

// errNoRoom means that the limit of open files is reached, but for the reserve.
var errNoRoom = errors.New("the limit of open files is reached")

// locate finds the cgroup of a container if there is room to follow it.
func (w *watch) locate(pid int, id string) (*cgroupfs.Group, error) {
	if !w.unwatched.room() {
		w.unwatched.because(id, errNoRoom)
		return nil, errNoRoom
	}
	group, err := w.kernel.Locate(pid, id)
	var elsewhere *cgroupfs.NotTiedError
	switch {
	case cgroupfs.Exhausted(err), errors.As(err, &elsewhere):
		w.unwatched.because(id, err)
	default:
		delete(w.unwatched.why, id)
	}
	return group, err
}

// because notes why a container is not followed.
func (u *unwatched) because(id string, why error) {
	if u.why == nil {
		u.why = map[string]error{}
	}
	u.why[id] = why
}

// room reports whether one more can be followed. The descriptors are counted only when they seem to be too many.
func (u *unwatched) room() bool {
	var limit unix.Rlimit
	if err := unix.Getrlimit(unix.RLIMIT_NOFILE, &limit); err != nil {
		return true // the kernel will say so
	}
	u.limit = limit.Cur
	if u.open += cgroupfs.WatchDescriptors; u.open > cgroupfs.WatchDescriptors && uint64(u.open+reserve) <= limit.Cur {
		return true
	}
	open, ok := openFiles()
	if !ok {
		return true
	}
	u.open = open + cgroupfs.WatchDescriptors
	return uint64(u.open+reserve) <= limit.Cur
}

// count forgets those that have ended, and counts the rest.
func (w *watch) countUnfollowed() int {
	for id := range w.unwatched.why {
		l := w.timelines[id]
		if l == nil || w.watched[id] != nil {
			delete(w.unwatched.why, id)
		} else if _, _, runs := l.Running(); !runs {
			delete(w.unwatched.why, id)
		}
	}
	return len(w.unwatched.why)
}

// retryUnfollowed follows those for which there was no room before, as far as there is now, and tells how many are left
// when that changes.
func (w *watch) retryUnfollowed(now time.Time) {
	w.countUnfollowed()
	for id, why := range w.unwatched.why {
		if errors.Is(why, errNoRoom) || errors.Is(why, unix.ENOSPC) || cgroupfs.Exhausted(why) {
			w.attach(w.timelines[id], now)
			if w.watched[id] == nil {
				break // nor is there for the others
			}
		}
	}
	n := w.countUnfollowed()
	if w.Observe != nil {
		w.Observe.Unfollowed(n)
	}
	if !w.started || n == w.unwatched.reported || now.Sub(w.unwatched.reportedAt) < unfollowedEvery {
		return
	}
	level := Warn
	if n == 0 {
		level = Info
	}
	w.write(&Line{At: now, Level: level, Action: ActionWatch, Message: "watching " + w.howManyFollowed(now)})
}

// howManyFollowed says how many containers are followed, and what to do about the others.
func (w *watch) howManyFollowed(now time.Time) string {
	n := w.countUnfollowed()
	w.unwatched.reported, w.unwatched.reportedAt = n, now
	text := value.Count(len(w.watched), "running container", "running containers")
	if n > 0 {
		text = fmt.Sprintf("%d of %d running containers: %s", len(w.watched), len(w.watched)+n, w.whyUnfollowed())
	}
	if n := len(w.unresponsive); n > 0 {
		text += "; docker inspect does not answer about " + value.Count(n, "container", "containers")
	}
	return text
}

func (w *watch) whyUnfollowed() string {
	for _, why := range w.unwatched.why {
		if errors.Is(why, errNoRoom) || errors.Is(why, unix.EMFILE) {
			return fmt.Sprintf("the limit of open files (%d) is reached; raise it (ulimit -n, LimitNOFILE=)", w.unwatched.limit)
		}
		if errors.Is(why, unix.ENOSPC) {
			return "the limit of what epoll watches is reached; raise it (sysctl fs.epoll.max_user_watches)"
		}
		if cgroupfs.Exhausted(why) {
			return "this machine can open no more files; raise the limit (sysctl fs.file-max)"
		}
	}
	return "the cgroups of the others are not found on this machine"
}
