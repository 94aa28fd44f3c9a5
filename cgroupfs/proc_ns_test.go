package cgroupfs

import (
	"os"
	"testing"
)

func TestOwnNamespace(t *testing.T) {
	n, known := OwnNamespace("pid").Value()
	if !known || n == 0 {
		t.Errorf("the PID namespace: %v", OwnNamespace("pid"))
	}
	if got := isNamespace("pid", n); !got.Is(1) {
		t.Errorf("it is not itself: %v", got)
	}
	if got := isNamespace("pid", n+1); !got.Is(0) {
		t.Errorf("it is another: %v", got)
	}
	if got := OwnNamespace("none"); got.State() != Unsupported {
		t.Errorf("a kind that does not exist: %v", got)
	}
}

func TestOwnProc(t *testing.T) {
	own, err := OwnProc()
	if err != nil || !own {
		t.Errorf("pid %d: %t, %v", os.Getpid(), own, err)
	}
}
