// Package verdict says how a container ended, or whether it is paused, and which observations that rests on. It is pure: no
// clock, no process, no file.
package verdict

import (
	"fmt"
	"slices"
	"strconv"
	"time"

	"golang.org/x/sys/unix"
)

// Kind is what happened.
type Kind string

const (
	Graceful            Kind = "graceful"              // it handled the stop signal and ended by itself within the grace
	Terminated          Kind = "terminated"            // the stop signal's default action ended it: nothing of the program ran
	Forced              Kind = "forced"                // the grace ran out, SIGKILL
	Killed              Kind = "killed"                // SIGKILL was asked for
	OOMKilled           Kind = "oom-killed"            // the kernel's OOM killer ended it
	Exited              Kind = "exited"                // it ended by itself, successfully; nobody asked
	Crashed             Kind = "crashed"               // it ended by itself, on a signal or with a failure code
	Paused              Kind = "paused"                // Docker says so and the kernel confirms it
	PauseUnconfirmed    Kind = "pause-unconfirmed"     // Docker says so and the kernel does not confirm it
	FrozenOutsideDocker Kind = "frozen-outside-docker" // frozen, and Docker does not say so
	Resumed             Kind = "resumed"               // it was frozen, and is no longer
	Restarted           Kind = "restarted"             // it was started again, by its policy or by docker restart
	RunsOn              Kind = "runs-on"               // a signal other than SIGKILL was sent, and has not ended it
	Removed             Kind = "removed"               // the container is gone
	Inconclusive        Kind = "inconclusive"          // what is known decides nothing; see Missing
)

// Observation is one thing that was seen.
type Observation struct {
	Source string         // "docker events", "cgroup.events: frozen", "/proc/4242/status: SigCgt", …
	At     *time.Duration // since the command began; nil where the time says nothing
	Value  string
}

// Verdict is a kind, and the observations it rests on.
type Verdict struct {
	Kind    Kind
	Because []Observation
	Missing string // for Inconclusive: what would decide
	Sender  Sender // for Killed: who sent SIGKILL, as far as that is known
	How     string // for Forced and Killed: how SIGKILL came, as a clause; "" where the kind says all
	// ByItself, for Exited and Crashed: no signal of Docker's had a part in the end, also where one was sent.
	ByItself bool
}

// Facts is what is known when the rules are asked. A nil pointer is something that nobody could tell.
type Facts struct {
	Verb   string         // what was asked for: kill, stop, restart, pause, rm, …
	Signal int            // what a kill sends, or the stop signal that applies to a stop
	Grace  *time.Duration // what a stop waits before SIGKILL; nil for a kill
	// GraceGuessed: Grace is the container's own, and whoever asked for the stop may have given another one (docker stop -t).
	GraceGuessed bool

	CommandError string           // how docker refused, if it did
	Events       []Event          // since the command began, in Docker's order, which differs between engines
	EventsError  string           // why Events may not be all; "" if they are
	UnseenSignal      string           // why Docker may have sent a signal without an event of it; "" if it has not
	State        *State           // by inspect, after it; nil: see StateError
	StateError   string           // why inspect could not be asked; "" beside a nil State: there is no such container any more
	OOMKills     *uint64          // how many processes of the cgroup the OOM killer has killed since the command began
	OOMSource    string           // the kernel file of OOMKills
	OOMSpared    *Observation     // that the OOM killer has chosen others than the first process; nil where that is not known
	Wait         *unix.WaitStatus // of the first process
	EndedAt       *time.Duration   // when the first process had ended
	ReturnedAt   *time.Duration   // when the docker command that was run for this came back; nil if it was another client's
	Shim         *Shim            // nil where nobody looked for it
	PendingKill  *Observation     // that a frozen process had a SIGKILL pending, before the command or now; nil if it had none
	Target     *SignalTarget    // who the signal was for, as it stood before the command
	Freezer      *Freezer
}

// Event is a Docker event. Signal is 0 where it is unknown: not a kill, or the container has a label of that name,
// which replaces the real value.
type Event struct {
	Action string
	Signal int
	At     time.Duration
}

// State is what inspect says.
type State struct {
	Status    string
	ExitCode  int
	OOMKilled bool
	Source    string // "" for docker inspect; else what stood in for it, which tells less
}

