package why

import (
	"cmp"
	"context"
	"sync"
	"time"

	"haltscope/cgroupfs/proc"
	"haltscope/compare/document"
	"haltscope/compare/host"
	"haltscope/compare/rules/past"
	"haltscope/compare/value"
	"haltscope/dockercli"
)

// Events is the part of Docker that [LastEnds] asks.
type Events interface {
	host.Socket
	EventHistory(ctx context.Context) (dockercli.History, error)
}

// LastEnds returns, by id, how the last runs of containers ended, for lists and overviews. It uses only docker inspect and Docker's
// events. It calls inspect, which inspects the containers, while it reads the events. What cannot be known has its reason. A container
// that was removed meanwhile, or has neither ended nor failed to start, is left out.
func LastEnds(ctx context.Context, docker Events, inspect func() dockercli.Inspections) map[string]value.Maybe[document.LastEnd] {
	s := &sources{events: map[string][]dockercli.Event{}, read: time.Now(), watched: &watched{missing: true}}
	var inspected dockercli.Inspections
	var all sync.WaitGroup
	all.Go(func() { inspected = inspect() })
	all.Go(func() { s.history, s.historyErr = docker.EventHistory(ctx) })
	all.Go(func() {
		pid, arguments, err := host.DaemonProcess(ctx, docker)
		if s.daemonErr, s.setErr = err, err; err != nil {
			return
		}
		s.daemonStarted, s.daemonErr = proc.StartedAt(pid)
		s.settings, s.setErr = dockercli.ReadDaemonSettings(arguments)
	})
	s.boot, s.bootErr = proc.BootTime()
	all.Wait()
	for _, e := range s.history.Containers {
		s.events[e.ID] = append(s.events[e.ID], e)
	}
	ends := map[string]value.Maybe[document.LastEnd]{}
	for id, err := range inspected.Failed {
		ends[id] = value.Absent[document.LastEnd](value.Failed, value.Clean(dockercli.Cause(err)))
	}
	for id, c := range inspected.Found {
		sub := s.existing(&c)
		if end, ok := s.lastEnd(&sub); ok {
			ends[id] = value.Known(end)
		}
	}
	return ends
}

// lastEnd returns how the last run of a container ended; ok is false if no run has ended and no start has failed.
func (s *sources) lastEnd(sub *subject) (end document.LastEnd, ok bool) {
	const none = "none of its runs is known to have ended"
	end.ExitCode, end.EndedAt = value.Absent[int](value.NotMeasured, none), value.Absent[string](value.NotMeasured, none)
	if failed := notStarted(sub); failed != nil {
		end.StartError, ok = failed.Error, true
	}
	runs := runsOf(sub.events, sub.container)
	if len(runs) == 0 {
		return end, ok
	}
	r := &runs[len(runs)-1]
	f := s.facts(sub, r)
	v := past.Judge(f)
	d := runDocument(r, &f, &v, nil)
	end.Verdict, end.Confidence, end.How = v.Kind, v.Confidence, cmp.Or(v.How, v.Missing)
	end.ExitCode, end.EndedAt = d.ExitCode, d.EndedAt
	return end, true
}
