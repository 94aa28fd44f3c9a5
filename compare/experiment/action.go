package experiment

import (
	"fmt"
	"strconv"
	"strings"
	"time"

	"golang.org/x/sys/unix"

	"haltscope/compare/action"
	"haltscope/compare/fault"
	"haltscope/compare/value"
)

// Action is performed on a twin. Its text is kill[:SIGNAL], stop[:GRACE], pause, restart[:GRACE] or rm.
type Action struct {
	text   string
	Verb   value.Verb
	Signal string         // of a kill, as a number; "" for docker's default, SIGKILL
	Grace  *time.Duration // of a stop or a restart, in whole seconds; nil for the container's own
}

// ParseAction parses the text of an action.
func ParseAction(text string) (Action, error) {
	verb, argument, has := strings.Cut(text, ":")
	a := Action{text: text, Verb: value.Verb(verb)}
	var err error
	switch a.Verb {
	case value.Kill:
		if has {
			a.Signal, err = parseSignal(text, argument)
		}
	case value.Stop, value.Restart:
		if has {
			a.Grace, err = parseGrace(text, verb, argument)
		}
	case value.Pause, value.Remove:
		if has {
			err = usage("action %q: %s takes no argument", text, verb)
		}
	default:
		err = usage("unknown action %q: the actions are kill[:SIGNAL], stop[:GRACE], pause, restart[:GRACE] and rm", text)
	}
	return a, err
}

func parseSignal(text, argument string) (string, error) {
	n, err := value.ParseSignal(argument)
	if err != nil || !value.ValidSignal(n) {
		return "", usage("action %q: %q is not a signal; try kill:TERM", text, argument)
	}
	return strconv.Itoa(int(n)), nil
}

func parseGrace(text, verb, argument string) (*time.Duration, error) {
	d, err := time.ParseDuration(argument)
	if err != nil || d < 0 {
		return nil, usage("action %q: %q is not a grace; try %s:5s", text, argument, verb)
	}
	if d%time.Second != 0 {
		return nil, usage("action %q: docker %s takes its grace in whole seconds; try %s:%s",
			text, verb, verb, d.Truncate(time.Second)+time.Second)
	}
	return &d, nil
}

func usage(format string, args ...any) error {
	return &fault.UsageError{Text: fmt.Sprintf(format, args...)}
}

// UnmarshalText parses the text of an action.
func (a *Action) UnmarshalText(text []byte) (err error) {
	*a, err = ParseAction(string(text))
	return err
}

func (a Action) String() string { return a.text }

// signal is the signal that the action begins with; 0 if it cannot be parsed. stopSignal is that of the container's
// configuration, "" for the default, SIGTERM.
func (a Action) signal(stopSignal string) unix.Signal {
	return action.SignalNumber(a.Verb, a.Signal, stopSignal)
}

// grace is how long a stop waits: the action's own grace, or the container's, in seconds, or Docker's default.
func (a Action) grace(stopTimeout *int) time.Duration {
	if a.Grace != nil {
		return *a.Grace
	}
	return value.Grace(stopTimeout)
}
