package ps

import (
	"context"
	"errors"
	"fmt"
	"maps"
	"runtime"
	"slices"
	"sync"
	"time"

	"github.com/rs/zerolog"
	"golang.org/x/sys/unix"

	"haltscope/cgroupfs"
	"haltscope/cgroupfs/figure"
	"haltscope/cgroupfs/proc"
	"haltscope/compare/document"
	"haltscope/compare/rules/drift"
	"haltscope/compare/target"
	"haltscope/compare/value"
	"haltscope/dockercli"
)

// listing is what the kernel says about the containers.
type listing struct {
	docker engine
	kernel *cgroupfs.Host
	log    zerolog.Logger
	seen   map[string]*snapshot // by container id
	many   bool                 // their files cannot all be open at once

	options Options
	earlier *earlier // nil if there was none, or it is not needed
}

// snapshot is what was read of a container's cgroup: its state twice, its memory once.
type snapshot struct {
	group       *cgroupfs.Group
	before, now cgroupfs.Reading
	hasMemory   bool      // now contains its memory
	busy        bool      // Docker may be doing something to the container
	main        proc.Stat // its main process; without a PID if there is none, or it is not known
	below       []cgroupfs.FrozenBelow
}

// gone reports whether the cgroup no longer existed at the last reading.
func (s *snapshot) gone() bool { return s.now.Freezer.Frozen.State() == figure.Vanished }

// read finds the containers' cgroups and reads their state. Then it reads their memory, until the channel is closed.
func (l *listing) read(until <-chan struct{}) error {
	groups, skipped, err := l.kernel.Search()
	if err != nil {
		return fmt.Errorf("searching for the cgroups of containers: %w", err)
	}
	if len(skipped) > 0 {
		l.log.Warn().Stringer("cgroup",
			skipped[0]).Msgf("%d cgroups could not be searched; containers in them are listed without the kernel's figures", len(skipped))
	}
	l.many = tooMany(len(groups))
	for id, g := range groups {
		s := &snapshot{group: g}
		l.seen[id] = s
		g.ReadState(&s.before)
		l.release(s)
	}
	for _, s := range l.seen {
		select {
		case <-until:
			return nil
		default:
			l.readMemory(s)
			s.group.ReleaseMemory() // now, while docker works: closing at the end would take time
		}
	}
	return nil
}

// tooMany reports whether the files of so many cgroups would take more than half of the descriptors that this process may have.
func tooMany(groups int) bool {
	var limit unix.Rlimit
	err := unix.Getrlimit(unix.RLIMIT_NOFILE, &limit)
	return err != nil || uint64(groups) > limit.Cur/2/cgroupfs.GroupDescriptors
}

// release closes the files of a cgroup if they cannot all be open at once.
func (l *listing) release(s *snapshot) {
	if l.many {
		s.group.Release()
	}
}

func (l *listing) readMemory(s *snapshot) {
	s.group.ReadMemory(&s.now)
	var err error
	if s.main, err = mainProcess(s.group); err != nil {
		l.log.Warn().Err(err).Str("cgroup", value.Clean(s.group.Path)).
			Msg("cannot see whether the first thread of a container's main process has ended")
	}
	s.hasMemory = true
	l.release(s)
}

// readNow reads the state, and the memory if there was no time for it before.
func (l *listing) readNow(s *snapshot) {
	if !s.hasMemory {
		l.readMemory(s)
	}
	s.group.ReadState(&s.now)
	var err error
	if s.below, err = s.group.FrozenBelow(); err != nil {
		l.log.Warn().Err(err).Msg("cannot look for frozen cgroups below a container's")
	}
	l.release(s)
}

// mainProcess returns the main process of a cgroup, the one that started first; without a PID if there is none. The error says why that
// is not known. It is none if the cgroup or a process in it has ended.
func mainProcess(g *cgroupfs.Group) (proc.Stat, error) {
	pids, err := g.Members()
	if err != nil {
		if !g.Exists() {
			return proc.Stat{}, nil
		}
		return proc.Stat{}, err
	}
	return mainProcessOf(pids, proc.ReadStat)
}

