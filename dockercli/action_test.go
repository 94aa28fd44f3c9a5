package dockercli

import (
	"context"
	"slices"
	"strings"
	"testing"
	"time"
)

// What is shown of an action is what is run, with names after "--".
func TestActions(t *testing.T) {
	grace, none := 5*time.Second, -time.Second
	for want, action := range map[string]Action{
		"kill -- web":                     Kill{},
		"kill --signal USR1 -- web":       Kill{Signal: "USR1"},
		"stop -- web":                     Stop{},
		"stop --signal QUIT -t 5 -- web":  Stop{Signal: "QUIT", Grace: &grace, Expected: grace},
		"restart -t -1 -- web":            Restart{Grace: &none},
		"restart --signal RTMIN+3 -- web": Restart{Signal: "RTMIN+3"},
		"pause -- web":                    Pause{},
		"unpause -- web":                  Unpause{},
		"start -- web":                    Start{},
		"rm --force --volumes -- web":     Remove{},
	} {
		args := action.Args("web")
		if got := strings.Join(args, " "); got != want {
			t.Errorf("shown: %s, wanted %s", got, want)
		}
		call, err := fake(t, `echo "$@"`).Do(context.Background(), "web", action)
		if got := strings.TrimSpace(string(call.Stdout)); err != nil || got != want || !slices.Equal(call.Argv[1:], args) {
			t.Errorf("run: %s, wanted %s; %v", got, want, err)
		}
	}
}
