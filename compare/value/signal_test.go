package value

import (
	"testing"

	"golang.org/x/sys/unix"
)

func TestSignalName(t *testing.T) {
	for n, want := range map[unix.Signal]string{15: "SIGTERM", 33: "SIG33", 34: "SIGRTMIN", 37: "SIGRTMIN+3", 49: "SIGRTMIN+15",
		50: "SIGRTMAX-14", 64: "SIGRTMAX", 99: "signal 99", -1: "signal -1"} {
		if got := SignalName(n); got != want {
			t.Errorf("%d: %s, wanted %s", n, got, want)
		}
	}
}

// Docker must accept each name that is printed.
func TestParseSignalName(t *testing.T) {
	for n := unix.Signal(1); n <= SIGRTMAX; n++ {
		if n == 32 || n == 33 {
			continue
		}
		if got, err := ParseSignal(SignalName(n)); got != n || err != nil {
			t.Errorf("%s is parsed as %d: %v", SignalName(n), got, err)
		}
	}
	if _, err := ParseSignal("SIGFOO"); err == nil {
		t.Error("SIGFOO is no signal")
	}
}

func TestShortSignalName(t *testing.T) {
	for n, want := range map[unix.Signal]string{15: "TERM", 33: "33", 37: "RTMIN+3", 99: "signal 99"} {
		if got := ShortSignalName(n); got != want {
			t.Errorf("%d: %s, wanted %s", n, got, want)
		}
	}
}

func TestValidSignal(t *testing.T) {
	for n, want := range map[unix.Signal]bool{-1: false, 0: false, 1: true, 64: true, 65: false} {
		if ValidSignal(n) != want {
			t.Errorf("%d: %t", n, !want)
		}
	}
}

func TestWaitExitCode(t *testing.T) {
	for status, want := range map[unix.WaitStatus]int{0x0300: 3, 9: 137, 0x8f00: 143} {
		if got := WaitExitCode(status); got != want {
			t.Errorf("%#x: %d, wanted %d", uint32(status), got, want)
		}
	}
}

func TestParseStopSignal(t *testing.T) {
	for text, want := range map[string]Signal{"": SIGTERM, "SIGQUIT": SIGQUIT, "37": 37} {
		if got, err := ParseStopSignal(text); err != nil || got != want {
			t.Errorf("%q: %d, %v", text, got, err)
		}
	}
	if _, err := ParseStopSignal("BANG"); err == nil {
		t.Error("nonsense was parsed")
	}
}
