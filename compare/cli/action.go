package cli

import (
	"fmt"
	"strconv"
	"strings"
	"time"

	"haltscope/compare/action"
	"haltscope/compare/document"
	"haltscope/compare/fault"
	"haltscope/compare/report"
	"haltscope/compare/value"
)

// isAction reports whether a command of the grammar changes the user's own containers.
func isAction(command string) bool {
	verb, _, _ := strings.Cut(command, " ")
	switch value.Verb(verb) {
	case value.Kill, value.Stop, value.Pause, value.Unpause, value.Start, value.Restart:
		return true
	}
	return false
}

// selectedBy maps each action to the kind of containers that it selects. One of another kind must be named.
var selectedBy = map[value.Verb]string{value.Kill: running, value.Stop: running, value.Restart: running, value.Pause: unpaused,
	value.Unpause: paused, value.Start: stopped}

// actionFlags are the flags of every action.
type actionFlags struct {
	containerFlags
	DryRun bool `help:"Only print the command and the predicted result (see haltscope predict)."`
}

func (f *actionFlags) run(p *Program, o action.Options) error {
	o.DryRun = f.DryRun
	if o.DryRun && len(o.Expect) > 0 {
		return &fault.UsageError{Text: "--expect is about what happened, and --dry-run does nothing",
			Next: "leave one of them out; haltscope predict --verify tries it on twins"}
	}
	which, err := f.selection(f.Container, selectedBy[o.Verb])
	if err != nil {
		return err
	}
	return p.report(func(progress *report.Progress) (document.Document, error) {
		doc, err := action.Run(p.Context, p.docker(), which, o, progress)
		return orNone(doc), err
	})
}

// expectFlags are the flags of the actions that end a container.
type expectFlags struct {
	Expect []value.Kind `help:"Exit with code 3 unless the verdict of each container is one of these (see haltscope man)." placeholder:"graceful"`
}

// graceTime is a grace in seconds, with or without a unit; below 0 for no end.
type graceTime int

// UnmarshalText parses a number of seconds or a duration. Docker takes whole seconds.
func (g *graceTime) UnmarshalText(text []byte) error {
	seconds, err := strconv.Atoi(string(text))
	if err != nil {
		grace, wrong := time.ParseDuration(string(text))
		if wrong != nil || grace%time.Second != 0 {
			return fmt.Errorf("expected whole seconds, such as 5 or 5s, but got %q", text)
		}
		seconds = int(grace / time.Second)
	}
	*g = graceTime(seconds)
	return nil
}

// stopFlags are passed to docker stop and docker restart.
type stopFlags struct {
	Signal string     `short:"s" help:"The signal to send first; by default the container's own. Needs engine 23.0 or later." placeholder:"SIGNAL"`
	Grace  *graceTime `name:"time" short:"t" help:"Seconds until SIGKILL, like docker's --timeout: 0 for immediately, -1 for never; by default the container's own." placeholder:"SECONDS"`
}
