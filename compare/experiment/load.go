package experiment

import (
	"fmt"
	"os"
	"strconv"

	"haltscope/compare/experiment/during"
	"haltscope/compare/fault"
)

// load is the command of --during. A nil load does nothing.
type load struct {
	command *during.Load
	ended   bool
}

// startLoad starts the command of --during. Two environment variables name the twin.
func (x *experiment) startLoad(t *runningTwin) error {
	if len(x.During) == 0 {
		return nil
	}
	environment := append(os.Environ(), "HALTSCOPE_TWIN="+t.id, "HALTSCOPE_TWIN_PID="+strconv.Itoa(t.container.State.Pid))
	command, err := during.Start(x.During, environment)
	if err != nil {
		return fault.WithHint(fmt.Errorf("starting the command of --during: %w", err),
			"it runs without a shell: for pipes and variables, use a script, or sh -c '…'")
	}
	x.leftovers.load = &load{command: command}
	return nil
}

// check returns an error if the load has failed before the stop.
func (l *load) check() error {
	if l == nil {
		return nil
	}
	if err := l.command.Failed(); err != nil {
		return fmt.Errorf("the command of --during failed before the stop, so there was no load: %w", err)
	}
	return nil
}

// end ends the load with everything that it has started. Only the first call does anything.
func (l *load) end() error {
	if l == nil || l.ended {
		return nil
	}
	l.ended = true
	if err := l.command.End(); err != nil {
		return fmt.Errorf("the command of --during: %w", err)
	}
	return nil
}
