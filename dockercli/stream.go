package dockercli

import (
	"bufio"
	"context"
	"fmt"
	"io"
	"os/exec"
	"time"
)

// stream is a docker call that goes on, and is read line by line.
type stream struct {
	client  *Client
	args    []string
	cmd     *exec.Cmd
	stdout  io.Reader
	stderr  head
	started time.Time
}

// stream starts such a call. It ends with ctx, and has no deadline.
func (c *Client) stream(ctx context.Context, args ...string) (*stream, error) {
	s := &stream{client: c, args: args, cmd: c.command(ctx, args...), started: time.Now()}
	s.cmd.Stderr = &s.stderr
	stdout, err := s.cmd.StdoutPipe()
	if err == nil {
		err = s.cmd.Start()
	}
	if err != nil {
		return nil, c.callError(ctx, s.cmd, err, "")
	}
	s.stdout = stdout
	return s, nil
}

// read passes each line on, waits for the end of the call, and returns how it ended: nil is exit code 0. The first
// error that line returns ends the call, too.
func (s *stream) read(line func([]byte) error) error {
	lines := bufio.NewScanner(s.stdout)
	lines.Buffer(nil, 1<<20)
	var failed error
	for failed == nil && lines.Scan() {
		failed = line(lines.Bytes())
	}
	if failed == nil && lines.Err() != nil {
		failed = fmt.Errorf("reading what docker prints: %w", lines.Err())
	}
	if failed != nil {
		s.cmd.Cancel() // nobody reads on, and it would wait for that
	}
	err := s.cmd.Wait()
	s.client.logCall(s.args, time.Since(s.started), s.cmd)
	if failed == nil && err != nil {
		failed = s.client.callError(context.Background(), s.cmd, err, s.stderr.kept.String())
	}
	return failed
}
