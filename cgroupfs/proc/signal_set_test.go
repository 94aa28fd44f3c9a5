package proc

import (
	"slices"
	"testing"

	"github.com/google/go-cmp/cmp"
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

func TestSignalNames(t *testing.T) {
	for _, c := range []struct {
		set  SignalSet
		want []string
	}{
		{0, nil},
		{0x4002, []string{"SIGINT", "SIGTERM"}},
		{1<<31 | 1<<32, []string{"SIG32", "SIG33"}},
		{1<<33 | 1<<36 | 1<<48, []string{"SIGRTMIN", "SIGRTMIN+3", "SIGRTMIN+15"}},
		{1<<49 | 1<<62 | 1<<63, []string{"SIGRTMAX-14", "SIGRTMAX-1", "SIGRTMAX"}},
	} {
		if diff := cmp.Diff(c.want, c.set.Names()); diff != "" {
			t.Errorf("%#x: %s", c.set, diff)
		}
	}
}

// checkNames fails if two signals of a set have the same name, or one has none.
func checkNames(t *testing.T, set SignalSet) {
	t.Helper()
	names := set.Names()
	if slices.Sort(names); len(slices.Compact(names)) != len(set.Names()) || slices.Contains(names, "") {
		t.Errorf("%#x has the names %v", set, names)
	}
}
