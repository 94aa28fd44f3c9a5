package trace

import (
	"reflect"
	"testing"

	"golang.org/x/sys/unix"
)

func named(text string) (all [16]byte) {
	copy(all[:], text)
	return all
}

func TestLineage(t *testing.T) {
	l := newLineage()
	l.born(10, 1)
	l.named(10, named("sh"))
	l.born(11, 10) // a subshell
	l.born(12, 11)
	l.named(12, named("kill"))
	l.gone(12)
	l.gone(11)
	for pid, want := range map[int][]Ancestor{
		12: {{12, "kill"}, {11, "sh"}, {10, "sh"}, {1, ""}},
		10: {{10, "sh"}, {1, ""}},
		99: {{99, ""}},
	} {
		if got := l.of(pid); !reflect.DeepEqual(got, want) {
			t.Errorf("%d: %v, wanted %v", pid, got, want)
		}
	}
	l.born(12, 1) // its PID is used again
	if got := l.of(12); !reflect.DeepEqual(got, []Ancestor{{12, ""}, {1, ""}}) {
		t.Errorf("a new process: %v", got)
	}
}

// A process that descends from itself, as PIDs that were used again may make it seem, does not end the search.
func TestLineageLoop(t *testing.T) {
	l := newLineage()
	l.born(10, 11)
	l.born(11, 10)
	if got := l.of(10); len(got) != mostParents+1 {
		t.Errorf("%v", got)
	}
}

// It is bounded, whether processes end or not, and keeps the ones that ended last.
func TestLineageBound(t *testing.T) {
	l := newLineage()
	for pid := range 3 * mostEnded {
		l.born(pid+2, 1)
		l.gone(pid + 2)
		l.gone(pid + 2)
	}
	if len(l.known) != mostEnded || len(l.ended) != mostEnded {
		t.Errorf("%d known, %d ended", len(l.known), len(l.ended))
	}
	if got := l.of(3*mostEnded + 1); len(got) != 2 {
		t.Errorf("the last one is forgotten: %v", got)
	}
	// One of those that have ended is born again, and lives on when its old place in the ring is used.
	again := 3*mostEnded + 1
	l.born(again, 1)
	for pid := range 2 * mostEnded {
		l.born(100_000+pid, 1)
		l.gone(100_000 + pid)
	}
	if got := l.of(again); len(got) != 2 {
		t.Errorf("a living process is forgotten: %v", got)
	}
	for pid := range 2 * mostKnown {
		l.born(200_000+pid, 1)
	}
	if len(l.known) > mostKnown {
		t.Errorf("%d are known", len(l.known))
	}
}

// A process whose end was not reported does not give its parents to the next one with its PID.
func TestLineageLostEnd(t *testing.T) {
	l := newLineage()
	for pid := range mostKnown {
		l.born(pid+2, 1)
	}
	l.born(100, 7) // it is full
	if got := l.of(100); !reflect.DeepEqual(got, []Ancestor{{100, ""}}) {
		t.Errorf("born when it is full: %v", got)
	}
	s := &Signals{lineage: l}
	s.handle(&perfRecord{kind: unix.PERF_RECORD_LOST, lost: 3}, nil)
	if got := l.of(200); !reflect.DeepEqual(got, []Ancestor{{200, ""}}) || s.Lost() != 3 {
		t.Errorf("born before reports were lost: %v, %d lost", got, s.Lost())
	}
	l.born(300, 200)
	l.gone(300)
	if got := l.of(300); !reflect.DeepEqual(got, []Ancestor{{300, ""}, {200, ""}}) {
		t.Errorf("born after that: %v", got)
	}
}
