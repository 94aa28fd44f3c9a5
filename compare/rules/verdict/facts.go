package verdict

import (
	"time"

	"haltscope/compare/value"
)

// Facts are what is known when a run is judged. A nil pointer is a fact that nobody could find out.
type Facts struct {
	Verb   value.Verb     // what was requested; "" for nothing
	Signal value.Signal   // what a kill sends, or the stop signal of a stop; 0 where it is not known
	Grace  *time.Duration // what a stop waits before SIGKILL; nil for a kill
	// GraceGuessed: Grace is the container's own, and whoever requested the stop may have given another one (docker stop -t).
	GraceGuessed bool

	CommandError    string            // docker's error; "" for none
	Events          []Event           // since the command began, in Docker's order, which differs between engines
	EventsError     string            // why Events may be incomplete; "" if they are complete
	UnseenSignal    string            // why Docker may have sent a signal without an event; "" if it has not
	State           *State            // by inspect, after the end; nil: see StateError
	StateError      string            // why State is nil; "" with a nil State: there is no such container any more
	OOMKills        *uint64           // how many processes of the cgroup the OOM killer has killed since the command began
	OOMSource       string            // the kernel file of OOMKills
	OOMSpared       *Observation      // that the OOM killer chose other processes than the first; nil where that is not known
	Wait            *value.WaitStatus // of the first process
	EndedAt         *time.Duration    // when the first process had ended
	ReturnedAt      *time.Duration    // when the docker command that was run for this returned; nil if it was another client's
	Shim            *Shim             // nil where nobody looked for it
	PendingKill     *Observation      // that a frozen process had a SIGKILL pending, before the command or now; nil if it had none
	OldSignal       *Event            // a signal that Docker sent so long before that it seemed to have no effect, though it is handled
	NamespaceEnd    *Observation      // that the PID namespace of another container ended, which it shares; nil if none did
	SharesNamespace bool              // its PID namespace is another container's
	// NamespaceInit: the first process is the first of its PID namespace. A signal of its own cannot end it then, except SIGKILL's,
	// and what the program's own fault sends.
	NamespaceInit bool
	Alive         *Observation  // that the container has not ended, whatever Docker says; nil if nothing shows that
	Exiting       *Observation  // that the first process has begun to end and waits for others of its PID namespace; nil if it has not
	FrozenBelow   *Observation  // that a cgroup below the container's is frozen; nil for none
	Target        *SignalTarget // the process that had to act on the signal, as it stood before the command
	Sent          *Sent         // who sent signals to its processes; nil where nobody looked
	Ends          *Ends         // how the container's processes ended; nil where nobody looked
	Freezer       *Freezer
	// FineCodes are the exit codes with which a program that has handled the signal has not failed; nil for the usual ones, 0 and
	// 128 + the signal.
	FineCodes []int
}

// Event is a Docker event. Signal is 0 where it is not known: the event is not a kill, or the container has a label of that
// name, which replaces the real value.
type Event struct {
	Action string
	Signal value.Signal
	At     time.Duration
}

// State is what docker inspect says about a container.
type State struct {
	Status    string
	ExitCode  int
	OOMKilled bool
	Source    string // "" for docker inspect; else what stood in for it, which says less
}

func (s *State) source() string {
	if s.Source != "" {
		return s.Source
	}
	return "docker inspect"
}

// hasEnded reports whether the status is that of a container whose first process has ended.
func (s *State) hasEnded() bool {
	return s.Status == "exited" || s.Status == "dead" || s.Status == "removing"
}

// SignalTarget is the process that has to act on the signal: the container's first or, under a known init, the one that the
// init forwards to.
type SignalTarget struct {
	PID                      int
	Name                     string
	Init                     string // the name of the init that forwards to it; "" for none
	CatchesAll               bool   // it catches every signal, as the Go runtime does, whatever the program asked for
	Runtime                  string // the runtime that catches the signal, whatever the program asked for: Go, Node.js; "" for none known
	AsksFor                  *bool  // with Runtime: the program has asked for the signal; nil where that is not known
	AsksForSource            string // where AsksFor is known from
	Accepts                  string // how it accepts the signal without a handler, by sigwait or signalfd; "" where it does not
	AcceptsSource            string
	NamespaceInit            bool // first in its PID namespace: the kernel drops signals to it whose action is the default one
	Caught, Ignored, Blocked bool // the signal
	// Delivered is the signal that reaches it, where an init was told to forward another one in place of Docker's; −1 for none;
	// 0 for Docker's.
	Delivered value.Signal
	// Tells is the signal that the target, a supervisor, sends to all other processes in place of its own; 0 for none known.
	Tells value.Signal
	// EndCode is the container's exit code if the signal's default action ends the target; nil for 128 + the signal. An init or a wrapper
	// may return another one.
	EndCode *int
	// Wraps names a program that the target is known to do nothing but wait for; "" for none.
	Wraps string
	// Job is the command that the target, a shell, waits for in the foreground, if an init sends it the signal as well; nil for none.
	Job *SignalTarget
	// KillAfter is how long after the signal Killer, an init or a wrapper in front of the target, sends SIGKILL; 0 for never, or unknown.
	KillAfter time.Duration
	Killer    string
}

// Freezer is what the kernel says about the cgroup's freezer, and in which files. A nil is a file that could not be read.
type Freezer struct {
	Requested, Frozen             *bool
	RequestedSource, FrozenSource string
}

// Shim is the process between containerd and a container, which waits for the end of the container's first process and
// reports its exit code.
type Shim struct {
	PID int
	// LostAt is when it ended, if that was before the first process did; nil if it lived to see that end.
	LostAt *time.Duration
}
