package past

import (
	"slices"
	"time"

	"haltscope/compare/value"
)

// Facts are what is known about one run that has ended. A nil pointer is a fact that nobody could find out.
type Facts struct {
	StartedAt, EndedAt *time.Time

	Code        *int
	CodeSource  string // where Code is from
	CodeDoubt   string // why a label may have replaced Code; "" if none did
	CodeMissing string // why Code is nil
	OOMKilled   *bool  // docker inspect's; nil if it says nothing about this run
	Unhealthy   bool   // its health check had failed by the end

	Events    []Event    // of this run, in Docker's order
	SeenFrom  *time.Time // since when the daemon's events are known without a gap
	SeenError string     // why none are known; "" if they are

	Forced    *Forced // by dockerd's log; nil if it has no such line
	NotForced bool    // dockerd's log covers the end, and has no such line

	Kills     []OOMKill // by the kernel's log, in this container, whenever they were
	KernelLog bool      // the kernel's log covers the end
	Faults    []Fault   // by the kernel's log, of processes of any container or of none, around the end

	Dumps      []CoreDump  // around the end
	OOMSignals []OOMSignal // right before the end

	Watched *Watched // nil if no watch has seen the end, as far as is known

	BootAt    *time.Time
	Starts    []time.Time // of dockerd, as far as they are known
	Shutdowns []time.Time // when dockerd was told to end and stopped all containers, as far as that is known

	Container Container
}

// Container is what is known about the container of a run.
type Container struct {
	Known      bool // docker inspect knows it
	StopSignal value.Signal
	Grace      time.Duration // its own; below 0 for none
	// NamespaceInit: the first process is the first of its PID namespace, so that the kernel drops signals to it whose action is
	// the default one.
	NamespaceInit bool
	Front         string // the init or wrapper in front of the program; "" for none known
	Shell         bool   // its first process is a shell, or a script
	Program       string // the base name of what it runs
	// PolicyOff: its restart policy starts it after any end, unless Docker was asked to stop it or to send it a signal, and it has not been
	// started.
	PolicyOff bool
	// RestartedByPolicy: its restart policy has started it after this run, or is about to. So Docker was not asked to end it.
	RestartedByPolicy bool
	// ZeroIsReal: the engine never makes up an exit code of 0.
	ZeroIsReal bool
}

// Watched is what a watch said about the end when it saw it.
type Watched struct {
	Kind    value.Kind
	How     string
	Missing string
	Code    *int // nil if it did not know it
	Because []Observation
}

// Event is an event of Docker's.
type Event struct {
	Action string // kill, oom, die, stop, destroy
	Signal value.Signal
	Doubt  string // why a label may have replaced Signal; "" if none did. A Signal that one did replace is 0.
	At     time.Time
}

// Forced is dockerd's word that the grace of a stop ran out.
type Forced struct {
	At     time.Time
	Grace  string // as dockerd writes it
	Signal value.Signal
	Source string
}

// Place is where the kernel listed a victim of the OOM killer among the processes of its container, which it lists in the order in
// which they joined the cgroup.
type Place int

// The places.
const (
	PlaceUnknown Place = iota
	Later              // after two others at least
	Second             // after one other: under an init, that is the program
	First              // before all others: the first process of the container
	Only               // the kernel listed no other
)

// PlaceOf returns the place of a process in the kernel's list. PIDs grow, so the list and their numbers must agree.
func PlaceOf(pid int, listed []int) Place {
	at, lower := slices.Index(listed, pid), 0
	for _, other := range listed {
		if other < pid {
			lower++
		}
	}
	switch {
	case at < 0 || (at > 0) != (lower > 0):
		return PlaceUnknown
	case len(listed) == 1:
		return Only
	case at == 0:
		return First
	case at == 1 && lower == 1:
		return Second
	}
	return Later
}

// OOMKill is a process of the container that the OOM killer has chosen.
type OOMKill struct {
	At time.Time
	// Source is where it was read; "" for /dev/kmsg.
	Source string
	PID    int
	Name   string
	Place  Place
	Limit  string // what had run out, as a clause
	// OwnLimit: that was the container's own limit.
	OwnLimit bool
}

// Fault is a process that a fault of its own has ended.
type Fault struct {
	At     time.Time
	Source string // where it was read; "" for /dev/kmsg
	PID    int
	Name   string
	Text   string
}
