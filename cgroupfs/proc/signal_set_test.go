package proc

import (
	"slices"
	"testing"

	"golang.org/x/sys/unix"
)

func TestSignalSet(t *testing.T) {
	s := SignalSet(0x4002) // SIGINT and SIGTERM
	for signal, want := range map[unix.Signal]bool{2: true, 15: true, 1: false, 0: false, 64: false, 65: false, -1: false} {
		if s.Has(signal) != want {
			t.Errorf("signal %d", signal)
		}
	}
}

func TestSignals(t *testing.T) {
	for _, c := range []struct {
		set  SignalSet
		want []unix.Signal
	}{
		{0, nil},
		{0x4002, []unix.Signal{unix.SIGINT, unix.SIGTERM}},
		{1<<31 | 1<<63, []unix.Signal{32, 64}},
	} {
		if got := c.set.Signals(); !slices.Equal(got, c.want) {
			t.Errorf("%#x: %v", c.set, got)
		}
	}
}
