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
		return ExitCode(code)
	}
	return err
}

// ExitCode is the end of a command that has said all, with a code of its own.
type ExitCode int

func (e ExitCode) Error() string { return fmt.Sprintf("exit code %d", int(e)) }
