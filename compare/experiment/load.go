package experiment

import (
	"errors"
	"fmt"
	"os"
	"strconv"

	"haltscope/compare/experiment/during"
	"haltscope/compare/fault"
)

// startLoad starts the command of --during. It learns the twin from its environment.
func (x *experiment) startLoad() error {
	if len(x.During) == 0 {
		return nil
	}
	a := x.arms[0]
	load, err := during.Start(x.During, append(os.Environ(), "HALTSCOPE_TWIN="+a.id, "HALTSCOPE_TWIN_PID="+strconv.Itoa(a.Before.State.Pid)))
	if err != nil {
		return fault.WithHint(fmt.Errorf("starting the command of --during: %w", err),
			"it is run without a shell: for pipes and variables, name a script, or sh -c '…'")
	}
	x.load = load
	return nil
}

// checkLoad looks right before the stop whether the load goes on.
func (x *experiment) checkLoad() error {
	if x.load == nil {
		return nil
	}
	if err := x.load.Failed(); err != nil {
		return fmt.Errorf("the command of --during failed before the stop, so there was no load: %w", err)
	}
	return nil
}

// endLoad ends the load with all that it has started.
func (x *experiment) endLoad() {
	if x.load == nil {
		return
	}
	if err := x.load.End(); err != nil {
		x.fail(fmt.Errorf("the command of --during: %w", err))
	}
	x.load = nil
}

var errNotStopped = errors.New("there was nothing to stop")
