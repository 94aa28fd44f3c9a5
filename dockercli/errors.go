package dockercli

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"path/filepath"
	"slices"
	"strings"
	"syscall"

	"haltscope/compare/value"
)

var (
	// ErrTimeout means that docker did not answer before the deadline.
	ErrTimeout = errors.New("no answer")

	// ErrNotFound means that there is no such container, image or network.
	ErrNotFound = errors.New("not found")

	// ErrNoBinary means that there is no docker binary to run.
	ErrNoBinary = errors.New("no docker binary")

	// ErrNotStarted means that there is a docker binary, but this machine could not start it.
	ErrNotStarted = errors.New("docker could not be started")

	// ErrNoDaemon means that the docker binary ran, and no daemon answered it.
	ErrNoDaemon = errors.New("no docker daemon answers")
)

// CallError is a docker call that failed. Its text ends with the call, in a form that can be pasted if it is not too long.
type CallError struct {
	Argv     []string // with the binary
	ExitCode int      // −1 if docker did not exit by itself
	Stderr   string   // what docker printed to standard error, on one clean line
	Err      error    // a deadline, a failed start, or an [*exec.ExitError]
}

func (e *CallError) Error() string {
	args, more := briefArgs(withoutTemplate(e.Argv))
	text, binary := e.Cause(), filepath.Base(e.Argv[0])+": "
	if !strings.HasPrefix(text, binary) { // docker run begins its own messages so
		text = binary + text
	}
	text += "; the command was: " + value.Paste(args)
	if more > 0 {
		text += fmt.Sprintf(" … (and %d more arguments)", more)
	}
	return text
}

// withoutTemplate returns the arguments without --format: by hand, the output is easier to read without it.
func withoutTemplate(args []string) []string {
	if i := slices.Index(args, "--format"); i >= 0 && i+1 < len(args) {
		return slices.Concat(args[:i], args[i+2:])
	}
	return args
}

// Hint says what to do next; "" where there is nothing to advise.
func (e *CallError) Hint() string {
	var inner interface {
		error
		Hint() string
	}
	switch {
	case errors.As(e.Err, &inner):
		return inner.Hint()
	case errors.Is(e.Err, ErrTimeout):
		return "see whether the daemon answers: docker version; a busy one needs a longer --timeout"
	case e.ExitCode > 0:
		return "if that does not say it all, run the command by hand, and see the daemon's log (journalctl --unit docker --since -10min)"
	}
	return ""
}

// Cause returns the text of the error without the call.
func (e *CallError) Cause() string {
	if e.Stderr != "" && e.ExitCode > 0 {
		return brief(e.Stderr)
	}
	why := e.Err.Error()
	if errors.Is(e.Err, context.Canceled) {
		why = "interrupted before it answered"
	}
	if e.Stderr != "" {
		return why + ": " + brief(e.Stderr)
	}
	return why
}

func (e *CallError) Unwrap() error { return e.Err }

// Refused reports whether docker answered with an error. It is false for a call that was given up or never started.
func Refused(err error) bool {
	var call *CallError
	return errors.As(err, &call) && call.ExitCode > 0
}

// Cause returns what docker said, without the call. For any other error it returns the whole text.
func Cause(err error) string {
	var call *CallError
	if errors.As(err, &call) {
		return call.Cause()
	}
	return err.Error()
}

// NotFoundError is a container that docker does not know. It wraps [ErrNotFound].
type NotFoundError struct{ Name, list string }

func (e *NotFoundError) Error() string { return "container " + e.Name + ": " + ErrNotFound.Error() }

// Hint says what to do next.
func (e *NotFoundError) Hint() string { return "see: " + e.list }

func (e *NotFoundError) Unwrap() error { return ErrNotFound }

// notStartedError is a docker binary that this machine could not start. It wraps [ErrNotStarted] and the error of the start.
type notStartedError struct {
	text string // what ran out
	next string
	err  error
}

func (e *notStartedError) Error() string {
	return ErrNotStarted.Error() + ": " + e.text + ": " + e.err.Error()
}

// Hint says what to do next.
func (e *notStartedError) Hint() string { return e.next }

func (e *notStartedError) Unwrap() []error { return []error{ErrNotStarted, e.err} }

// startError says why docker did not start: because of the binary ([ErrNoBinary]) or of this machine ([ErrNotStarted]).
func startError(err error) error {
	switch {
	case errors.Is(err, syscall.EMFILE):
		return &notStartedError{"the limit of open files is reached", "raise it (ulimit -n, LimitNOFILE=)", err}
	case errors.Is(err, syscall.ENFILE):
		return &notStartedError{"this machine cannot open more files", "raise the limit (sysctl fs.file-max)", err}
	case errors.Is(err, syscall.EAGAIN):
		return &notStartedError{"no more processes can be started", "raise the limit (ulimit -u, TasksMax=, pids.max of its cgroup)", err}
	case errors.Is(err, syscall.ENOMEM):
		return &notStartedError{"memory has run out", "see what uses it (free -m, and memory.max of its cgroup)", err}
	}
	if path := (*fs.PathError)(nil); errors.As(err, &path) { // without the name of the system call
		return fmt.Errorf("%w: %s: %w", ErrNoBinary, path.Path, path.Err)
	}
	return fmt.Errorf("%w: %w", ErrNoBinary, err)
}
