package watch

import (
	"errors"
	"maps"
	"slices"
	"strings"
	"time"

	"haltscope/cgroupfs"
	"haltscope/cgroupfs/proc"
	"haltscope/compare/target"
)

// kernelSide is what the watch holds of the kernel's files.
type kernelSide struct {
	kernel       *cgroupfs.Host
	watcher      *cgroupfs.Watcher
	kernelLog    *cgroupfs.KernelLog // nil: see kernelLogErr
	kernelLogErr error
	senders      *senders
	askers       *askers
	past         kernelPast

	watched     map[string]*watchedRun // by container
	unwatched   unwatched
	cgroupForms map[string]bool // forms of the containers' cgroup paths: see cgroupfs.Group.PathTemplate

	remoteReported    bool // that a container is not on this machine
	noHandlesReported bool // that the kernel gives no handles on processes
}

// watchedRun is a run whose cgroup is watched.
type watchedRun struct {
	key              string    // the container's id and started, for the watcher
	started          time.Time // the run's key in its timeline
	pid              int       // of the main process
	held             bool      // a handle on the main process reports its end
	exited           bool      // the main process has ended
	mountsKnown      bool      // whether it has Docker's socket: see askers.mounts
	waitDone         bool      // and the kernel has reported all that it can of how
	shim             int       // PID of the main process's parent, which waits for it; 0 for unknown
	sources          map[string]string
	nextDispositions time.Time // when the signal dispositions are read again
	dispositionsAge  time.Duration
	nextBelow        time.Time // when the cgroups below are looked at again, if they are wanted
	belowErr         bool      // that they cannot be read is logged
}

// A program sets up its handlers as it starts; later it seldom changes them.
const (
	firstDispositions  = 200 * time.Millisecond
	maxDispositionsAge = 5 * time.Minute
)

// maxCgroupForms bounds the forms of cgroup paths that are tried: compose and Kubernetes have one for all containers.
const maxCgroupForms = 8

// attach watches the cgroup of the current run, once Docker has reported its main process.
func (w *watch) attach(t *Timeline, now time.Time) {
	if started, pid, ok := t.Running(); ok {
		w.attachRun(t, started, pid, now)
		if f := w.watched[t.ID]; f != nil && !f.mountsKnown {
			f.mountsKnown = true
			w.askers.mounts(t.ID, t.container, pid)
		}
	}
}

// findWithoutDocker watches the cgroup of a run that docker inspect has not reported yet. It finds it by the container's id,
// where other containers have theirs, or at one of the other places: see cgroupfs.Group.PathTemplate.
func (w *watch) findWithoutDocker(t *Timeline, now time.Time, others ...string) {
	if f := w.watched[t.ID]; f != nil && !f.exited && t.isCurrent(f.started) {
		return
	}
	pid, err := w.kernel.MainProcess(t.ID, slices.AppendSeq(others, maps.Keys(w.cgroupForms))...)
	if err != nil {
		return // it has ended, or its cgroup is elsewhere: Docker will report it
	}
	processStarted, err := proc.StartedAt(pid)
	if err != nil {
		return // likewise
	}
	if started, ok := t.ProcessFound(processStarted, pid, now); ok {
		w.attachRun(t, started, pid, now)
	}
}

// cgroupPlaces searches all cgroups for those of containers, and returns their places by id: see cgroupfs.Group.PathTemplate. One
// in another container's cgroup is left out, because that container may have made it, with any name.
func (w *watch) cgroupPlaces() map[string]string {
	groups, err := w.kernel.Containers()
	if err != nil {
		w.Log.Warn().Err(err).Msg("cannot search the cgroups for containers for which docker inspect does not answer")
	}
	places := map[string]string{}
	for id, g := range groups {
		if g.Inside == "" {
			places[id] = g.PathTemplate(id)
		}
		g.Close()
	}
	return places
}

