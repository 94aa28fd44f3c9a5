package past

import (
	"fmt"

	"haltscope/compare/value"
)

// CodeMeaning says what an exit code means by convention. The exit code alone proves little: a program may return any.
func CodeMeaning(code int) string {
	switch code {
	case 0:
		return "success"
	case 125:
		return "docker run's own, for an error of its own; here the program's"
	case 126:
		return "a shell's, for a command that it may not execute"
	case 127:
		return "a shell's, for a command that it does not find"
	case sigkillExitCode:
		return "128 + 9, SIGKILL: docker kill, a grace that ran out, the OOM killer, or the program's own code"
	case 128 + int(value.SIGTERM):
		return "128 + 15, SIGTERM: its default action, or a program that handled it"
	case 255:
		return "the program's own (−1), or made up by Docker"
	}
	if signal := value.Signal(code - 128); value.ValidSignal(signal) {
		return fmt.Sprintf("128 + %d, %s", int(signal), value.SignalName(signal))
	}
	return "the program's own, a failure"
}

// StartCodeMeaning says what the exit code of a container means that could not be started.
func StartCodeMeaning(code int) string {
	switch code {
	case 126:
		return "its command cannot be executed: it lacks the permission, or is a directory or not a program for this machine"
	case 127:
		return "its command was not found in the image"
	case 128:
		return "Docker or its runtime could not set it up"
	case 0:
		return "Docker could not set it up"
	}
	return "the runtime could not start it"
}
