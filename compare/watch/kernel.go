package watch

import (
	"errors"
	"maps"
	"slices"
	"strings"
	"time"

	"haltscope/cgroupfs"
	"haltscope/cgroupfs/figure"
	"haltscope/cgroupfs/proc"
	"haltscope/compare/target"
	"haltscope/compare/value"
)

// followed is a run whose cgroup is watched.
type followed struct {
	key    string
	began  time.Time
	pid    int
	held   bool // its first process is, by a handle that tells of its end
	gone   bool // its first process has ended
	waited bool // and how is known
	shim   int  // the pid of its parent, which waits for it; 0 for unknown
	source map[string]string
	next   time.Time // when its stance to signals is read again
	age    time.Duration
}

// A program sets its handlers up as it starts; later it seldom changes them.
const (
	firstStance = 200 * time.Millisecond
	lastStance  = 5 * time.Minute
)

func trimSlash(name string) string { return strings.TrimPrefix(name, "/") }

// attach has the cgroup of a run watched, once it is known where it is.
func (w *watch) attach(l *Life, now time.Time) {
	if began, pid, ok := l.Running(); ok {
		w.attachTo(l, began, pid, now)
	}
}

// standIn has the cgroup of a run watched of which docker inspect has not told yet: it is found by the container's id. It
// reports whether it is.
func (w *watch) standIn(l *Life, now time.Time) bool {
	if f := w.followed[l.ID]; f != nil && !f.gone && l.run(f.began) == l.current {
		return true
	}
	pid, err := w.kernel.MainProcess(l.ID, slices.Collect(maps.Keys(w.forms))...)
	if err != nil {
		return false // it has ended, or its cgroup is elsewhere: Docker will tell
	}
	started, err := proc.StartedAt(pid)
	if err != nil {
		return false
	}
	began, ok := l.Found(started, pid, now)
	return ok && w.attachTo(l, began, pid, now)
}

// attachTo has the cgroup of the run watched that began at a time, by its first process. It reports whether it is.
func (w *watch) attachTo(l *Life, began time.Time, pid int, now time.Time) bool {
	if f := w.followed[l.ID]; f != nil && f.began.Equal(began) && f.pid == pid {
		return true
	}
	group, err := w.locate(pid, l.ID)
	if err != nil {
		var elsewhere *cgroupfs.NotInContainerError
		if errors.As(err, &elsewhere) && !w.remote {
			w.remote = true
			w.Log.Warn().Err(err).Msg("the kernel cannot be asked about this container")
		}
		return false // it has ended: Docker will tell
	}
	process, gone := w.hold(l.ID, pid)
	if gone {
		group.Close()
		return false // likewise
	}
	w.lookAt(l, now) // at the run before, if its end is not known yet
	w.waited(l, now)
	w.detach(l.ID)
	if form := group.PathTemplate(l.ID); form != "" && len(w.forms) < mostForms {
		w.forms[form] = true
	}
	f := &followed{key: l.ID + " " + began.String(), began: began, pid: pid, held: process != nil, source: group.Sources(), next: now.Add(firstStance), age: firstStance}
	sight, err := w.watcher.Add(f.key, group, process, w.shim(f, process))
	if err != nil {
		w.Log.Warn().Err(err).Str("container", l.ID).Msg("its cgroup is not watched")
		w.unfollowed.because(l.ID, err)
		return false
	}
	w.followed[l.ID] = f
	if f.held {
		l.Held(began, f.shim)
	}
	if w.unread != nil {
		l.Unnamed(began, w.unread)
	}
	l.Kernel(began, sight, f.source, nil, now)
	w.stance(l.ID)
	for _, line := range l.Lines(now) {
		w.write(&line)
	}
	return true
}

// mostForms bounds how many forms of cgroups' paths are tried: compose and Kubernetes have one for all containers.
const mostForms = 8

// shim takes hold of the process between containerd and a container, which waits for the end of the first process and
// reports it. It is nil where there is none, or no handle to be had.
func (w *watch) shim(f *followed, first *proc.Process) *proc.Process {
	if first == nil {
		return nil
	}
	shim, err := target.OpenShim(first.PID)
	if err != nil {
		return nil
	}
	f.shim = shim.PID
	return shim
}