func (s *State) source() string {
	if s.Source != "" {
		return s.Source
	}
	return "docker inspect"
}

// Receiver is the process that has to deal with the signal: the container's first, or behind a known init the one it
// forwards to.
type SignalTarget struct {
	PID                      int
	Name                     string
	Init                   string // the init's name; "" for none
	CatchesAll               bool   // as the Go runtime does, whatever the program asked for
	Runtime                  string // that catches the signal, whatever the program asked for: Go, Node.js; "" for none known
	AsksFor                  *bool  // beside Runtime: the program has asked for the signal; nil where that is not known
	AsksForSource            string // how Handles is known
	Accepts                    string // how it takes the signal without a handler, sigwait or signalfd; "" where it does not
	AcceptsSource              string
	NamespaceInit            bool // the kernel drops signals to it whose action is the default one
	Caught, Ignored, Blocked bool // the signal
	// Comes is the signal that comes to it, where the init before it was told to forward another one in place of Docker's;
	// −1 for none. 0: Docker's.
	Delivered int
}

// comes is the signal that came to the process that had to deal with it.
func (j *judge) delivered() int {
	if j.Target != nil && j.Target.Delivered != 0 {
		return max(j.Target.Delivered, 0)
	}
	return j.Signal
}

// Freezer is what the kernel says of it, and from which files. A nil is a file that did not tell.
type Freezer struct {
	Requested, Frozen             *bool
	RequestedSource, FrozenSource string
}

const sigkill = int(unix.SIGKILL)

// WaitSource is where a wait status comes from: the pidfd's PIDFD_INFO_EXIT (Linux 6.15), or /proc/PID/stat of a zombie.
const WaitSource = "wait status of the first process"

// Judge says what happened.
func Judge(f Facts) Verdict {
	j := &judge{Facts: f}
	kind := j.kind()
	v := Verdict{Kind: kind, Because: j.because, Missing: j.missing}
	switch kind {
	case Killed:
		v.Sender, v.How = j.sender, j.how
	case Forced:
		v.How = j.how
	case Exited, Crashed:
		v.ByItself = j.byItselfOnly
	}
	return v
}

// judge collects the observations on the way to a kind.
type judge struct {
	Facts
	because []Observation
	missing string
	sender  Sender
	how string
	byItselfOnly   bool // no signal had a part in the end
	// What the kernel has told of the end of the first process, also where that says nothing of the program's:
	noWaitStatus   bool // nothing
	returnedCode bool // that no signal ended it
}

func (j *judge) note(source, format string, args ...any) {
	j.because = append(j.because, Observation{Source: source, Value: fmt.Sprintf(format, args...)})
}

func (j *judge) noteAt(at time.Duration, source, format string, args ...any) {
	j.note(source, format, args...)
	j.because[len(j.because)-1].At = &at
}

func (j *judge) inconclusive(format string, args ...any) Kind {
	j.missing = fmt.Sprintf(format, args...)
	return Inconclusive
}

// told notes what Docker has said: an error, and the events that matter.
func (j *judge) noteEvents() {
	if j.CommandError != "" {
		j.note("docker "+j.Verb, "%s", j.CommandError)
	}
	for _, e := range j.Events {
		switch e.Action {
		case "kill":
			j.noteAt(e.At, "docker events", "kill, signal %s", orUnknown(e.Signal))
		case "pause", "unpause", "oom", "die", "destroy":
			j.noteAt(e.At, "docker events", "%s", e.Action)
		case "start", "restart":
			if j.Verb == "restart" {
				j.noteAt(e.At, "docker events", "%s", e.Action)
			}
		}
	}
}

func (j *judge) kind() Kind {
	j.noteEvents()
	if j.State == nil && j.StateError != "" {
		j.note("docker inspect", "%s", j.StateError)
		return j.inconclusive("docker inspect gave no answer")
	}
	if j.State == nil {
		j.note("docker inspect", "no such container")
		return Removed
	}
	switch j.State.Status {
	case "exited", "dead", "removing":
		j.note(j.State.source(), "%s, exit code %d", j.State.Status, j.State.ExitCode)
		return j.ended()
	}
	j.note(j.State.source(), "%s", j.State.Status)
	return j.running()
}

