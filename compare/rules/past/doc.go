// Package past decides how a run of a container ended that nobody watched.
//
// [Judge] takes [Facts]: what docker inspect, the daemon's event history, dockerd's log, the kernel's log and systemd's journal still say
// about one run. It returns a [Verdict]: a kind, how sure it is, and the observations that it rests on. What only the run itself could
// have told, such as the wait status of its first process or what that did with a signal, is gone. Where that would decide, the verdict
// is inconclusive and says what would have told.
//
//	judge.go      by the exit code: which of the following
//	sigkill.go    137: the grace ran out, a client, the OOM killer, or nobody knows
//	oom.go        whom the OOM killer chose
//	user_space.go whom systemd-oomd and earlyoom chose, and who dumped core
//	requested.go  after a signal of Docker's other than SIGKILL
//	by_itself.go  without one
//	daemon.go     an exit code that Docker made up, or a daemon that was shutting down
//	code.go       what an exit code means
//
// The package is pure: no clock, no process, no file.
package past