// hold takes hold of a first process, unless it is gone. It is nil where the kernel gives no handle on processes: then
// Docker alone tells of its end, and the cgroup of all else.
func (w *watch) hold(id string, pid int) (p *proc.Process, gone bool) {
	p, err := proc.OpenProcess(pid)
	if err == nil || errors.Is(err, proc.ErrNoProcess) {
		return p, err != nil
	}
	if cgroupfs.Exhausted(err) {
		w.unfollowed.because(id, err) // it is tried again
		return nil, true
	}
	if !w.unheld {
		w.unheld = true
		w.Log.Warn().Err(err).Msg("first processes cannot be held: when they end, and how, is Docker's word alone")
	}
	return nil, false
}

func (w *watch) detach(id string) {
	if f := w.followed[id]; f != nil {
		w.watcher.Remove(f.key)
		delete(w.followed, id)
	}
}

// stance reads how the receiver of signals stands to them.
func (w *watch) stance(id string) {
	f, l := w.followed[id], w.lives[id]
	if f == nil || l == nil || f.gone {
		return
	}
	members, _ := w.watcher.Members(f.key)
	l.Stance(f.began, target.ReadDispositions(f.pid, members))
}

// refresh reads the stances again that are old, and lets go of runs that have been told of.
func (w *watch) refresh(now time.Time) {
	for id, f := range w.followed {
		l := w.lives[id]
		if l != nil && !f.held {
			i := l.run(f.began)
			f.gone = i == nil || i.died != nil
		}
		if l == nil || f.gone && l.run(f.began) == nil {
			w.detach(id)
			continue
		}
		if f.gone && (w.open[id] == nil) {
			if i := l.run(f.began); i == nil || i.told {
				w.detach(id)
			}
			continue
		}
		if now.Before(f.next) {
			continue
		}
		w.stance(id)
		f.age = min(f.age*5, lastStance)
		f.next = now.Add(f.age)
	}
}

// sight takes what the watcher has seen.
func (w *watch) sight(key string, s cgroupfs.Sample, now time.Time) {
	id, _, _ := strings.Cut(key, " ")
	f, l := w.followed[id], w.lives[id]
	if f == nil || l == nil || f.key != key {
		return
	}
	f.gone = f.gone || s.Ended != nil
	l.Kernel(f.began, s, f.source, nil, now)
	w.victims()
	w.settle(l, now)
}

// victims hears whom the OOM killer has chosen. It has written that down before it tells of it by its counter.
func (w *watch) victims() {
	if w.log == nil {
		return
	}
	lost, err := w.log.Victims(func(v cgroupfs.OOMVictim) {
		for part := range strings.SplitSeq(v.Cgroup, "/") {
			id := strings.TrimSuffix(strings.TrimPrefix(part, "docker-"), ".scope") // as the systemd driver names it
			l := w.lives[id]
			if l == nil {
				continue
			}
			v.Name, v.LimitOf = value.Clean(v.Name), value.Clean(v.LimitOf) // inside it, it names them as it likes
			if f := w.followed[id]; f != nil {
				l.Victim(f.began, f.pid, v)
			} else {
				l.Victim(time.Time{}, 0, v)
			}
			return
		}
	})
	if lost {
		w.Log.Debug().Msg("the kernel has overwritten part of its log before it was read")
	}
	if err != nil {
		w.Log.Warn().Err(err).Msg("which process the OOM killer ends will not be known")
		w.log.Close()
		w.log, w.unread = nil, err
		for id, f := range w.followed {
			if l := w.lives[id]; l != nil {
				l.Unnamed(f.began, err)
			}
		}
	}
}

// lookAt looks at the cgroup of a life now.
func (w *watch) lookAt(l *Life, now time.Time) {
	f := w.followed[l.ID]
	if f == nil {
		return
	}
	if s, ok := w.watcher.Sample(f.key); ok {
		f.gone = f.gone || s.Ended != nil
		l.Kernel(f.began, s, f.source, nil, now)
	}
}

// waited asks the kernel how a first process has ended: it knows once the parent has waited for it.
func (w *watch) waited(l *Life, now time.Time) {
	f := w.followed[l.ID]
	if f == nil || f.waited {
		return
	}
	if i := l.run(f.began); i == nil || i.died == nil && i.ended == nil {
		return
	}
	s, ok := w.watcher.Sample(f.key)
	if !ok || s.Ended == nil {
		return
	}
	f.gone = true
	status, state := w.watcher.WaitStatus(f.key)
	if state == figure.NotMeasured {
		return
	}
	f.waited = true
	l.Waited(f.began)
	if state == figure.Present {
		l.Kernel(f.began, s, f.source, &status, now)
	} else {
		l.Kernel(f.began, s, f.source, nil, now)
	}
}
