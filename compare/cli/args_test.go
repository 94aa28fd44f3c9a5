package cli

import (
	"slices"
	"strings"
	"testing"
)

func TestJoinNegative(t *testing.T) {
	for line, want := range map[string]string{
		"stop -t -1 web":           "stop -t-1 web",
		"stop --time -1 web":       "stop --time=-1 web",
		"stop --time=-1 web":       "stop --time=-1 web",
		"stop -t 5 web":            "stop -t 5 web",
		"-1":                       "-1",
		"stop -- -t -1":            "stop -- -t -1",
		"predict web -- app -n -1": "predict web -- app -n -1",
		"stop web -1":              "stop web -1",
	} {
		if got := JoinNegative(strings.Fields(line)); !slices.Equal(got, strings.Fields(want)) {
			t.Errorf("%s: %q", line, got)
		}
	}
}
