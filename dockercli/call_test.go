package dockercli

import (
	"context"
	"testing"
	"time"
)

// Docker's global flags stand before each verb.
func TestFlags(t *testing.T) {
	c := New(Options{Path: "echo", Flags: []string{"--context", "far"}, Timeout: time.Minute})
	call, err := c.run(context.Background(), "ps", "--all")
	if got := string(call.Stdout); err != nil || got != "--context far ps --all\n" {
		t.Errorf("%q, %v", got, err)
	}
}
