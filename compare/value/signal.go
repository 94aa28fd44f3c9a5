package value

import (
	"fmt"
	"strings"

	"github.com/moby/sys/signal"
	"golang.org/x/sys/unix"
)

// Signal is the number of a signal (signal(7)). Its String method says what the signal means; for its name see [SignalName].
type Signal = unix.Signal

// WaitStatus is how a process ended (wait(2)).
type WaitStatus = unix.WaitStatus

// The signals that the rules know. They are here so that the rules need no package that makes system calls.
const (
	SIGHUP    = unix.SIGHUP
	SIGINT    = unix.SIGINT
	SIGQUIT   = unix.SIGQUIT
	SIGILL    = unix.SIGILL
	SIGTRAP   = unix.SIGTRAP
	SIGABRT   = unix.SIGABRT
	SIGBUS    = unix.SIGBUS
	SIGFPE    = unix.SIGFPE
	SIGKILL   = unix.SIGKILL
	SIGUSR1   = unix.SIGUSR1
	SIGSEGV   = unix.SIGSEGV
	SIGUSR2   = unix.SIGUSR2
	SIGALRM   = unix.SIGALRM
	SIGTERM   = unix.SIGTERM
	SIGSTKFLT = unix.SIGSTKFLT
	SIGCHLD   = unix.SIGCHLD
	SIGCONT   = unix.SIGCONT
	SIGSTOP   = unix.SIGSTOP
	SIGTSTP   = unix.SIGTSTP
	SIGTTIN   = unix.SIGTTIN
	SIGTTOU   = unix.SIGTTOU
	SIGURG    = unix.SIGURG
	SIGWINCH  = unix.SIGWINCH
	SIGPWR    = unix.SIGPWR
	SIGSYS    = unix.SIGSYS
)

// The real-time signals that a program may use. The C library keeps 32 and 33 to itself. Source: signal(7).
const (
	SIGRTMIN Signal = 34
	SIGRTMAX Signal = 64
)

// ParseSignal parses a signal as docker does: a name with or without SIG, in any case, or a number. It does not check the
// range of a number; see [ValidSignal].
func ParseSignal(text string) (Signal, error) { return signal.ParseSignal(text) }

// ParseStopSignal parses the stop signal of a container's configuration. Where that is "" it returns Docker's default, SIGTERM.
// Source: moby container/container.go, StopSignal.
func ParseStopSignal(configured string) (Signal, error) {
	if configured == "" {
		return SIGTERM, nil
	}
	return ParseSignal(configured)
}

// ValidSignal reports whether there is a signal of that number.
func ValidSignal(s Signal) bool { return s >= 1 && s <= SIGRTMAX }

// SignalName returns the name of a signal, such as SIGTERM, SIGRTMIN+3 or SIGRTMAX-1. A real-time signal in the upper half is
// counted from the end, as `kill -l` and docker do. The two that the C library keeps to itself are SIG32 and SIG33. For a number
// that is no signal it returns "signal 99".
func SignalName(s Signal) string {
	switch name := unix.SignalName(s); {
	case name != "":
		return name
	case !ValidSignal(s):
		return fmt.Sprintf("signal %d", s)
	case s < SIGRTMIN:
		return fmt.Sprintf("SIG%d", s)
	case s == SIGRTMIN:
		return "SIGRTMIN"
	case s == SIGRTMAX:
		return "SIGRTMAX"
	case s-SIGRTMIN <= SIGRTMAX-s:
		return fmt.Sprintf("SIGRTMIN+%d", s-SIGRTMIN)
	default:
		return fmt.Sprintf("SIGRTMAX-%d", SIGRTMAX-s)
	}
}

// ShortSignalName returns the name of a signal without SIG, as kill(1) and the texts of documents have it: TERM, RTMIN+3.
func ShortSignalName(s Signal) string { return strings.TrimPrefix(SignalName(s), "SIG") }

// SignalExitCode returns the exit code that shells, inits and containerd give a process that a signal ended: 128 + the signal.
func SignalExitCode(s Signal) int { return 128 + int(s) }

// WaitExitCode returns the exit code that Docker makes of a wait status.
func WaitExitCode(status WaitStatus) int {
	if status.Signaled() {
		return SignalExitCode(status.Signal())
	}
	return status.ExitStatus()
}
