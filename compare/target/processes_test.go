package target

import (
	"os"
	"testing"
)

// A parent that is ending is in the container's PID namespace: what it has started is not of docker exec.
func TestIsOutside(t *testing.T) {
	self := os.Getpid()
	for parent, want := range map[int]bool{0: true, self: false, os.Getppid(): false, 1 << 30: false} {
		if got := isOutside(parent, self); got != want {
			t.Errorf("%d: %t", parent, got)
		}
	}
}