// numbered is a signal in a sentence; 0 is one whose number a label hides.
func numbered(signal int) string {
	if signal == 0 {
		return "the signal, whose number is not known,"
	}
	return fmt.Sprintf("signal %d", signal)
}

func orUnknown(signal int) string {
	if signal == 0 {
		return "unknown"
	}
	return strconv.Itoa(signal)
}

// alive judges a container that has not ended: the freezer decides.
func (j *judge) running() Kind {
	paused := j.State.Status == "paused"
	if j.Freezer == nil || j.Freezer.Frozen == nil {
		if paused {
			j.missing = "the kernel's freezer could not be read"
			return PauseUnconfirmed
		}
		return j.inconclusive("the kernel's freezer could not be read")
	}
	if j.Freezer.Requested != nil {
		j.note(j.Freezer.RequestedSource, "%s", bit(*j.Freezer.Requested))
	}
	j.note(j.Freezer.FrozenSource, "%s", bit(*j.Freezer.Frozen))
	if j.PendingKill != nil {
		j.because = append(j.because, *j.PendingKill)
	}
	frozen := *j.Freezer.Frozen
	switch {
	case paused && frozen:
		return Paused
	case paused:
		return PauseUnconfirmed
	case frozen:
		return FrozenOutsideDocker
	case j.CommandError != "":
		return j.inconclusive("docker %s did not do it, and the container runs on", j.Verb)
	case j.Verb == "kill" && j.Signal != sigkill && j.has("kill"):
		return j.runsOn()
	default:
		return j.inconclusive("the container runs on after docker %s", j.Verb)
	}
}

// runsOn says why a signal has not ended the container, as far as that is known.
func (j *judge) runsOn() Kind {
	r, signal := j.Target, j.delivered()
	if j.Signal == 0 {
		j.note("docker kill", "the number of the signal was not known")
		return RunsOn
	}
	if r == nil {
		j.note("docker kill", "how the process stands to %s was not known", numbered(signal))
		return RunsOn
	}
	status := fmt.Sprintf("/proc/%d/status", r.PID)
	switch {
	case signal == 0:
		j.note("/proc/PID/cmdline", "%s was told to forward no signal %d to %s", r.Init, j.Signal, r.Name)
	case signal == int(unix.SIGSTOP):
		j.note("signal(7)", "SIGSTOP stops %s where it stands, until SIGCONT, and does not end it", r.Name)
	case signal == int(unix.SIGCONT) && !r.Caught:
		j.note("signal(7)", "SIGCONT lets %s go on where it was stopped, and does not end it", r.Name)
	case r.Accepts != "":
		j.note(r.AcceptsSource, "%s", r.Accepts)
	case r.Caught:
		j.note(status+": SigCgt", "%s catches signal %d, and has not ended", r.Name, signal)
	case r.Ignored:
		j.note(status+": SigIgn", "%s ignores signal %d", r.Name, signal)
	case r.Blocked:
		j.note(status+": SigBlk", "%s blocks signal %d", r.Name, signal)
	case r.NamespaceInit:
		j.note(status+": SigCgt, NSpid", "%s, first in its PID namespace, does not catch signal %d, so the kernel drops it", r.Name, signal)
	default:
		j.note(status+": SigCgt", "%s does not catch signal %d, whose default action need not end it", r.Name, signal)
	}
	return RunsOn
}

func bit(b bool) string {
	if b {
		return "1"
	}
	return "0"
}

