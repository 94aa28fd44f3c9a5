// Package ps lists containers, one line each: what Docker says, and what the kernel's files say.
//
// It calls docker once, however many containers there are, and reads the cgroups while docker works. Only if docker and the kernel
// disagree, or for how containers ended, it calls docker again.
package ps

import (
	"context"
	"errors"
	"slices"
	"time"

	"github.com/rs/zerolog"

	"haltscope/cgroupfs"
	"haltscope/cgroupfs/proc"
	"haltscope/compare/document"
	"haltscope/compare/fault"
	"haltscope/compare/host"
	"haltscope/compare/target"
	"haltscope/compare/value"
	"haltscope/dockercli"
)

// Options say which containers are listed, and how.
type Options struct {
	All    bool             // also those that are not running
	Filter dockercli.Filter // zero for all
	Window time.Duration    // over which CPU use is measured; 0 for since the last call, or since the start
	Sort   Order
}

// engine is what a list asks Docker.
type engine interface {
	host.Daemon
	Engine() dockercli.Engine
	Logger() zerolog.Logger
	EventHistory(ctx context.Context) (dockercli.History, error)
	InspectMany(ctx context.Context, names ...string) dockercli.Inspections
	InspectEachWithin(ctx context.Context, limit time.Duration, names []string, got func(name string, found *dockercli.Container, err error))
}

// Run lists containers. It reads the cgroups while docker works, and their state once more after docker has answered. Docker's answer may
// be older than the first reading. So if the two disagree, or if none of the running containers is here, docker is asked a second time, and
// that answer lies between two readings. Before that it completes what it is doing to the containers: see awaitActions.
func Run(ctx context.Context, docker engine, o Options) (*document.Ps, error) {
	kernel, err := host.CheckForPs(ctx, docker)
	if err != nil {
		return nil, err
	}
	l := &listing{docker: docker, kernel: kernel, log: docker.Logger(), seen: map[string]*snapshot{}, options: o}
	defer func() { go l.close() }() // closing hundreds takes a moment, in which the caller can lay out the list
	first := l.ask(ctx)
	failed := l.read(first.done)
	if o.Window == 0 {
		if l.earlier, err = readEarlier(earlierFile, sinceBoot(time.Now())); err != nil {
			l.log.Debug().Err(err).Msg("cannot use the CPU counters of the last call")
		}
	}
	<-first.done
	if failed != nil {
		return nil, failed
	}
	if err := l.awaitWindow(ctx); err != nil {
		return nil, err
	}
	doc, err := l.document(ctx, first)
	if err != nil {
		return nil, err
	}
	elsewhere := l.elsewhere(first.lines)
	if elsewhere != nil || slices.ContainsFunc(doc.Containers, func(c document.PsLine) bool { return len(c.Drift) > 0 }) {
		if doc, err = l.again(ctx, doc, elsewhere); err != nil {
			return nil, err
		}
	}
	l.remember(earlierFile)
	if o.All {
		addLastEnds(ctx, docker, doc)
	}
	o.Sort.sort(doc.Containers)
	return doc, nil
}

// again asks docker once more, because its first answer and the kernel disagree. elsewhere are the running containers if none was seen
// here.
func (l *listing) again(ctx context.Context, doc *document.Ps, elsewhere []string) (*document.Ps, error) {
	l.awaitActions(ctx, doc.Containers)
	for _, s := range l.seen {
		s.before = s.now
	}
	second := l.ask(ctx)
	<-second.done
	if err := l.awaitWindow(ctx); err != nil {
		return nil, err
	}
	doc, err := l.document(ctx, second)
	if err != nil {
		return nil, err
	}
	if slices.ContainsFunc(l.elsewhere(second.lines), func(id string) bool { return slices.Contains(elsewhere, id) }) {
		return nil, host.RemoteError(errors.New("none of its running containers has a cgroup here"))
	}
	return doc, nil
}

// awaitWindow waits until the window has passed since the first readings.
func (l *listing) awaitWindow(ctx context.Context) error {
	var last time.Time
	for _, s := range l.seen {
		if s.before.At.After(last) {
			last = s.before.At
		}
	}
	select {
	case <-ctx.Done():
		return fault.ErrInterrupted
	case <-time.After(l.options.Window - time.Since(last)):
		return nil
	}
}

// answer is docker's list. It is complete when done is closed.
type answer struct {
	done  chan struct{}
	lines []dockercli.PsLine
	err   error
}

func (l *listing) ask(ctx context.Context) *answer {
	a := &answer{done: make(chan struct{})}
	go func() {
		a.lines, a.err = l.docker.Ps(ctx, l.options.All, l.options.Filter)
		close(a.done)
	}()
	return a
}

// elsewhere returns the ids of the running containers, if not one container of the list was seen here. They run on another machine, or
// ended right after docker answered.
func (l *listing) elsewhere(lines []dockercli.PsLine) (ids []string) {
	for _, line := range lines {
		if l.seen[line.ID] != nil {
			return nil
		}
		if isRunning(line.State) {
			ids = append(ids, line.ID)
		}
	}
	return ids
}

// document makes a line for each container of docker's list, with what the kernel says now.
func (l *listing) document(ctx context.Context, a *answer) (*document.Ps, error) {
	if a.err != nil {
		return nil, target.ListError(ctx, l.docker, a.err, l.options.Filter)
	}
	l.update(ctx, a.lines)
	doc := &document.Ps{Schema: document.PsSchema, Host: hostOf(l.kernel, l.docker.Engine()), Containers: l.lines(a.lines)}
	doc.Total = total(doc.Containers)
	return doc, nil
}

// hostOf returns what the document says about the host, without another call of docker.
func hostOf(kernel *cgroupfs.Host, engine dockercli.Engine) document.PsHost {
	absent := value.Absent[string](value.NotMeasured, "ps asks docker only for its containers")
	return document.PsHost{Engine: string(engine), EngineVersion: absent, ClientVersion: absent, CgroupDriver: absent,
		CgroupVersion: kernel.Version, CgroupHybrid: kernel.Hybrid, Kernel: host.Release(), Memory: hostMemory(proc.ReadMeminfo())}
}
