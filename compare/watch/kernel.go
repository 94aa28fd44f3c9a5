package watch

import (
	"errors"
	"maps"
	"slices"
	"strings"
	"time"

	"haltscope/cgroupfs"
	"haltscope/compare/target"
	"haltscope/compare/value"
)

// followed is a run whose cgroup is watched.
type watchedRun struct {
	key              string
	started          time.Time
	pid              int
	held             bool // its first process is, by a handle that tells of its end
	exited           bool // its first process has ended
	waitDone         bool // and how is known
	shim             int  // the pid of its parent, which waits for it; 0 for unknown
	sources          map[string]string
	nextDispositions time.Time // when its stance to signals is read again
	dispositionsAge  time.Duration
}

// A program sets its handlers up as it starts; later it seldom changes them.
const (
	firstDispositions  = 200 * time.Millisecond
	maxDispositionsAge = 5 * time.Minute
)

func trimSlash(name string) string { return strings.TrimPrefix(name, "/") }

// attach has the cgroup of a run watched, once it is known where it is.
func (w *watch) attach(l *Timeline, now time.Time) {
	if began, pid, ok := l.Running(); ok {
		w.attachRun(l, began, pid, now)
	}
}

// standIn has the cgroup of a run watched of which docker inspect has not told yet: it is found by the container's id. It
// reports whether it is.
func (w *watch) findWithoutDocker(l *Timeline, now time.Time) bool {
	if f := w.watched[l.ID]; f != nil && !f.exited && l.runSince(f.started) == l.current {
		return true
	}
	pid, err := w.kernel.FirstProcess(l.ID, slices.Collect(maps.Keys(w.cgroupForms))...)
	if err != nil {
		return false // it has ended, or its cgroup is elsewhere: Docker will tell
	}
	started, err := cgroupfs.StartedAt(pid)
	if err != nil {
		return false
	}
	began, ok := l.ProcessFound(started, pid, now)
	return ok && w.attachRun(l, began, pid, now)
}

// attachTo has the cgroup of the run watched that began at a time, by its first process. It reports whether it is.
func (w *watch) attachRun(l *Timeline, began time.Time, pid int, now time.Time) bool {
	if f := w.watched[l.ID]; f != nil && f.started.Equal(began) && f.pid == pid {
		return true
	}
	group, err := w.locate(pid, l.ID)
	if err != nil {
		var elsewhere *cgroupfs.NotTiedError
		if errors.As(err, &elsewhere) && !w.remoteReported {
			w.remoteReported = true
			w.Log.Warn().Err(err).Msg("the kernel cannot be asked about this container")
		}
		return false // it has ended: Docker will tell
	}
	process, gone := w.openProcess(l.ID, pid)
	if gone {
		group.Close()
		return false // likewise
	}
	w.takeSample(l, now) // at the run before, if its end is not known yet
	w.readWaitStatus(l, now)
	w.detach(l.ID)
	if form := group.Form(l.ID); form != "" && len(w.cgroupForms) < maxCgroupForms {
		w.cgroupForms[form] = true
	}
	f := &watchedRun{key: l.ID + " " + began.String(), started: began, pid: pid, held: process != nil, sources: group.Sources(), nextDispositions: now.Add(firstDispositions), dispositionsAge: firstDispositions}
	sight, err := w.watcher.Add(f.key, group, process, w.shim(f, process))
	if err != nil {
		w.Log.Warn().Err(err).Str("container", l.ID).Msg("its cgroup is not watched")
		w.unwatched.because(l.ID, err)
		return false
	}
	w.watched[l.ID] = f
	if f.held {
		l.ProcessHeld(began, f.shim)
	}
	if w.kernelLogErr != nil {
		l.VictimsUnknown(began, w.kernelLogErr)
	}
	l.Sample(began, sight, f.sources, nil, now)
	w.readDispositions(l.ID)
	for _, line := range l.Lines(now) {
		w.write(&line)
	}
	return true
}

// mostForms bounds how many forms of cgroups' paths are tried: compose and Kubernetes have one for all containers.
const maxCgroupForms = 8

// shim takes hold of the process between containerd and a container, which waits for the end of the first process and
// reports it. It is nil where there is none, or no handle to be had.
func (w *watch) shim(f *watchedRun, first *cgroupfs.Process) *cgroupfs.Process {
	if first == nil {
		return nil
	}
	shim, err := target.Shim(first.PID)
	if err != nil {
		return nil
	}
	f.shim = shim.PID
	return shim
}