// ended judges a container whose first process has ended.
func (j *judge) ended() Kind {
	if j.EndedAt != nil {
		j.noteAt(*j.EndedAt, "pidfd", "the first process has ended")
	}
	if j.Wait != nil {
		if j.Wait.Signaled() {
			j.note(WaitSource, "ended by signal %d", j.Wait.Signal())
		} else {
			j.note(WaitSource, "returned %d", j.Wait.ExitStatus())
		}
	}
	if j.EventsError != "" {
		j.note("docker events", "not all: %s", j.EventsError)
	}
	if code, madeUp := RealExitCode(j.State.ExitCode, j.Wait); madeUp {
		j.note(j.State.source(), "exit code %d is not the program's: the kernel says otherwise", j.State.ExitCode)
		state := *j.State
		state.ExitCode, state.Source = code, WaitSource
		j.State = &state
	}
	j.noWaitStatus = j.Wait == nil
	j.returnedCode = j.Wait != nil && !j.Wait.Signaled()
	if j.Target != nil && j.Target.Init != "" && j.Wait != nil && !j.Wait.Signaled() {
		// An init returns 128 + n for a child that signal n ended: what it returned says nothing of the child's end.
		j.Wait = nil
	}
	oom := j.oom()
	// A command that failed may have sent its signal all the same, such as one that was given up after a time; and one
	// that succeeded may have sent none, such as a stop of what had ended. Where the events are not all, it counts.
	asked := (j.Verb == "kill" || j.stops()) && (j.has("kill") || j.EventsError != "" && j.CommandError == "")
	if asked && j.sigkillByDocker() && j.byKill() {
		// Docker's SIGKILL went to a first process that was alive: an OOM kill beside it hit another.
		return j.killedByDocker()
	}
	if oom && j.byKill() {
		return OOMKilled
	}
	if kind, ok := j.shimLost(); ok {
		return kind
	}
	if j.UnseenSignal != "" && (!asked || j.byKill()) && !j.crashed() {
		return j.inconclusive("whether Docker sent a signal: %s", j.UnseenSignal)
	}
	if j.byKill() && (j.byDaemon() || j.PendingKill != nil && !asked) {
		return j.notByDocker(asked)
	}
	if j.Wait != nil && j.Wait.Signaled() {
		signal := int(j.Wait.Signal())
		if signal == sigkill {
			return j.notByDocker(asked)
		}
		if !asked || signal != j.Signal {
			return Crashed
		}
	}
	if !asked || j.Signal == sigkill {
		return j.byItself()
	}
	return j.endedOnSignal()
}

// crashed reports whether the kernel says that the first process did something impossible: nobody asks for that.
func (j *judge) crashed() bool {
	return j.Wait != nil && j.Wait.Signaled() && crashSignals[int(j.Wait.Signal())]
}

// oom says whether the OOM killer killed anything in the cgroup. It need not have been the first process: Docker's
// OOMKilled is per cgroup.
func (j *judge) oom() bool {
	if j.OOMSpared != nil {
		j.because = append(j.because, *j.OOMSpared)
		return false
	}
	if j.State.OOMKilled {
		j.note("docker inspect", "OOMKilled true")
	}
	if j.OOMKills != nil && *j.OOMKills > 0 {
		j.note(j.OOMSource, "+%d", *j.OOMKills)
		return true
	}
	return j.State.OOMKilled || j.has("oom")
}

// stops reports whether a grace was asked for: a restart begins with a stop.
func (j *judge) stops() bool { return j.Verb == "stop" || j.Verb == "restart" }

// has reports whether Docker has sent an event.
func (j *judge) has(action string) bool {
	return slices.ContainsFunc(j.Events, func(e Event) bool { return e.Action == action })
}

// byKill says whether the end looks like SIGKILL's. The kernel's wait status decides where there is one; 137 alone can
// be a program's own.
func (j *judge) byKill() bool {
	if j.Wait != nil && j.Wait.Signaled() {
		return int(j.Wait.Signal()) == sigkill
	}
	if j.Wait != nil {
		return false
	}
	return j.State.ExitCode == 128+sigkill
}

// sigkillByDocker says whether Docker sent SIGKILL. A stop whose grace ran out sends two signals; where the numbers are
// unknown their count decides, and where events are missing, the time.
func (j *judge) sigkillByDocker() bool {
	if j.Signal == sigkill {
		return true
	}
	if !j.stops() {
		return false
	}
	kills, unknown := 0, 0
	for _, e := range j.Events {
		if e.Action != "kill" {
			continue
		}
		kills++
		switch e.Signal {
		case sigkill:
			return true
		case 0:
			unknown++
		}
	}
	if kills > 0 {
		return unknown > 0 && kills > 1
	}
	return j.EndedAt != nil && j.Grace != nil && *j.Grace >= 0 && *j.EndedAt >= *j.Grace
}
