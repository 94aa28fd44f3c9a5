package workload

import (
	"fmt"
	"unsafe"

	"github.com/docker/go-units"
	"github.com/moby/sys/signal"
	"golang.org/x/sys/unix"
)

// Size is a number of bytes; its text is docker's ("64MiB", "64m").
type Size int64

// UnmarshalText parses docker's notation.
func (s *Size) UnmarshalText(text []byte) error {
	v, err := units.RAMInBytes(string(text))
	if err != nil {
		return fmt.Errorf("%q is not a size, such as 64MiB", text)
	}
	*s = Size(v)
	return nil
}

// Signal is a signal; its text is a name with or without SIG.
type Signal unix.Signal

// UnmarshalText parses a name.
func (s *Signal) UnmarshalText(text []byte) error {
	n, err := signal.ParseSignal(string(text))
	if err != nil {
		return fmt.Errorf("%q is not the name of a signal, such as TERM", text)
	}
	*s = Signal(n)
	return nil
}

// defaultAction takes the Go runtime's handler off a signal: without it a Go program shows every signal as caught. The
// runtime's own ways keep its handler on. Sources: rt_sigaction(2); os/signal, "Default behavior of signals".
func defaultAction(s unix.Signal) {
	// struct kernel_sigaction with SIG_DFL: handler, flags, restorer, mask, all zero.
	var action [4]uint64
	unix.RawSyscall6(unix.SYS_RT_SIGACTION, uintptr(s), uintptr(unsafe.Pointer(&action)), 0, 8, 0, 0)
}
