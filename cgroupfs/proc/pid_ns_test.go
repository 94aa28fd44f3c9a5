package proc

import (
	"os"
	"testing"

	"haltscope/cgroupfs/figure"
)

func TestOwnNamespace(t *testing.T) {
	n, known := OwnNamespace("pid").Value()
	if !known || n == 0 {
		t.Errorf("PID namespace: %v", OwnNamespace("pid"))
	}
	if got := isNamespace("pid", n); !got.Is(1) {
		t.Errorf("its own number: %v", got)
	}
	if got := isNamespace("pid", n+1); !got.Is(0) {
		t.Errorf("another number: %v", got)
	}
	if got := OwnNamespace("none"); got.State() != figure.Unsupported {
		t.Errorf("a kind that does not exist: %v", got)
	}
}

func TestShowsOwnNamespace(t *testing.T) {
	own, err := ShowsOwnNamespace()
	if err != nil || !own {
		t.Errorf("pid %d: %t, %v", os.Getpid(), own, err)
	}
}
