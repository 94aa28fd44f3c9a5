// Package prediction decides what docker stop, kill, pause, unpause, start or restart would do to a container, and names the
// facts that the prediction rests on. Where the facts leave several outcomes it names them all, the likeliest first, and what
// would decide.
//
// [Facts] are what docker inspect and the kernel report about a running container. [Predict] takes them to the outcomes of stop,
// kill and pause, their consequences, and advice; [PredictAction] to the outcome of one action with its flags. [PredictIdle] is
// for a container that is not running.
//
//	facts.go         what is known: the container, the signal target, its processes
//	disposition.go   what a process does with a signal: catch, ignore, block, accept, default action
//	inits.go         the inits, supervisors and wrappers that are looked through: tini.go, dumb_init.go, supervisors.go, wrappers.go
//	forwarder.go     which signals an init or a wrapper takes, forwards and returns; flags.go reads its options
//	forward.go       the way of a signal through inits and wrappers
//	group.go         the processes that get the signal as well, and those that do not
//	shell.go         a shell that waits for a command
//	programs.go      the table of what is known about programs; programs_*.go hold its rows
//	work.go          what a program is seen to be working on: its clients
//	golang.go        what the Go runtime does with signals
//	predict.go       the outcomes of stop, kill and pause
//	deliver.go       what the stop signal does to its target
//	caught.go        the same, if the target has a handler
//	under_wrapper.go the programs that a target does nothing but wait for; ended_under_wrapper.go if the signal ends that
//	action.go        the outcomes of the other actions, and of flags
//	idle.go          the outcomes for a container that is not running
//	consequences.go  what else is lost, and what comes back
//	advice.go        what to change
//
// The package is pure: no clock, no process, no file.
package prediction
