package workload

import (
	"fmt"
	"unsafe"

	"golang.org/x/sys/unix"

	"haltscope/compare/value"
)

// Signal is a signal. Its text is a name, with or without SIG.
type Signal unix.Signal

// UnmarshalText parses a name.
func (s *Signal) UnmarshalText(text []byte) error {
	n, err := value.ParseSignal(string(text))
	if err != nil {
		return fmt.Errorf("%q is not the name of a signal, such as TERM", text)
	}
	*s = Signal(n)
	return nil
}

// setDefaultAction sets a signal to its default action. A Go program catches every signal, for the runtime installs a handler, and
// os/signal has no function that removes it. Sources: rt_sigaction(2); os/signal, "Default behavior of signals".
func setDefaultAction(s unix.Signal) error {
	// struct kernel_sigaction with SIG_DFL: handler, flags, restorer and mask are all zero.
	var action [4]uint64
	const maskSize = 8 // bytes
	_, _, errno := unix.RawSyscall6(unix.SYS_RT_SIGACTION, uintptr(s), uintptr(unsafe.Pointer(&action)), 0, maskSize, 0, 0)
	if errno != 0 {
		return fmt.Errorf("setting signal %d to its default action: %w", s, errno)
	}
	return nil
}
