// Package dockercli says what Docker says: it is the only room that runs the docker binary. It knows no cgroup.
//
// One file of this package per docker verb. Names and ids of containers go to docker behind "--", never where they
// could be read as a flag; no shell is involved; every call has a deadline; what it prints is read up to a bound.
package dockercli

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"os/exec"
	"slices"
	"strings"
	"syscall"
	"time"

	"github.com/rs/zerolog"
)

// maxOutput bounds what is kept of one call's standard output, in bytes.
const maxOutput = 16 << 20

// engineWait is what the engine itself waits for a SIGKILL to take effect before it gives up: 10 s, and 2 s more
// (daemon/kill.go). runc waits 10 s for a freeze.
const engineWait = 12 * time.Second

// Client runs a docker binary.
type Client struct {
	Path    string        // the binary: a path, or a name looked up in PATH
	Flags   []string      // docker's own flags, before each verb
	Timeout time.Duration // for each call; a stop's grace comes on top
	Log     zerolog.Logger
	extra   []*os.File                 // descriptors from 3 on, for one call
	redact  func(stderr string) string // hides secrets in docker's own words; nil where it was handed none
	podman  bool                       // the binary is podman's: see podman.go
	known   bool                       // whether it is has been found out
}

// CallError is a docker call that failed. Its text holds the call in a form that can be pasted, if it is not too long.
type CallError struct {
	Argv     []string // with the binary
	ExitCode int      // −1 when the call did not end by itself
	Stderr   string   // what docker said, on one clean line
	Err      error    // a deadline, a failed start, or *exec.ExitError
}

func (e *CallError) Error() string {
	args, more := briefArgs(e.Argv)
	text := Paste(args)
	if more > 0 {
		text += fmt.Sprintf(" … (and %d more arguments)", more)
	}
	return text + ": " + e.Cause()
}

// Cause is the error without the call.
func (e *CallError) Cause() string {
	switch {
	case e.Stderr != "" && e.ExitCode > 0:
		return brief(e.Stderr)
	case e.Stderr != "":
		return e.Err.Error() + ": " + brief(e.Stderr)
	default:
		return e.Err.Error()
	}
}

func (e *CallError) Unwrap() error { return e.Err }

// ErrTimeout means that docker did not answer before the deadline.
var ErrTimeout = errors.New("no answer")

// ErrNotFound means that docker knows no such container or image.
var ErrNotFound = errors.New("not found")

// ErrNoBinary means that there is no docker binary to run.
var ErrNoBinary = errors.New("no docker binary")

// ErrNotStarted means that there is a docker binary, and this machine could not start it.
var ErrNotStarted = errors.New("docker could not be started")

// Call is one call of docker that has ended.
type Call struct {
	Argv    []string // with the binary
	Stdout  []byte
	Started time.Time
	Elapsed time.Duration
}

// run calls docker and waits for its end. extra is added to the deadline of a call that is expected to take that long.
func (c *Client) run(ctx context.Context, extra time.Duration, stdin io.Reader, args ...string) (Call, error) {
	limit := c.Timeout + extra
	ctx, cancel := context.WithTimeoutCause(ctx, limit,
		fmt.Errorf("%w within %s (--timeout): is the docker daemon hanging?", ErrTimeout, limit))
	defer cancel()
	cmd := c.command(ctx, args...)
	cmd.Stdin = stdin
	var stdout head
	var stderr ends
	cmd.Stdout, cmd.Stderr = &stdout, &stderr
	call := Call{Argv: cmd.Args, Started: time.Now()}
	err := cmd.Run()
	call.Elapsed = time.Since(call.Started)
	call.Stdout = stdout.kept.Bytes()
	c.logCall(args, call.Elapsed, cmd)
	if err != nil {
		return call, c.callError(ctx, cmd, err, stderr.String())
	}
	if stdout.over {
		return call, &CallError{Argv: cmd.Args, Err: fmt.Errorf("printed more than %d bytes", maxOutput)}
	}
	return call, nil
}

