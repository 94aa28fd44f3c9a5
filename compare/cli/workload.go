package cli

import (
	"fmt"

	"haltscope/compare/workload"
)

// Workload is what runs inside the twins.
type Workload struct {
	workload.Config
}

func (w *Workload) Run(p *Program) error {
	code, err := workload.Run(w.Config, p.Stdout)
	if err == nil && code != 0 {
		return exitStatus(code)
	}
	return err
}

// exitStatus ends a command that has reported everything, with an exit code of its own.
type exitStatus int

func (e exitStatus) Error() string { return fmt.Sprintf("exit code %d", int(e)) }
