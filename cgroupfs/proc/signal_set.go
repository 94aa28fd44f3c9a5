package proc

import (
	"strconv"

	"golang.org/x/sys/unix"
)

// SignalSet is a set of signals as /proc prints it: bit n−1 is signal n.
type SignalSet uint64

// Has reports whether the signal is in the set.
func (s SignalSet) Has(signal unix.Signal) bool {
	return signal > 0 && signal <= 64 && s&(1<<(signal-1)) != 0
}

// Signals lists the signals of the set in order.
func (s SignalSet) Signals() []unix.Signal {
	var all []unix.Signal
	for n := unix.Signal(1); n <= 64; n++ {
		if s.Has(n) {
			all = append(all, n)
		}
	}
	return all
}

// parseSignalSet parses a set as 16 hexadecimal digits, such as 0000000000004000 for SIGTERM.
func parseSignalSet(value []byte) (SignalSet, error) {
	v, err := strconv.ParseUint(string(value), 16, 64)
	return SignalSet(v), err
}
