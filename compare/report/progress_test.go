package report

import (
	"testing"
	"time"
)

// TestGraceText checks the text before, at and after the end of the grace.
func TestGraceText(t *testing.T) {
	for _, c := range []struct {
		passed, grace time.Duration
		want          string
	}{
		{0, 10 * time.Second, "docker stop web: 0 s of 10 s grace"},
		{4900 * time.Millisecond, 10 * time.Second, "docker stop web: 4 s of 10 s grace"},
		{10 * time.Second, 10 * time.Second, "docker stop web: the grace of 10 s ran out, SIGKILL"},
		{time.Minute, -time.Second, "docker stop web: 60 s, no limit to its grace"},
	} {
		if got := graceText("docker stop web", c.passed, c.grace); got != c.want {
			t.Errorf("%q, wanted %q", got, c.want)
		}
	}
}
