// Package watch writes one line of JSON for each thing that happens to a container, with a verdict.
//
//	sources                                  timelines                    lines
//
//	docker events      follower.go     ┐
//	docker inspect     inspect.go      │     timeline_states.go           line.go, log.go
//	cgroups, pidfds    kernel.go       ├ →   timeline_events.go …    →    writer.go
//	OOM killer's log   kernel_log.go   ┘     rules/verdict                metrics.go
//
// Sources never block: a goroutine each reads docker events and the kernel's notifications, and puts what it reads into a
// queue. One loop (loop.go) takes from the queue, passes everything to the [Timeline] of its container, and writes the lines
// that the timeline returns. docker events and docker inspect (events.go, inspect.go, connection.go) are one side; cgroups,
// first processes and their shims (kernel*.go) are the other. They know nothing of each other and meet in the timeline.
//
// A timeline is a pure state machine. timeline_states.go has its states and the table of what each input changes; the files
// beside it have the handlers, by source, and the lines.
//
// What a watch guarantees:
//
//   - Each end of a run is written once. If the kernel reports it, it is written within ten seconds, whatever Docker does, and
//     Docker's confirmation follows in a line of its own if it comes later.
//   - Related events may come in any order; the lines are the same.
//   - No event that Docker delivers is lost. If the event stream is interrupted, events are requested again from before the
//     last one, and events that come twice count once. If the daemon's history does not go back that far, a line says which
//     time is missing, and verdicts that rest on missing events are inconclusive.
//   - The exit code and the signals in a line are never those that a label put into an event.
//   - One container about which docker inspect hangs delays no other, and neither does an output that takes no lines.
package watch
