package experiment

import (
	"errors"
	"testing"
	"time"

	"golang.org/x/sys/unix"

	"haltscope/compare/fault"
	"haltscope/compare/twin"
	"haltscope/compare/value"
)

func TestParseAction(t *testing.T) {
	second := time.Second
	for _, c := range []struct {
		text, stopSignal string
		verb             value.Verb
		signal           unix.Signal // what it begins with
		grace            *time.Duration
	}{
		{"kill", "", "kill", 9, nil},
		{"kill", "SIGQUIT", "kill", 9, nil},
		{"kill:TERM", "", "kill", 15, nil},
		{"kill:sighup", "", "kill", 1, nil},
		{"kill:10", "", "kill", 10, nil},
		{"stop", "", "stop", 15, nil},
		{"stop", "SIGQUIT", "stop", 3, nil},
		{"stop", "3", "stop", 3, nil},
		{"stop", "SIGRTMIN+3", "stop", 37, nil},
		{"stop", "nonsense", "stop", 0, nil},
		{"kill:RTMIN+3", "", "kill", 37, nil},
		{"stop:1s", "", "stop", 15, &second},
		{"pause", "", "pause", 15, nil},
		{"restart", "SIGQUIT", "restart", 3, nil},
		{"restart:1s", "", "restart", 15, &second},
		{"rm", "SIGQUIT", "rm", 9, nil},
	} {
		a, err := ParseAction(c.text)
		if err != nil || a.Verb != c.verb || a.String() != c.text || a.signal(c.stopSignal) != c.signal {
			t.Errorf("%s: %+v, signal %d, %v", c.text, a, a.signal(c.stopSignal), err)
		}
		if c.grace != nil && a.grace(nil) != *c.grace {
			t.Errorf("%s: grace %s", c.text, a.grace(nil))
		}
	}
	for _, text := range []string{"", "remove", "rm:1s", "restart:x", "kill:", "kill:0", "kill:65", "kill:BANG", "stop:", "stop:1500ms",
		"stop:-1s", "stop:x", "pause:", "pause:1s", "Kill"} {
		var usage *fault.UsageError
		if _, err := ParseAction(text); !errors.As(err, &usage) {
			t.Errorf("%q: %v", text, err)
		}
	}
}

// The action's own grace comes first, then the container's, then Docker's default.
func TestGrace(t *testing.T) {
	three := 3
	none := time.Duration(0)
	stop, stopNow := Action{Verb: "stop"}, Action{Verb: "stop", Grace: &none}
	for _, c := range []struct {
		got, want time.Duration
	}{
		{stop.grace(nil), 10 * time.Second}, {stop.grace(&three), 3 * time.Second}, {stopNow.grace(&three), 0},
	} {
		if c.got != c.want {
			t.Errorf("%s, wanted %s", c.got, c.want)
		}
	}
}

// Each action that a twin's name may contain can be parsed.
func TestParseTwinActions(t *testing.T) {
	for _, name := range twin.Actions {
		if _, err := ParseAction(string(name)); err != nil {
			t.Errorf("%s: %v", name, err)
		}
	}
}
