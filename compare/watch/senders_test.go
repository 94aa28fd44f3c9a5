package watch

import (
	"errors"
	"testing"

	"haltscope/cgroupfs/trace"
)

// lossyWatch returns a watch with a container that ended at 2000 ms, whose end is not written yet.
func lossyWatch() (*watch, *Timeline) {
	w := newWatch(Options{}, nil, nil, nil)
	w.senders = &senders{tap: &trace.Signals{}}
	l := NewTimeline("c0ffee", "web", false)
	for _, s := range append(startedRun(), senders42, event(2000, "die", "exitCode=137"), inspect(2100, container("exited", 137))) {
		s(l)
	}
	w.timelines["c0ffee"] = l
	return w, l
}

// What is not known of signals is noted before an end is judged by them.
func TestReportLostFirst(t *testing.T) {
	w, l := lossyWatch()
	w.senders.failed = errors.New("epoll_wait failed")
	w.writeLines(l, at(60_000))
	if got := l.runs()[0].sentMissing(at(2000)); got != "epoll_wait failed" {
		t.Errorf("%q", got)
	}
}

// Reports of signals may be among what is dropped while the output takes no lines.
func TestDroppedReports(t *testing.T) {
	w, l := lossyWatch()
	if _, dropped := w.takeItems(nil); dropped || l.runs()[0].sentMissing(at(2000)) != "" {
		t.Error("something was dropped")
	}
	for range queueLimit + 1 {
		w.queue.put(item{key: "another"})
	}
	if _, dropped := w.takeItems(nil); !dropped || l.runs()[0].sentMissing(at(2000)) == "" {
		t.Error("nothing was dropped")
	}
}
