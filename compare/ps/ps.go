package ps

import (
	"context"
	"errors"
	"fmt"
	"maps"
	"runtime"
	"slices"
	"sync"

	"github.com/rs/zerolog"
	"golang.org/x/sys/unix"

	"haltscope/cgroupfs"
	"haltscope/cgroupfs/figure"
	"haltscope/compare/document"
	"haltscope/compare/host"
	"haltscope/compare/target"
	"haltscope/compare/value"
	"haltscope/dockercli"
)

// Run lists containers: those that run or, with all, those in any state. It asks docker once, however many they are, reads
// the cgroups while docker is at it, and their state once more behind the answer. That may be older than the first
// reading: where the two disagree, or none of what runs is here, docker is asked a second time, and that answer lies
// between two readings.
func Run(ctx context.Context, docker *dockercli.Client, all bool) (*document.Ps, error) {
	kernel, err := host.CheckForPs(ctx, docker)
	if err != nil {
		return nil, err
	}
	l := &listing{docker: docker, kernel: kernel, log: docker.Log, seen: map[string]*sight{}}
	defer func() { go l.close() }() // takes a moment for hundreds, in which the list can be laid out
	answer := ask(ctx, docker, all)
	failed := l.begin(answer.came)
	<-answer.came
	if failed != nil {
		return nil, failed
	}
	doc, err := l.document(ctx, answer)
	nowhere := l.nowhere(answer.lines)
	if err == nil && (nowhere != nil || slices.ContainsFunc(doc.Containers, func(c document.PsLine) bool { return len(c.Drift) > 0 })) {
		for _, s := range l.seen {
			s.before = s.now
		}
		answer = ask(ctx, docker, all)
		<-answer.came
		doc, err = l.document(ctx, answer)
		if err == nil && slices.ContainsFunc(l.nowhere(answer.lines), func(id string) bool { return slices.Contains(nowhere, id) }) {
			return nil, host.RemoteError(errors.New("not one of its running containers has a cgroup here"))
		}
	}
	return doc, err
}

// nowhere are the running containers, by id, where not one container of Docker's answer has been seen here: they run on
// another machine, or have ended right behind the answer.
func (l *listing) nowhere(lines []dockercli.PsLine) (ids []string) {
	for _, line := range lines {
		if l.seen[line.ID] != nil {
			return nil
		}
		if runs(line.State) {
			ids = append(ids, line.ID)
		}
	}
	return ids
}

// answer is docker's, once it came.
type answer struct {
	came  chan struct{}
	lines []dockercli.PsLine
	err   error
}

func ask(ctx context.Context, docker *dockercli.Client, all bool) *answer {
	a := &answer{came: make(chan struct{})}
	go func() {
		a.lines, a.err = docker.List(ctx, all)
		close(a.came)
	}()
	return a
}

// listing is what the kernel says of containers.
type listing struct {
	docker *dockercli.Client
	kernel *cgroupfs.Host
	log    zerolog.Logger
	seen   map[string]*sight // by id
	many   bool              // the files of all of them are more than may be open
}

// sight is what was read of a container's cgroup: its state twice, its memory once.
type sight struct {
	group       *cgroupfs.Group
	before, now cgroupfs.Reading
	whole       bool // now has its memory
}

func (s *sight) gone() bool { return s.now.Freezer.Frozen.State() == figure.Vanished }

// begin looks for the containers and reads their state, and then their memory, as far as there is time for that before
// until.
func (l *listing) begin(until <-chan struct{}) error {
	groups, skipped, err := l.kernel.Search()
	if err != nil {
		return fmt.Errorf("looking for the cgroups of containers: %w", err)
	}
	if len(skipped) > 0 {
		l.log.Warn().Stringer("cgroup", skipped[0]).Msgf("%d cgroups could not be searched for containers: those inside are listed without the kernel's account", len(skipped))
	}
	l.many = tooMany(len(groups))
	for id, g := range groups {
		s := &sight{group: g}
		l.seen[id] = s
		g.ReadState(&s.before)
		l.rest(s)
	}
	for _, s := range l.seen {
		select {
		case <-until:
			return nil
		default:
			l.memory(s)
			s.group.ReleaseMemory() // while there is time: what is open takes a moment to close as the program ends
		}
	}
	return nil
}

// tooMany reports whether the files of some cgroups would take more than half of the descriptors that we may have.
func tooMany(groups int) bool {
	var limit unix.Rlimit
	err := unix.Getrlimit(unix.RLIMIT_NOFILE, &limit)
	return err != nil || uint64(groups) > limit.Cur/2/cgroupfs.GroupDescriptors
}

func (l *listing) memory(s *sight) {
	s.group.ReadMemory(&s.now)
	s.whole = true
	l.rest(s)
}

// rest lets go of files that cannot all be open.
func (l *listing) rest(s *sight) {
	if l.many {
		s.group.Release()
	}
}

// look reads the state, and the memory where there was no time for it.
func (l *listing) look(s *sight) {
	if !s.whole {
		l.memory(s)
	}
	s.group.ReadState(&s.now)
	l.rest(s)
}

// again looks once more for the containers' cgroups: one that began behind the first look has a cgroup by now, and one
// that was started again has another at the same path, of which there is no reading from before.
func (l *listing) again() {
	groups, err := l.kernel.Containers()
	if err != nil {
		l.log.Warn().Err(err).Msg("the cgroups of containers that began meanwhile could not be looked for")
	}
	for id, g := range groups {
		old := l.seen[id]
		if old != nil && !old.gone() {
			continue
		}
		if old != nil {
			old.group.Close()
		}
		l.seen[id] = &sight{group: g}
		l.look(l.seen[id])
	}
}

// disown drops the cgroups that are another container's doing, and have the name of one of Docker's answer. Where none is
// inside another, which is the rule, nobody is asked.
func (l *listing) disown(ctx context.Context, lines []dockercli.PsLine) {
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

// tied reports whether a container's first process is in the cgroup that was found by its name.
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

func (l *listing) close() {
	each(slices.Collect(maps.Values(l.seen)), func(_ int, s *sight) { s.group.Close() })
}

// document puts Docker's answer beside what the kernel says now.
func (l *listing) document(ctx context.Context, a *answer) (*document.Ps, error) {
	if a.err != nil {
		return nil, host.DaemonError(ctx, a.err, "docker ps")
	}
	l.disown(ctx, a.lines)
	each(a.lines, func(_ int, line dockercli.PsLine) {
		if s := l.seen[line.ID]; s != nil {
			l.look(s)
		}
	})
	missing := func(line dockercli.PsLine) bool {
		s := l.seen[line.ID]
		return runs(line.State) && (s == nil || s.gone())
	}
	if slices.ContainsFunc(a.lines, missing) {
		l.again()
		l.disown(ctx, a.lines)
	}
	unasked := value.Absent[string](value.NotMeasured, "docker is asked for its containers alone")
	doc := &document.Ps{Schema: document.PsSchema, Containers: make([]document.PsLine, len(a.lines)),
		Host: document.PsHost{EngineVersion: unasked, ClientVersion: unasked, CgroupDriver: unasked,
			CgroupVersion: l.kernel.Version, CgroupHybrid: l.kernel.Hybrid, Kernel: host.Release()}}
	each(a.lines, func(i int, line dockercli.PsLine) { doc.Containers[i] = psLine(line, l.seen[line.ID]) })
	return doc, nil
}

// each does it for all, on every processor.
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
