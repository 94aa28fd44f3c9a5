package experiment

import (
	"errors"
	"fmt"
	"slices"
	"strings"

	"haltscope/compare/action"
	"haltscope/compare/fault"
	"haltscope/dockercli"
)

var errRemoved = errors.New("the twin was removed by another client")

// whoRemoves is what to do about a removed twin.
const whoRemoves = "find what removed it: the command of --during, or a clean-up job of this host (docker rm, docker container prune). " +
	"Then run it again without that"

// removedTwin returns the error of a twin that another client removed. The events are those that Docker sent since the action began.
func removedTwin(events []dockercli.Event) error {
	err := errRemoved
	if all := lifecycle(events); all != "" {
		err = fmt.Errorf("%w; docker events: %s", errRemoved, all)
	}
	return fault.WithHint(err, whoRemoves)
}

// lifecycle lists the lifecycle events in a sentence; "" for none.
func lifecycle(events []dockercli.Event) string {
	var all []string
	for _, e := range events {
		text := e.Action
		if n, ok := e.SignalNumber(); ok && e.Action == "kill" {
			text += fmt.Sprintf(" (signal %d)", n)
		}
		if slices.Contains(action.Lifecycle, e.Action) {
			all = append(all, text)
		}
	}
	return strings.Join(all, ", ")
}
