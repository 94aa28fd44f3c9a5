package watch

import (
	"errors"
	"time"

	"haltscope/cgroupfs"
	"haltscope/cgroupfs/figure"
	"haltscope/cgroupfs/proc"
)

// sample passes a sample of the watcher to the timeline of its container.
func (w *watch) sample(key string, s cgroupfs.Sample, now time.Time) {
	id := containerID(key)
	f, t := w.watched[id], w.timelines[id]
	if f == nil || t == nil || f.key != key {
		return
	}
	f.exited = f.exited || s.Ended != nil
	t.Sample(f.started, s, f.sources, nil, now)
	w.readVictims()
	w.advance(t, now)
}

// readNamespaceEnd looks whether the PID namespace that a container shares ends with it.
func (w *watch) readNamespaceEnd(t *Timeline, now time.Time) {
	id := t.sharesNamespaceOf()
	if id == "" || !t.ending() {
		return
	}
	w.readExiting(id, now)
	if owner := w.timelines[id]; owner != nil {
		w.takeSample(owner, now)
		w.active[id] = owner // for what follows from that
	}
}

// readExiting looks whether the main process of a container is ending. Its end is reported only after that of all other processes in its
// PID namespace.
func (w *watch) readExiting(id string, now time.Time) {
	f, t := w.watched[id], w.timelines[id]
	if f == nil || t == nil || f.exited {
		return
	}
	stat, err := proc.ReadStat(f.pid)
	switch {
	case errors.Is(err, proc.ErrNoProcess): // it has ended, which its pidfd will report
	case err != nil:
		w.Log.Debug().Err(err).Str("container", w.logName(t)).Msg("cannot see whether its first process is ending")
	case stat.Exiting && stat.State != 'Z': // Z: only its first thread has ended
		t.Exiting(f.started, now)
	}
}

// takeSample reads the cgroup of a container now.
func (w *watch) takeSample(t *Timeline, now time.Time) {
	f := w.watched[t.ID]
	if f == nil {
		return
	}
	if s, ok := w.watcher.Sample(f.key); ok {
		f.exited = f.exited || s.Ended != nil
		t.Sample(f.started, s, f.sources, nil, now)
	}
}

// readWaitStatus asks the kernel how a main process has ended, which it knows once the parent has waited for the process.
func (w *watch) readWaitStatus(t *Timeline, now time.Time) {
	f := w.watched[t.ID]
	if f == nil || f.waitDone {
		return
	}
	if state, kept := t.state(f.started); !kept || state < exited {
		return
	}
	s, ok := w.watcher.Sample(f.key)
	if !ok || s.Ended == nil {
		return
	}
	f.exited = true
	status, state := w.watcher.WaitStatus(f.key)
	if state == figure.NotMeasured {
		return
	}
	f.waitDone = true
	t.WaitDone(f.started)
	if state == figure.Present {
		t.Sample(f.started, s, f.sources, &status, now)
	} else {
		t.Sample(f.started, s, f.sources, nil, now)
	}
}
