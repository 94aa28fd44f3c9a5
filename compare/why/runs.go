package why

import (
	"time"

	"haltscope/compare/document"
	"haltscope/dockercli"
)

// run is what Docker tells about one run of a container that has ended.
type run struct {
	started, ended *time.Time          // nil if not known
	events         []dockercli.Event   // kill, oom, die, stop, destroy
	code           string              // of the die event; "" for none
	inspected      bool                // docker inspect is about this run
	atOnce         bool                // it ended before Docker had written down its start
	kills          []loggedKill        // by the kernel's log
	watched        *document.WatchLine // by the journal of a watch
	byPolicy       bool                // its restart policy has started the container after it
}

// lateSignal is how long after an end Docker may report a signal that it sent before: its runtime may take its time.
const lateSignal = 2 * time.Second

// sameEnd is how far apart docker inspect and the die event may be about the same end: the event comes once the container is cleaned up.
const sameEnd = 15 * time.Second

// runsOf returns the runs that have ended, the first one first, by the events of a container and by docker inspect, which is nil if it
// was removed.
func runsOf(events []dockercli.Event, c *dockercli.Container) []run {
	var all []run
	open := false // the last one of all has not ended
	for _, e := range events {
		switch last := len(all) - 1; e.Action {
		case "start":
			at := e.Time
			all, open = append(all, run{started: &at}), true
		case "die":
			if !open {
				all = append(all, run{})
				last++
			}
			at := e.Time
			all[last].ended, all[last].code, open = &at, e.ExitCode, false
			all[last].events = append(all[last].events, e)
		case "kill", "oom":
			if !open && (last < 0 || e.Time.Sub(*all[last].ended) > lateSignal) {
				all, open = append(all, run{}), true
				last++
			}
			all[last].events = append(all[last].events, e)
		case "stop", "destroy":
			if last >= 0 {
				all[last].events = append(all[last].events, e)
			}
		}
	}
	if c != nil {
		return inspected(all, open, c)
	}
	if open { // it was removed, so that it has ended
		return all[:len(all)-1]
	}
	return all
}

// inspected adds what docker inspect tells about the last run that has ended.
func inspected(all []run, open bool, c *dockercli.Container) []run {
	live := c.State.Running && c.State.Status != "restarting"
	finished := c.State.FinishedAt
	if open && live {
		all = all[:len(all)-1]
	}
	if finished.Year() <= 1 { // Docker's zero: it has never ended
		return withoutOpen(all)
	}
	last := len(all) - 1
	known := last >= 0 && (all[last].ended == nil || about(*all[last].ended, finished))
	if !known {
		all = append(withoutOpen(all), run{})
		last = len(all) - 1
	}
	r := &all[last]
	if live {
		if r.ended == nil {
			r.ended = &finished
		}
	} else {
		started := c.State.StartedAt
		if late := started.Sub(finished); late > 0 && late <= sameEnd {
			started, r.atOnce = finished, true
		}
		r.started, r.ended = &started, &finished
		r.inspected = c.State.Error == "" // or else its exit code is that of a start that failed
	}
	markPolicy(all, c, live)
	return all
}

// withoutOpen leaves out a run whose end is not known.
func withoutOpen(all []run) []run {
	if n := len(all); n > 0 && all[n-1].ended == nil {
		return all[:n-1]
	}
	return all
}

func about(event, finished time.Time) bool { return event.Sub(finished).Abs() <= sameEnd }

// markPolicy marks the runs after which the restart policy has started the container: docker inspect counts them since somebody else
// started it. In the state restarting, it has counted the start that is to come.
func markPolicy(all []run, c *dockercli.Container, live bool) {
	last := len(all) - 1
	if !live && c.State.Status != "restarting" {
		last-- // the last run has ended, and nothing followed
	}
	for n := c.RestartCount; n > 0 && last >= 0; n, last = n-1, last-1 {
		all[last].byPolicy = true
	}
}
