package trace

import "bytes"

// lineage remembers the names and parents of processes, including those that ended a moment ago: a command such as kill lives for a
// millisecond, and whoever sees its signal wants to know what it was. It is bounded.
type lineage struct {
	known map[int]*known
	ended []int // the last ones that have ended, as a ring
	next  int   // the oldest of them, once the ring is full
}

// known is what is known of a process that was born while the tap was open.
type known struct {
	parent int
	name   string // "" if it is its parent's, which is not known
	ended  bool
	slot   int // in the ring of those that have ended
}

const (
	mostKnown   = 1 << 14 // processes, living and ended
	mostEnded   = 1 << 10
	mostParents = 8
)

func newLineage() *lineage { return &lineage{known: map[int]*known{}} }

// born records a new process. It has its parent's name until it executes a program.
func (l *lineage) born(pid, parent int) {
	if len(l.known) >= mostKnown {
		delete(l.known, pid) // another process had the PID, whose parents are not this one's
		return               // those that have ended make room again; of this one, /proc has to tell
	}
	k := &known{parent: parent}
	if p := l.known[parent]; p != nil {
		k.name = p.name
	}
	l.known[pid] = k
}

// forget forgets all processes: if reports were lost, an end may be among them, and the next process with that PID has other parents.
func (l *lineage) forget() { *l = *newLineage() }

// named records the new name of a process.
func (l *lineage) named(pid int, name [16]byte) {
	text, _, _ := bytes.Cut(name[:], []byte{0})
	if k := l.known[pid]; k != nil && k.name != string(text) {
		k.name = string(text)
	}
}

// gone records the end of a process, and forgets the process that ended longest ago.
func (l *lineage) gone(pid int) {
	k := l.known[pid]
	if k == nil || k.ended {
		return
	}
	k.ended = true
	if len(l.ended) < mostEnded {
		k.slot = len(l.ended)
		l.ended = append(l.ended, pid)
		return
	}
	old := l.ended[l.next]
	if o := l.known[old]; o != nil && o.ended && o.slot == l.next { // else its PID is another's now
		delete(l.known, old)
	}
	k.slot = l.next
	l.ended[l.next] = pid
	l.next = (l.next + 1) % mostEnded
}

// Ancestor is a process, and its name; "" if it is not known.
type Ancestor struct {
	PID  int
	Name string
}

// of returns a process, those of its parents that were born while the tap was open, and the parent of the last one.
func (l *lineage) of(pid int) []Ancestor {
	all := []Ancestor{}
	for k := l.known[pid]; len(all) <= mostParents; k = l.known[pid] {
		if k == nil {
			return append(all, Ancestor{PID: pid})
		}
		all = append(all, Ancestor{pid, k.name})
		pid = k.parent
	}
	return all
}
