package cli

import (
	"errors"

	"github.com/rs/zerolog"

	"haltscope/compare/fault"
	"haltscope/dockercli"
)

// The exit codes of haltscope. A command that reports everything itself ends with an exitStatus: see workload.go.
const (
	ExitDone        = 0
	ExitFailed      = 1   // something failed while running
	ExitUsage       = 2   // the command line is wrong
	ExitNotMet      = 3   // an expectation was not met (check, --expect), or a prediction did not come true (predict --verify)
	ExitUnfit       = 4   // haltscope cannot work on this host
	ExitNotFound    = 5   // there is no such container or image
	ExitInterrupted = 130 // a signal ended the run; the twins are removed
)

// exitCode returns the exit code for an error.
func exitCode(err error) int {
	var usage *fault.UsageError
	var unfit *fault.UnfitError
	switch {
	case err == nil:
		return ExitDone
	case errors.Is(err, fault.ErrInterrupted):
		return ExitInterrupted
	case errors.As(err, &usage):
		return ExitUsage
	case errors.Is(err, fault.ErrNotMet):
		return ExitNotMet
	case errors.As(err, &unfit):
		return ExitUnfit
	case errors.Is(err, dockercli.ErrNotFound):
		return ExitNotFound
	}
	return ExitFailed
}

// Fail logs an error and returns its exit code. Errors that were joined get a line each, and the highest code counts.
func Fail(log zerolog.Logger, err error) int {
	if err == nil {
		return ExitDone
	}
	code := ExitDone
	for _, one := range fault.Parts(err) {
		line := log.Error().Str(zerolog.MessageFieldName, fault.Line(one)) // Msg would put it last
		if next := fault.Hint(one); next != "" {
			line = line.Str("next", next)
		}
		line.Send()
		code = max(code, exitCode(one))
	}
	return code
}
