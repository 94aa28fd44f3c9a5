package experiment

import (
	"fmt"
	"strconv"
	"strings"
	"time"

	"github.com/moby/sys/signal"

	"haltscope/compare/action"
	"haltscope/compare/fault"
	"haltscope/compare/value"
)

// Action is what is done to a twin. Its text is kill[:SIGNAL], stop[:GRACE], pause, restart[:GRACE] or rm.
type Action struct {
	text   string
	Verb   string
	Signal string         // of a kill, as docker takes it; "" for docker's default, SIGKILL
	Grace  *time.Duration // of a stop or a restart, in whole seconds; nil for the container's own
}

// ParseAction parses the text of an action.
func ParseAction(text string) (Action, error) {
	verb, argument, has := strings.Cut(text, ":")
	a := Action{text: text, Verb: verb}
	switch verb {
	case "kill":
		if !has {
			return a, nil
		}
		n, err := signal.ParseSignal(argument)
		if err != nil || n < 1 || n > 64 {
			return a, &fault.UsageError{Text: fmt.Sprintf("action %q: %q is not a signal; try kill:TERM", text, argument)}
		}
		a.Signal = strconv.Itoa(int(n))
	case "stop", "restart":
		if !has {
			return a, nil
		}
		grace, err := time.ParseDuration(argument)
		if err != nil || grace < 0 {
			return a, &fault.UsageError{Text: fmt.Sprintf("action %q: %q is not a grace; try %s:5s", text, argument, verb)}
		}
		if grace%time.Second != 0 {
			return a, &fault.UsageError{Text: fmt.Sprintf("action %q: docker %s counts its grace in whole seconds; try %s:%s", text, verb, verb, grace.Truncate(time.Second)+time.Second)}
		}
		a.Grace = &grace
	case "pause", "rm":
		if has {
			return a, &fault.UsageError{Text: fmt.Sprintf("action %q: %s takes no argument", text, verb)}
		}
	default:
		return a, &fault.UsageError{Text: fmt.Sprintf("unknown action %q: the actions are kill[:SIGNAL], stop[:GRACE], pause, restart[:GRACE] and rm", text)}
	}
	return a, nil
}

// UnmarshalText is ParseAction, for the grammar.
func (a *Action) UnmarshalText(text []byte) (err error) {
	*a, err = ParseAction(string(text))
	return err
}

func (a Action) String() string { return a.text }

// flags are what is passed on to docker. -t, for the long form of it was renamed in 28.0.
func (a Action) flags() []string {
	switch {
	case a.Verb == "rm":
		return []string{"--force", "--volumes"} // its anonymous volumes are the experiment's
	case a.Signal != "":
		return []string{"--signal", a.Signal}
	case a.Grace != nil:
		return []string{"-t", strconv.Itoa(int(*a.Grace / time.Second))}
	}
	return nil
}

// signal is the number of the signal that the action begins with, given the stop signal of the container's
// configuration ("" for the default, SIGTERM); 0 if that cannot be understood.
func (a Action) signal(stopSignal string) int {
	return action.SignalNumber(a.Verb, a.Signal, stopSignal)
}

// grace is how long a stop waits: the action's own grace, else the container's, in seconds, else Docker's default.
func (a Action) grace(stopTimeout *int) time.Duration {
	if a.Grace != nil {
		return *a.Grace
	}
	return value.Grace(stopTimeout)
}