func (c *Client) command(ctx context.Context, args ...string) *exec.Cmd {
	cmd := exec.CommandContext(ctx, c.Path, slices.Concat(c.Flags, args)...)
	// Its own process group, so that a Ctrl-C on the terminal reaches haltscope alone, which then decides. It dies with
	// haltscope, even by SIGKILL: the runtime does not end the thread that starts it (go.dev/issue/27505).
	cmd.SysProcAttr = &syscall.SysProcAttr{Setpgid: true, Pdeathsig: syscall.SIGKILL}
	// A docker that is a wrapper has children, in the same group.
	cmd.Cancel = func() error { return syscall.Kill(-cmd.Process.Pid, syscall.SIGKILL) }
	// What it has printed is read to the end, unless a process that it left behind holds the pipe: a machine may be so busy
	// that this takes seconds.
	cmd.ExtraFiles = c.extra
	cmd.WaitDelay = 10 * time.Second
	return cmd
}

func (c *Client) callError(ctx context.Context, cmd *exec.Cmd, err error, stderr string) error {
	if c.redact != nil {
		stderr = c.redact(stderr)
	}
	e := &CallError{Argv: cmd.Args, ExitCode: -1, Stderr: words(stderr), Err: err}
	var exit *exec.ExitError
	switch {
	case ctx.Err() != nil:
		e.Err = context.Cause(ctx)
	case errors.As(err, &exit) && exit.Exited():
		e.ExitCode = exit.ExitCode()
	case cmd.Process == nil:
		e.Err = startError(err)
	}
	return e
}

// startError says why a docker binary did not start. Only some reasons are the binary's.
func startError(err error) error {
	text, next := "", ""
	switch {
	case errors.Is(err, syscall.EMFILE):
		text, next = "the limit of open files is reached", "raise it (ulimit -n, LimitNOFILE=)"
	case errors.Is(err, syscall.ENFILE):
		text, next = "this machine can open no more files", "raise the limit (sysctl fs.file-max)"
	case errors.Is(err, syscall.EAGAIN):
		text, next = "no more processes can be started", "raise the limit (ulimit -u, TasksMax=, pids.max of its cgroup)"
	case errors.Is(err, syscall.ENOMEM):
		text, next = "memory has run out", "see what takes it (free -m, and memory.max of its cgroup)"
	default:
		return fmt.Errorf("%w: %w", ErrNoBinary, err)
	}
	return fmt.Errorf("%w: %s: %w; %s", ErrNotStarted, text, err, next)
}

// logCall writes a debug line for a call, so that --log-level debug lists them all.
func (c *Client) logCall(args []string, elapsed time.Duration, cmd *exec.Cmd) {
	exit := -1
	if cmd.ProcessState != nil {
		exit = cmd.ProcessState.ExitCode()
	}
	line := c.Log.Debug()
	shown, more := briefArgs(args)
	if line.Strs("docker", shown); more > 0 {
		line.Int("more_arguments", more)
	}
	line.Dur("elapsed_ms", elapsed).Int("exit_code", exit).Msg("docker call")
}

// head keeps the first maxOutput bytes and swallows the rest, so that docker never blocks on us. The buffer is not
// embedded: its ReadFrom would go round the bound.
type head struct {
	kept bytes.Buffer
	over bool
}

func (b *head) Write(p []byte) (int, error) {
	if room := maxOutput - b.kept.Len(); len(p) > room {
		b.over = true
		b.kept.Write(p[:room])
		return len(p), nil
	}
	return b.kept.Write(p)
}

// mentions reports whether docker's own words hold any of the texts, whatever their case: it drifts between versions.
func mentions(err error, texts ...string) bool {
	var call *CallError
	if !errors.As(err, &call) {
		return false
	}
	stderr := strings.ToLower(call.Stderr)
	for _, text := range texts {
		if strings.Contains(stderr, text) {
			return true
		}
	}
	return false
}

// Refused tells docker's no, which is an answer, from a call that came to no answer.
func Refused(err error) bool {
	var call *CallError
	return errors.As(err, &call) && call.ExitCode > 0
}

// Cause is what docker said, without the call; of other errors their text.
func Cause(err error) string {
	var call *CallError
	if errors.As(err, &call) {
		return call.Cause()
	}
	return err.Error()
}
