package dockercli

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"os/exec"
	"slices"
	"syscall"
	"time"

	"haltscope/compare/value"
)

// engineWait is how long the engine itself waits for a SIGKILL to take effect before it gives up: 10 s, and 2 s more
// (moby, daemon/kill.go). runc waits 10 s for a freeze.
const engineWait = 12 * time.Second

// Call is a docker call that has ended.
type Call struct {
	Argv    []string // with the binary
	Stdout  []byte
	Started time.Time
	Elapsed time.Duration
}

// request is a docker call to be made.
type request struct {
	args   []string
	extra  time.Duration // added to the client's Timeout, for a call that takes long by design
	stdin  io.Reader
	merged bool // standard error goes to Stdout as well
}

// run calls docker and waits for it to end.
func (c *Client) run(ctx context.Context, args ...string) (Call, error) {
	return c.do(ctx, request{args: args})
}

// do calls docker and waits for it to end. The error is a [*CallError].
func (c *Client) do(ctx context.Context, r request) (Call, error) {
	limit := c.Timeout + r.extra
	ctx, cancel := context.WithTimeoutCause(ctx, limit,
		fmt.Errorf("%w within %s (--timeout): is the docker daemon hanging?", ErrTimeout, limit))
	defer cancel()
	cmd := c.command(ctx, r.args...)
	cmd.Stdin = r.stdin
	var stdout head
	var stderr ends
	cmd.Stdout, cmd.Stderr = &stdout, &stderr
	if r.merged {
		cmd.Stderr = &stdout
	}
	call := Call{Argv: cmd.Args, Started: time.Now()}
	err := cmd.Run()
	call.Elapsed = time.Since(call.Started)
	call.Stdout = stdout.kept.Bytes()
	c.logCall(r.args, call.Elapsed, cmd)
	if err != nil {
		printed := stderr.String()
		if r.merged {
			printed = string(call.Stdout)
		}
		return call, c.callError(ctx, cmd, err, printed)
	}
	if stdout.over {
		return call, &CallError{Argv: hideVariables(cmd.Args), Err: fmt.Errorf("printed more than %d bytes", maxOutput)}
	}
	return call, nil
}

// command prepares a docker call that is killed when ctx ends.
func (c *Client) command(ctx context.Context, args ...string) *exec.Cmd {
	cmd := exec.CommandContext(ctx, c.Path, slices.Concat(c.Flags, args)...)
	// docker gets its own process group, so that Ctrl-C on the terminal reaches only haltscope, which then decides. It dies with
	// haltscope, even if that is killed: the runtime does not end the thread that starts it (go.dev/issue/27505).
	cmd.SysProcAttr = &syscall.SysProcAttr{Setpgid: true, Pdeathsig: syscall.SIGKILL}
	// If docker is a wrapper, its children are in the same group.
	cmd.Cancel = func() error { return syscall.Kill(-cmd.Process.Pid, syscall.SIGKILL) }
	cmd.ExtraFiles = c.extraFiles
	// The output is read to its end, unless a process that docker left behind holds the pipe. On a busy machine reading can take
	// seconds.
	cmd.WaitDelay = 10 * time.Second
	return cmd
}

// callError returns the error of a call that failed with err.
func (c *Client) callError(ctx context.Context, cmd *exec.Cmd, err error, stderr string) error {
	if c.redact != nil {
		stderr = c.redact(stderr)
	}
	e := &CallError{Argv: hideVariables(cmd.Args), ExitCode: -1, Stderr: value.OneLine(stderr), Err: err}
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

// logCall writes a debug line about a call, so that --log-level debug lists them all.
func (c *Client) logCall(args []string, elapsed time.Duration, cmd *exec.Cmd) {
	exit := -1
	if cmd.ProcessState != nil {
		exit = cmd.ProcessState.ExitCode()
	}
	line := c.Log.Debug()
	shown, more := briefArgs(hideVariables(args))
	if line.Strs("docker", shown); more > 0 {
		line.Int("more_arguments", more)
	}
	line.Dur("elapsed_ms", elapsed).Int("exit_code", exit).Msg("docker call")
}

// maxOutput bounds what is kept of one call's standard output, in bytes.
const maxOutput = 16 << 20

// head keeps the first maxOutput bytes and drops the rest, so that docker never blocks on haltscope. The buffer is not
// embedded, because its ReadFrom would bypass the bound.
type head struct {
	kept bytes.Buffer
	over bool
}

func (b *head) Write(p []byte) (int, error) {
	if left := maxOutput - b.kept.Len(); len(p) > left {
		b.over = true
		b.kept.Write(p[:left])
		return len(p), nil
	}
	return b.kept.Write(p)
}