// mainProcessOf is mainProcess of processes.
func mainProcessOf(pids []int, read func(int) (proc.Stat, error)) (first proc.Stat, err error) {
	for _, pid := range pids {
		stat, err := read(pid)
		switch {
		case errors.Is(err, proc.ErrNoProcess):
		case err != nil:
			return proc.Stat{}, err // it may be the main process
		case first.PID == 0 || stat.StartTime < first.StartTime:
			first = stat
		}
	}
	return first, nil
}

// update reads the containers of docker's list once more. It searches again if a running one has no cgroup.
func (l *listing) update(ctx context.Context, lines []dockercli.PsLine) {
	l.dropForeign(ctx, lines)
	each(lines, func(_ int, line dockercli.PsLine) {
		if s := l.seen[line.ID]; s != nil {
			l.readNow(s)
		}
	})
	missing := func(line dockercli.PsLine) bool {
		s := l.seen[line.ID]
		return isRunning(line.State) && (s == nil || s.gone())
	}
	if slices.ContainsFunc(lines, missing) {
		l.searchAgain()
		l.dropForeign(ctx, lines)
	}
}

// searchAgain adds the cgroups that appeared since the first search. A container that was restarted has a new cgroup at the same path,
// of which there is no first reading.
func (l *listing) searchAgain() {
	groups, err := l.kernel.Containers()
	if err != nil {
		l.log.Warn().Err(err).Msg("searching for the cgroups of containers that started meanwhile")
	}
	for id, g := range groups {
		old := l.seen[id]
		if old != nil && !old.gone() {
			continue
		}
		if old != nil {
			old.group.Close()
		}
		l.seen[id] = &snapshot{group: g}
		l.readNow(l.seen[id])
	}
}

// dropForeign drops the cgroups that have the name of a container but were made by another container. Only cgroups inside another
// container's are in doubt, so docker is asked about no others.
func (l *listing) dropForeign(ctx context.Context, lines []dockercli.PsLine) {
	var doubtful []string
	for _, line := range lines {
		if s := l.seen[line.ID]; s != nil && s.group.Inside != "" {
			doubtful = append(doubtful, line.ID)
		}
	}
	if len(doubtful) == 0 {
		return
	}
	inspected := l.docker.InspectMany(ctx, doubtful...)
	for _, id := range doubtful {
		if c, ok := inspected.Found[id]; !ok || !l.tied(&c) && !target.PlacedByDocker(&c, l.seen[id].group) {
			l.seen[id].group.Close()
			delete(l.seen, id)
		}
	}
}

// tied reports whether a container's main process is in the cgroup that was found by its name.
func (l *listing) tied(c *dockercli.Container) bool {
	if c.State.Pid == 0 {
		return false
	}
	g, err := l.kernel.Locate(c.State.Pid, c.ID)
	if err != nil {
		return false
	}
	defer g.Close()
	return g.Path == l.seen[c.ID].group.Path
}

// actionLimit bounds the wait for Docker's actions.
const actionLimit = 10 * time.Second

// awaitActions waits until Docker has completed what it is doing to the containers whose freezer it seems not to know of: while
// docker pause waits for its runtime, docker ps still shows what was before, and docker inspect hangs, because both lock the
// container (moby: containerPause, ContainerInspect).
func (l *listing) awaitActions(ctx context.Context, containers []document.PsLine) {
	var ids []string
	for _, c := range containers {
		if slices.ContainsFunc(c.Drift, drift.OfPause) {
			ids = append(ids, c.ID)
		}
	}
	l.docker.InspectEachWithin(ctx, min(l.docker.CallTimeout(), actionLimit), ids, func(id string, _ *dockercli.Container, err error) {
		if s := l.seen[id]; err != nil && s != nil {
			s.busy = true
			l.log.Warn().Err(err).Str("container", id).
				Msg("docker inspect does not answer for this container; whether docker knows of its freeze is unknown")
		}
	})
}

func (l *listing) close() {
	each(slices.Collect(maps.Values(l.seen)), func(_ int, s *snapshot) { s.group.Close() })
}

// each calls do for all elements, on every processor.
func each[T any](all []T, do func(int, T)) {
	var wait sync.WaitGroup
	workers := runtime.GOMAXPROCS(0)
	for first := range workers {
		wait.Go(func() {
			for i := first; i < len(all); i += workers {
				do(i, all[i])
			}
		})
	}
	wait.Wait()
}
