package dockercli

import (
	"bufio"
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"os/exec"
	"sync"
	"time"
)

// stream is a running docker call whose output is read line by line.
type stream struct {
	client  *Client
	args    []string
	cmd     *exec.Cmd
	outputs []io.Reader // standard output, or standard error as well
	stderr  ends        // if it is not one of the outputs
	started time.Time
}

// stream starts such a call. It has no deadline and ends with ctx.
func (c *Client) stream(ctx context.Context, args ...string) (*stream, error) {
	s := c.newStream(ctx, args)
	s.cmd.Stderr = &s.stderr
	return s.start(ctx, s.cmd.StdoutPipe)
}

// streamBoth is like stream, and reads standard error as well.
func (c *Client) streamBoth(ctx context.Context, args ...string) (*stream, error) {
	s := c.newStream(ctx, args)
	return s.start(ctx, s.cmd.StdoutPipe, s.cmd.StderrPipe)
}

func (c *Client) newStream(ctx context.Context, args []string) *stream {
	return &stream{client: c, args: args, cmd: c.command(ctx, args...), started: time.Now()}
}

func (s *stream) start(ctx context.Context, pipes ...func() (io.ReadCloser, error)) (*stream, error) {
	for _, pipe := range pipes {
		output, err := pipe()
		if err != nil {
			return nil, s.client.callError(ctx, s.cmd, err, "")
		}
		s.outputs = append(s.outputs, output)
	}
	if err := s.cmd.Start(); err != nil {
		return nil, s.client.callError(ctx, s.cmd, err, "")
	}
	return s, nil
}

// read calls line for each line, cut to bound bytes, and waits for docker to end. It returns nil if that exits with 0. The
// first error of line ends docker, and is returned. line is never called concurrently.
func (s *stream) read(bound int, line func(text []byte, length int) error) error {
	failed := s.readLines(bound, line)
	err := s.cmd.Wait()
	s.client.logCall(s.args, time.Since(s.started), s.cmd)
	if failed == nil && err != nil {
		failed = s.client.callError(context.Background(), s.cmd, err, s.stderr.String())
	}
	return failed
}

func (s *stream) readLines(bound int, line func(text []byte, length int) error) error {
	read := func(output io.Reader) error {
		err := eachLine(output, bound, line)
		if err != nil {
			s.cmd.Cancel() // docker would block: nobody reads its output any more
		}
		return err
	}
	if len(s.outputs) == 1 {
		return read(s.outputs[0])
	}
	var turn sync.Mutex
	each := line
	line = func(text []byte, length int) error {
		turn.Lock()
		defer turn.Unlock()
		return each(text, length)
	}
	failed := make([]error, len(s.outputs))
	var all sync.WaitGroup
	for i, output := range s.outputs {
		all.Go(func() { failed[i] = read(output) })
	}
	all.Wait()
	return errors.Join(failed...)
}

// eachLine calls line for each line of r without its newline, and for what follows the last newline. A line longer than
// bound is cut to its first bound bytes; length is that of the whole line. It stops at the end of r, or at the first error.
func eachLine(r io.Reader, bound int, line func(text []byte, length int) error) error {
	in := bufio.NewReaderSize(r, 64<<10)
	var long []byte // the beginning of a line that is longer than the reader's buffer
	length := 0     // of that line so far
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
