package why

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"io/fs"
	"maps"
	"slices"
	"sync"
	"time"

	"haltscope/cgroupfs"
	"haltscope/cgroupfs/proc"
	"haltscope/compare/document"
	"haltscope/compare/host"
	"haltscope/compare/rules/grace"
	"haltscope/compare/systemd"
	"haltscope/compare/value"
	"haltscope/dockercli"
)

// sources is what could be read of the past.
type sources struct {
	history    dockercli.History
	historyErr error
	events     map[string][]dockercli.Event // of each container, by its id
	order      []string                     // the ids that the journal or the events name, by when they were last named
	watched    *watched

	log     *dockercli.DaemonLog
	logFrom string // its file, or the command that printed it
	logErr  error  // why it could not be read, or not all of it

	read      time.Time // when the sources were read
	kernel    *cgroupfs.KernelPast
	kernelErr error
	kills     []loggedKill  // by the kernel's log
	faults    []loggedFault // by the kernel's log

	system    *systemd.Past // nil if it could not be read
	systemErr error         // why it could not be read, or not all of it
	isSystemd bool          // or else this host has no journal of systemd

	boot          time.Time
	bootErr       error
	daemonStarted time.Time
	daemonErr     error // why the process of dockerd is not known

	noDocker error // why Docker does not answer; nil if it does

	grace    grace.Daemon
	graceErr error
	settings dockercli.DaemonSettings
	setErr   error // why settings are not known
	engine   string
	listing  listing // if all containers were asked for
}

// gather reads the sources, each once.
func gather(ctx context.Context, docker *dockercli.Client, o Options) *sources {
	s := &sources{events: map[string][]dockercli.Event{}, read: time.Now()}
	var all sync.WaitGroup
	all.Go(func() { s.history, s.historyErr = docker.EventHistory(ctx) })
	all.Go(func() { s.kernel, s.kernelErr = cgroupfs.ReadKernelPast() })
	all.Go(func() { s.readDaemon(ctx, docker, o) })
	all.Go(func() { s.watched = readJournal(o.Journal) })
	if s.isSystemd = systemd.Running(); s.isSystemd {
		all.Go(func() { s.system, s.systemErr = systemd.ReadPast(ctx, journalSince(o.Since)) })
	}
	if len(o.Names) == 0 {
		all.Go(func() { s.listing = list(ctx, docker) })
	}
	s.boot, s.bootErr = proc.BootTime()
	all.Wait()
	for _, e := range s.history.Containers {
		s.events[e.ID] = append(s.events[e.ID], e)
	}
	s.order = s.inOrder()
	s.mergeKernel()
	return s
}

// journalSince returns since when systemd's journal is read for ends since a time; zero for the last ends.
func journalSince(since time.Time) time.Time {
	if since.IsZero() {
		return since
	}
	return since.Add(-dumpTime)
}

// inOrder returns the ids that the journal or the events name, by when they were last named.
func (s *sources) inOrder() []string {
	last := map[string]time.Time{}
	for id, c := range s.watched.containers {
		last[id] = c.last
	}
	for id, events := range s.events {
		if at := events[len(events)-1].Time; at.After(last[id]) {
			last[id] = at
		}
	}
	return slices.SortedFunc(maps.Keys(last), func(a, b string) int {
		return cmp.Or(last[a].Compare(last[b]), cmp.Compare(a, b))
	})
}

// readDaemon reads what the process of dockerd, its configuration and its log tell.
func (s *sources) readDaemon(ctx context.Context, docker *dockercli.Client, o Options) {
	pid, arguments, err := host.DaemonProcess(ctx, docker)
	if s.daemonErr = err; err == nil {
		s.daemonStarted, s.daemonErr = proc.StartedAt(pid)
	}
	if s.settings, s.setErr = dockercli.ReadDaemonSettings(arguments); s.daemonErr != nil {
		s.setErr = s.daemonErr
	}
	s.log, s.logFrom, s.logErr = readDaemonLog(ctx, o.DaemonLog, pid, s.daemonStarted)
}

// forgotNothing is how many events a daemon may have told of and have forgotten none. Events that come while it is asked are not told,
// but may take the place of older ones.
const forgotNothing = dockercli.HistoryLimit / 2

// seenFrom returns since when the events are known without a gap; nil if none are.
func (s *sources) seenFrom() *time.Time {
	switch {
	case s.historyErr != nil:
		return nil
	case s.history.Events <= forgotNothing && s.daemonErr == nil:
		return &s.daemonStarted
	case s.history.Events == 0:
		return nil
	}
	return &s.history.Oldest
}

// documents says what was read, and what could not be.
func (s *sources) documents() []document.WhySource {
	inspect := document.WhySource{Name: "docker inspect", Read: true,
		From: value.Absent[string](value.Unsupported, "it tells about the last run of each container that exists")}
	if s.noDocker != nil {
		inspect = source(inspect.Name, s.noDocker, time.Time{})
	}
	events := source("docker events", s.historyErr, zeroOr(s.seenFrom()))
	log := source(s.logFrom, s.logErr, time.Time{})
	if s.log != nil {
		log.Read, log.From = true, stampOr(s.log.From, "it has no line with a time")
		if !s.log.Info && log.Error == "" {
			log.Error = "it has no line of the level info, which tell of stops whose grace ran out"
		}
	}
	kernel := source("/dev/kmsg", s.kernelErr, time.Time{})
	if s.kernel != nil {
		kernel.Read, kernel.From = true, stampOr(s.kernel.Oldest, "it is empty")
	}
	boot := source("boot time", s.bootErr, s.boot)
	daemon := source("start of dockerd", s.daemonErr, s.daemonStarted)
	all := []document.WhySource{inspect, events, log, kernel, boot, daemon}
	if s.isSystemd {
		system := source(systemJournal, s.systemErr, time.Time{})
		if s.system != nil && !s.system.Oldest.IsZero() {
			system.Read, system.From = true, stampOr(s.system.Oldest, "")
		}
		all = append(all, system)
	}
	if s.watched.missing {
		return all
	}
	watch := source("journal of a watch: "+s.watched.dir, s.watched.err, time.Time{})
	watch.Read = s.watched.err == nil || len(s.watched.containers) > 0
	watch.From = stampOr(s.watched.oldest, "it has no line")
	return append([]document.WhySource{watch}, all...)
}

func source(name string, err error, from time.Time) document.WhySource {
	d := document.WhySource{Name: name, Read: err == nil, From: stampOr(from, "")}
	if err != nil {
		d.Error = value.Clean(dockercli.Cause(err))
		d.From = value.Absent[string](reasonOf(err), d.Error)
	}
	return d
}

// reasonOf is why a source could not be read, as a reason of the document.
func reasonOf(err error) value.Reason {
	switch {
	case errors.Is(err, fs.ErrPermission):
		return value.Denied
	case errors.Is(err, fs.ErrNotExist):
		return value.Unsupported
	}
	return value.Failed
}

// stampOr returns a time as the document has it; the detail says why a zero one is absent.
func stampOr(t time.Time, detail string) value.Maybe[string] {
	return value.KnownOr(t.Format(time.RFC3339Nano), !t.IsZero(), value.NotMeasured, detail)
}

func zeroOr(t *time.Time) time.Time {
	if t == nil {
		return time.Time{}
	}
	return *t
}

// seenError says why no events are known; "" if some are.
func (s *sources) seenError() string {
	if s.historyErr == nil {
		return ""
	}
	return fmt.Sprintf("Docker's events could not be read: %s", dockercli.Cause(s.historyErr))
}
