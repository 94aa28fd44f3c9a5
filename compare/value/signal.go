package value

import (
	"fmt"

	"github.com/moby/sys/signal"
	"golang.org/x/sys/unix"
)

// LastSignal is the highest number of a signal, SIGRTMAX (signal(7)).
const LastSignal unix.Signal = 64

// The real-time signals that a program may use. The C library keeps 32 and 33 to itself.
const firstRealTime, lastRealTime = 34, 64

// ParseSignal parses a signal as docker does: a name with or without SIG, in any case, or a number. It does not check the
// range of a number; see [ValidSignal].
func ParseSignal(text string) (unix.Signal, error) { return signal.ParseSignal(text) }

// ValidSignal reports whether there is a signal of that number.
func ValidSignal(s unix.Signal) bool { return s >= 1 && s <= LastSignal }

// SignalName returns the name of a signal, such as SIGTERM, SIGRTMIN+3 or SIGRTMAX-1. A real-time signal in the upper half is
// counted from the end, as `kill -l` and docker do. For a number without a name it returns "signal 33".
func SignalName(s unix.Signal) string {
	switch name := unix.SignalName(s); {
	case name != "":
		return name
	case s < firstRealTime || s > lastRealTime:
		return fmt.Sprintf("signal %d", s)
	case s == firstRealTime:
		return "SIGRTMIN"
	case s == lastRealTime:
		return "SIGRTMAX"
	case s-firstRealTime <= lastRealTime-s:
		return fmt.Sprintf("SIGRTMIN+%d", s-firstRealTime)
	default:
		return fmt.Sprintf("SIGRTMAX-%d", lastRealTime-s)
	}
}

// SignalExitCode returns the exit code that shells, inits and containerd give a process that a signal ended: 128 + the signal.
func SignalExitCode(s unix.Signal) int { return 128 + int(s) }

// WaitExitCode returns the exit code that Docker makes of a wait status.
func WaitExitCode(status unix.WaitStatus) int {
	if status.Signaled() {
		return SignalExitCode(status.Signal())
	}
	return status.ExitStatus()
}
