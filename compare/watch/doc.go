// Package watch writes one line for each thing that happens to a container, with a verdict.
//
//	sources                                  timelines                    lines
//
//	docker events      follower.go     ┐
//	docker inspect     inspect.go      │     timeline_states.go           order.go, line.go, log.go
//	cgroups, pidfds    kernel.go       ├ →   timeline_events.go …    →    writer.go
//	OOM killer's log   kernel_log.go   │     rules/verdict                metrics.go
//	signals' senders   senders.go      ┘
//
// Sources never block: a goroutine each reads docker events and the kernel's notifications, and puts what it reads into a
// queue. docker inspect runs in goroutines that send their answers. One loop (loop.go) passes everything to the [Timeline] of
// its container, and writes the lines that the timeline returns.
//
// What Docker says is read in events.go, connection.go and inspect*.go; what the kernel shows of cgroups, main processes and
// their shims in kernel*.go and unwatched.go. The two meet in the timeline. Docker's side only tells the kernel's when to look:
// takeSample before a start and an inspection of another process, findWithoutDocker after a start that is not inspected yet,
// readDispositions after a signal.
//
// A timeline is a pure state machine. timeline_states.go has its states and the tables of what each input changes. The handlers
// are in a file for each source (timeline_events.go, _inspect.go, _exit.go, _freezer.go, _oom.go, _sent.go, _lost.go); when something is
// due, and what is written then, in timeline_due.go and timeline_lines.go.
//
// What a watch guarantees:
//
//   - No end of a run is written while the pidfd shows that its main process lives, whatever Docker says: see timeline_alive.go.
//   - Each end of a run is written once. If the kernel reports it, it is written within ten seconds, whatever Docker does, and
//     Docker's confirmation follows in a line of its own if it comes later.
//   - Related events may come in any order; the lines are the same.
//   - Lines of the past come in order of time, and before all others. Another line waits up to a second for earlier things.
//   - No event that Docker delivers is lost. If the event stream is interrupted, events are requested again from before the
//     last one, and events that come twice count once. If the daemon's history does not go back that far, a line says which
//     time is missing, and verdicts that rest on missing events are inconclusive. The same holds if docker inspect shows an end
//     whose events do not come.
//   - The exit code and the signals in a line are never those that a label put into an event.
//   - One container about which docker inspect hangs delays no other, and neither does an output that takes no lines.
package watch
