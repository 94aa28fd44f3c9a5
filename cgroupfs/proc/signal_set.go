package proc

import (
	"fmt"
	"strconv"

	"golang.org/x/sys/unix"
)

// SignalSet is a set of signals as /proc prints it: bit n−1 is signal n.
type SignalSet uint64

// Has reports whether the signal is in the set.
func (s SignalSet) Has(signal unix.Signal) bool {
	return signal > 0 && signal <= 64 && s&(1<<(signal-1)) != 0
}

// The first and last real-time signal that programs may use: libc keeps 32 and 33 to itself. Source: signal(7).
const firstRealTime, lastRealTime = 34, 64

// Names lists the signals of the set in order, such as "SIGTERM" or "SIGRTMIN+3". The upper half of the real-time signals
// is counted down from SIGRTMAX, as kill -l and Docker do.
func (s SignalSet) Names() []string {
	var names []string
	for n := 1; n <= 64; n++ {
		if !s.Has(unix.Signal(n)) {
			continue
		}
		name := unix.SignalName(unix.Signal(n))
		switch {
		case name != "":
		case n < firstRealTime:
			name = fmt.Sprintf("SIG%d", n)
		case n == firstRealTime:
			name = "SIGRTMIN"
		case n == lastRealTime:
			name = "SIGRTMAX"
		case n-firstRealTime <= lastRealTime-n:
			name = fmt.Sprintf("SIGRTMIN+%d", n-firstRealTime)
		default:
			name = fmt.Sprintf("SIGRTMAX-%d", lastRealTime-n)
		}
		names = append(names, name)
	}
	return names
}

// parseSignalSet parses a set as 16 hexadecimal digits, such as 0000000000004000 for SIGTERM.
func parseSignalSet(value []byte) (SignalSet, error) {
	v, err := strconv.ParseUint(string(value), 16, 64)
	return SignalSet(v), err
}
