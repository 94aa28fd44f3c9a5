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
//	inits.go         the inits that are looked through: which of them forward what
//	programs.go      the table of what is known about programs; programs_*.go hold its rows
//	work.go          what a program is seen to be working on: its clients
//	golang.go        what the Go runtime does with signals
//	predict.go       the outcomes of stop, kill and pause
//	deliver.go       what the stop signal does to its target
//	caught.go        the same, if the target has a handler
//	action.go        the outcomes of the other actions, and of flags
//	idle.go          the outcomes for a container that is not running
//	consequences.go  what else is lost, and what comes back
//	advice.go        what to change
//
// The package is pure: no clock, no process, no file.
package prediction