// hold takes hold of a first process, unless it is gone. It is nil where the kernel gives no handle on processes: then
// Docker alone tells of its end, and the cgroup of all else.
func (w *watch) openProcess(id string, pid int) (p *cgroupfs.Process, gone bool) {
	p, err := cgroupfs.OpenProcess(pid)
	if err == nil || errors.Is(err, cgroupfs.ErrNoProcess) {
		return p, err != nil
	}
	if cgroupfs.Exhausted(err) {
		w.unwatched.because(id, err) // it is tried again
		return nil, true
	}
	if !w.noHandlesReported {
		w.noHandlesReported = true
		w.Log.Warn().Err(err).Msg("first processes cannot be held: when they end, and how, is Docker's word alone")
	}
	return nil, false
}

func (w *watch) detach(id string) {
	if f := w.watched[id]; f != nil {
		w.watcher.Remove(f.key)
		delete(w.watched, id)
	}
}

// stance reads how the receiver of signals stands to them.
func (w *watch) readDispositions(id string) {
	f, l := w.watched[id], w.timelines[id]
	if f == nil || l == nil || f.exited {
		return
	}
	members, _ := w.watcher.Members(f.key)
	l.Dispositions(f.started, target.ReadDispositions(f.pid, members))
}

// refresh reads the stances again that are old, and lets go of runs that have been told of.
func (w *watch) refresh(now time.Time) {
	for id, f := range w.watched {
		l := w.timelines[id]
		if l != nil && !f.held {
			i := l.runSince(f.started)
			f.exited = i == nil || i.end != nil
		}
		if l == nil || f.exited && l.runSince(f.started) == nil {
			w.detach(id)
			continue
		}
		if f.exited && (w.active[id] == nil) {
			if i := l.runSince(f.started); i == nil || i.isWritten() {
				w.detach(id)
			}
			continue
		}
		if now.Before(f.nextDispositions) {
			continue
		}
		w.readDispositions(id)
		f.dispositionsAge = min(f.dispositionsAge*5, maxDispositionsAge)
		f.nextDispositions = now.Add(f.dispositionsAge)
	}
}

// sight takes what the watcher has seen.
func (w *watch) sample(key string, s cgroupfs.Sight, now time.Time) {
	id, _, _ := strings.Cut(key, " ")
	f, l := w.watched[id], w.timelines[id]
	if f == nil || l == nil || f.key != key {
		return
	}
	f.exited = f.exited || s.Ended != nil
	l.Sample(f.started, s, f.sources, nil, now)
	w.readVictims()
	w.advance(l, now)
}

// victims hears whom the OOM killer has chosen. It has written that down before it tells of it by its counter.
func (w *watch) readVictims() {
	if w.kernelLog == nil {
		return
	}
	lost, err := w.kernelLog.Victims(func(v cgroupfs.OOMVictim) {
		for part := range strings.SplitSeq(v.Cgroup, "/") {
			id := strings.TrimSuffix(strings.TrimPrefix(part, "docker-"), ".scope") // as the systemd driver names it
			l := w.timelines[id]
			if l == nil {
				continue
			}
			v.Name, v.LimitOf = value.Clean(v.Name), value.Clean(v.LimitOf) // inside it, it names them as it likes
			if f := w.watched[id]; f != nil {
				l.OOMVictim(f.started, f.pid, v)
			} else {
				l.OOMVictim(time.Time{}, 0, v)
			}
			return
		}
	})
	if lost {
		w.Log.Debug().Msg("the kernel has overwritten part of its log before it was read")
	}
	if err != nil {
		w.Log.Warn().Err(err).Msg("which process the OOM killer ends will not be known")
		w.kernelLog.Close()
		w.kernelLog, w.kernelLogErr = nil, err
		for id, f := range w.watched {
			if l := w.timelines[id]; l != nil {
				l.VictimsUnknown(f.started, err)
			}
		}
	}
}

// lookAt looks at the cgroup of a life now.
func (w *watch) takeSample(l *Timeline, now time.Time) {
	f := w.watched[l.ID]
	if f == nil {
		return
	}
	if s, ok := w.watcher.Look(f.key); ok {
		f.exited = f.exited || s.Ended != nil
		l.Sample(f.started, s, f.sources, nil, now)
	}
}

// waited asks the kernel how a first process has ended: it knows once the parent has waited for it.
func (w *watch) readWaitStatus(l *Timeline, now time.Time) {
	f := w.watched[l.ID]
	if f == nil || f.waitDone {
		return
	}
	if i := l.runSince(f.started); i == nil || i.end == nil && i.exitedAt == nil {
		return
	}
	s, ok := w.watcher.Look(f.key)
	if !ok || s.Ended == nil {
		return
	}
	f.exited = true
	status, state := w.watcher.WaitStatus(f.key)
	if state == cgroupfs.NotMeasured {
		return
	}
	f.waitDone = true
	l.WaitDone(f.started)
	if state == cgroupfs.Present {
		l.Sample(f.started, s, f.sources, &status, now)
	} else {
		l.Sample(f.started, s, f.sources, nil, now)
	}
}
