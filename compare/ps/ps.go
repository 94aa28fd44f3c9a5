// Package ps lists containers, one line each: what Docker says, and what the kernel's files say.
//
// It calls docker once, however many containers there are, and reads the cgroups while docker works. Only if docker and the kernel
// disagree, it calls docker again.
package ps

import (
	"context"
	"errors"
	"slices"

	"haltscope/cgroupfs"
	"haltscope/compare/document"
	"haltscope/compare/host"
	"haltscope/compare/value"
	"haltscope/dockercli"
)

// Run lists the running containers or, with all, those in any state. It reads the cgroups while docker works, and their state once
// more after docker has answered. Docker's answer may be older than the first reading. So if the two disagree, or if none of the running
// containers is here, docker is asked a second time, and that answer lies between two readings. Before that it completes what it is
// doing to the containers: see awaitActions.
func Run(ctx context.Context, docker *dockercli.Client, all bool) (*document.Ps, error) {
	kernel, err := host.CheckForPs(ctx, docker)
	if err != nil {
		return nil, err
	}
	l := &listing{docker: docker, kernel: kernel, log: docker.Log, seen: map[string]*snapshot{}}
	defer func() { go l.close() }() // closing hundreds takes a moment, in which the caller can lay out the list
	first := ask(ctx, docker, all)
	failed := l.read(first.done)
	<-first.done
	if failed != nil {
		return nil, failed
	}
	doc, err := l.document(ctx, first)
	if err != nil {
		return nil, err
	}
	elsewhere := l.elsewhere(first.lines)
	if elsewhere == nil && !slices.ContainsFunc(doc.Containers, func(c document.PsLine) bool { return len(c.Drift) > 0 }) {
		return doc, nil
	}
	l.awaitActions(ctx, doc.Containers)
	for _, s := range l.seen {
		s.before = s.now
	}
	second := ask(ctx, docker, all)
	<-second.done
	if doc, err = l.document(ctx, second); err != nil {
		return nil, err
	}
	if slices.ContainsFunc(l.elsewhere(second.lines), func(id string) bool { return slices.Contains(elsewhere, id) }) {
		return nil, host.RemoteError(errors.New("none of its running containers has a cgroup here"))
	}
	return doc, nil
}

// answer is docker's list. It is complete when done is closed.
type answer struct {
	done  chan struct{}
	lines []dockercli.PsLine
	err   error
}

func ask(ctx context.Context, docker *dockercli.Client, all bool) *answer {
	a := &answer{done: make(chan struct{})}
	go func() {
		a.lines, a.err = docker.Ps(ctx, all, dockercli.Filter{})
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
		return nil, host.DaemonError(ctx, l.docker, a.err, "docker ps")
	}
	l.update(ctx, a.lines)
	return &document.Ps{Schema: document.PsSchema, Host: hostOf(l.kernel, l.docker.Engine()), Containers: psLines(a.lines, l.seen)}, nil
}

// hostOf returns what the document says about the host, without another call of docker.
func hostOf(kernel *cgroupfs.Host, engine dockercli.Engine) document.PsHost {
	absent := value.Absent[string](value.NotMeasured, "ps asks docker only for its containers")
	return document.PsHost{Engine: string(engine), EngineVersion: absent, ClientVersion: absent, CgroupDriver: absent,
		CgroupVersion: kernel.Version, CgroupHybrid: kernel.Hybrid, Kernel: host.Release()}
}
