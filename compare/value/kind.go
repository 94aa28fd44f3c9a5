package value

// Kind is the kind of a verdict, or a predicted outcome.
type Kind string

// The kinds of a verdict.
const (
	Graceful            Kind = "graceful"              // it handled the stop signal and ended by itself, successfully
	FailedStopping      Kind = "failed-stopping"       // it handled the stop signal and ended by itself, with a failure code
	Terminated          Kind = "terminated"            // the stop signal's default action ended it: nothing of the program ran
	Forced              Kind = "forced"                // the grace ran out: SIGKILL
	Killed              Kind = "killed"                // SIGKILL was requested
	OOMKilled           Kind = "oom-killed"            // the kernel's OOM killer ended it
	Exited              Kind = "exited"                // it ended by itself, successfully; nobody asked
	Crashed             Kind = "crashed"               // it ended by itself, on a signal or with a failure code
	Paused              Kind = "paused"                // Docker says so and the kernel confirms it
	PauseUnconfirmed    Kind = "pause-unconfirmed"     // Docker says so and the kernel does not confirm it
	FrozenOutsideDocker Kind = "frozen-outside-docker" // frozen, and Docker does not say so
	Resumed             Kind = "resumed"               // it was frozen, and is no longer
	Restarted           Kind = "restarted"             // it was started again, by its policy or by docker restart
	FreezeIncomplete    Kind = "freeze-incomplete"     // a freeze is requested and not complete, and Docker does not say paused
	FrozenBelow         Kind = "frozen-below"          // a cgroup below its own is frozen, which Docker knows nothing of
	RunsOn              Kind = "runs-on"               // it has not ended, whatever was sent and whatever Docker says
	Removed             Kind = "removed"               // the container is gone
	Inconclusive        Kind = "inconclusive"          // the facts decide nothing
)

// Verdicts lists the kinds of a verdict.
var Verdicts = []Kind{Graceful, FailedStopping, Terminated, Forced, Killed, OOMKilled, Exited, Crashed, Paused, PauseUnconfirmed,
	FrozenOutsideDocker, Resumed, Restarted, FreezeIncomplete, FrozenBelow, RunsOn, Removed, Inconclusive}

// Predicted outcomes that are no verdicts.
const (
	Undecided Kind = "undecided" // the facts leave several
	Started   Kind = "started"   // a new first process begins
	Unchanged Kind = "unchanged" // docker reports success, and nothing is done
	Refused   Kind = "refused"   // docker reports an error, and nothing is done
	// Cancelled: the start that its restart policy was waiting to make is not made, and it stays as it ended.
	Cancelled Kind = "cancelled"
)