// attachRun watches the cgroup of a run, by its main process.
func (w *watch) attachRun(t *Timeline, started time.Time, pid int, now time.Time) {
	if f := w.watched[t.ID]; f != nil && f.started.Equal(started) && f.pid == pid {
		return
	}
	group, err := w.locate(pid, t.ID)
	if err != nil {
		var elsewhere *cgroupfs.NotInContainerError
		if errors.As(err, &elsewhere) && !w.remoteReported {
			w.remoteReported = true
			w.Log.Warn().Err(err).Msg("cannot read this container's cgroup on this machine")
		}
		return // it has ended: Docker will report it
	}
	process, gone := w.openProcess(t.ID, pid)
	if gone {
		group.Close()
		return // likewise
	}
	w.takeSample(t, now) // of the previous run, if its end is not known yet
	w.readWaitStatus(t, now)
	w.detach(t.ID)
	if form := group.PathTemplate(t.ID); form != "" && len(w.cgroupForms) < maxCgroupForms {
		w.cgroupForms[form] = true
	}
	f := &watchedRun{key: t.ID + " " + started.String(), started: started, pid: pid, held: process != nil, sources: group.Sources(),
		nextDispositions: now.Add(firstDispositions), dispositionsAge: firstDispositions}
	shim := openShim(process)
	if shim != nil {
		f.shim = shim.PID
	}
	sample, err := w.watcher.Add(f.key, group, process, shim)
	if err != nil {
		w.Log.Warn().Err(err).Str("container", t.ID).Msg("cannot watch its cgroup")
		w.unwatched.because(t.ID, err)
		return
	}
	w.watched[t.ID] = f
	if w.senders.tap != nil {
		w.senders.add(t.ID, t.Name, pid, f.shim)
		t.Senders(started, pid)
	}
	if f.held {
		t.ProcessHeld(started, f.shim)
	}
	if w.kernelLogErr != nil {
		t.VictimsUnknown(started, w.kernelLogErr)
	}
	t.Sample(started, sample, f.sources, nil, now)
	w.readDispositions(t.ID)
	w.readBelow(t, now)
	w.writeLines(t, now)
}

// openShim opens the process between containerd and a container, which waits for the end of the main process and reports it.
// It returns nil if there is none, or no handle on it.
func openShim(first *proc.Process) *proc.Process {
	if first == nil {
		return nil
	}
	shim, err := target.OpenShim(first.PID)
	if err != nil {
		return nil
	}
	return shim
}

// openProcess opens a main process, unless it is gone. It returns nil if the kernel gives no handles on processes: then Docker
// alone reports the end, and the cgroup everything else.
func (w *watch) openProcess(id string, pid int) (p *proc.Process, gone bool) {
	p, err := proc.OpenProcess(pid)
	if err == nil || errors.Is(err, proc.ErrNoProcess) {
		return p, err != nil
	}
	if cgroupfs.Exhausted(err) {
		w.unwatched.because(id, err) // to be tried again
		return nil, true
	}
	if !w.noHandlesReported {
		w.noHandlesReported = true
		w.Log.Warn().Err(err).Msg("cannot open pidfds for first processes; only Docker reports when and how they end")
	}
	return nil, false
}

// detach stops watching a container's cgroup.
func (w *watch) detach(id string) {
	if f := w.watched[id]; f != nil {
		w.watcher.Remove(f.key)
		w.senders.remove(id, f.pid)
		w.askers.remove(id)
		delete(w.watched, id)
	}
}

// refresh reads signal dispositions that are old, and detaches runs whose end is written.
func (w *watch) refresh(now time.Time) {
	for id, f := range w.watched {
		t := w.timelines[id]
		if t == nil {
			w.detach(id)
			continue
		}
		state, kept := t.state(f.started)
		if !f.held {
			f.exited = state >= ended
		}
		switch {
		case f.exited && (!kept || w.active[id] == nil && state >= provisional):
			w.detach(id)
		case f.exited:
		case t.WantsBelow(now) && !now.Before(f.nextBelow):
			w.readBelow(t, now)
		case now.Before(f.nextDispositions):
		default:
			w.readDispositions(id)
			w.readBelow(t, now)
			f.dispositionsAge = min(f.dispositionsAge*5, maxDispositionsAge)
			f.nextDispositions = now.Add(f.dispositionsAge)
		}
	}
}

// readDispositions reads how the signal target disposes of signals. It may fail, because the process may have ended.
func (w *watch) readDispositions(id string) {
	f, t := w.watched[id], w.timelines[id]
	if f == nil || t == nil || f.exited {
		return
	}
	members, err := w.watcher.Members(f.key)
	if err != nil {
		members = nil // those of the main process are read all the same
	}
	t.Dispositions(f.started, target.ReadDispositions(f.pid, members))
}

// belowInterval is how often the cgroups below a container's are looked at, while that is wanted.
const belowInterval = time.Second

// readBelow looks for frozen cgroups below a container's.
func (w *watch) readBelow(t *Timeline, now time.Time) {
	f := w.watched[t.ID]
	if f == nil || f.exited {
		return
	}
	f.nextBelow = now.Add(belowInterval)
	found, version, err := w.watcher.FrozenBelow(f.key)
	if err != nil {
		if !f.belowErr {
			f.belowErr = true
			w.Log.Warn().Err(err).Str("container", w.logName(t)).Msg("cannot see whether cgroups below its own are frozen")
		}
		return
	}
	t.Below(f.started, version, found, now)
	if t.hasNewsBelow() {
		w.active[t.ID] = t
	}
}

// containerID is the container's id in the key of a watched run.
func containerID(key string) string {
	id, _, _ := strings.Cut(key, " ")
	return id
}
