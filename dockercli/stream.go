package dockercli

import (
	"bufio"
	"bytes"
	"context"
	"errors"
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
	stderr  ends
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

// read passes each line on, cut to bound bytes where it is longer, waits for the end of the call, and returns how it
// ended: nil is exit code 0. The first error that line returns ends the call, too.
func (s *stream) read(bound int, line func(text []byte, length int) error) error {
	failed := eachLine(s.stdout, bound, line)
	if failed != nil {
		s.cmd.Cancel() // nobody reads on, and it would wait for that
	}
	err := s.cmd.Wait()
	s.client.logCall(s.args, time.Since(s.started), s.cmd)
	if failed == nil && err != nil {
		failed = s.client.callError(context.Background(), s.cmd, err, s.stderr.String())
	}
	return failed
}

// eachLine calls line for each line of r without its newline, and for what follows the last one. Of a line that is longer
// than bound it passes the first bound bytes; length is always that of the whole line. It ends with r, or with the first
// error.
func eachLine(r io.Reader, bound int, line func(text []byte, length int) error) error {
	in := bufio.NewReaderSize(r, 64<<10)
	var long []byte // the beginning of a line that is longer than the reader's buffer
	length := 0     // of it so far
	for {
		part, err := in.ReadSlice('\n')
		if err != nil && !errors.Is(err, bufio.ErrBufferFull) && !errors.Is(err, io.EOF) {
			return fmt.Errorf("reading what docker prints: %w", err)
		}
		text := bytes.TrimSuffix(part, []byte{'\n'})
		length += len(text)
		if length > len(text) || errors.Is(err, bufio.ErrBufferFull) {
			long = append(long, text[:min(len(text), bound-len(long))]...)
			text = long
		}
		switch {
		case errors.Is(err, bufio.ErrBufferFull):
			continue
		case len(part) > 0 || length > 0:
			if failed := line(text[:min(len(text), bound)], length); failed != nil {
				return failed
			}
		}
		if err != nil {
			return nil
		}
		long, length = nil, 0
	}
}
