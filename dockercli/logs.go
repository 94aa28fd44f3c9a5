package dockercli

import (
	"context"
	"fmt"
	"strconv"
	"strings"
	"time"

	"haltscope/compare/value"
)

// maxLogLine bounds a line of a container's log, in bytes.
const maxLogLine = 1 << 20

// LogOptions say what of a container's log is followed.
type LogOptions struct {
	Since time.Time // the zero Time for all of it
	Both  bool      // standard error as well as standard output
}

// FollowLogs passes each line of a container's log to line, until the container or ctx ends. It returns at once. line is
// never called concurrently, and gets only the first maxLogLine bytes of a longer line. At the end, end is called, with an
// error if the log was not read to its end.
func (c *Client) FollowLogs(ctx context.Context, id string, o LogOptions, line func([]byte), end func(error)) error {
	args := []string{"logs", "--follow"}
	if !o.Since.IsZero() {
		args = append(args, "--since", moment(o.Since))
	}
	args = append(args, "--", id)
	start := c.stream
	if o.Both {
		start = c.streamBoth
	}
	stream, err := start(ctx, args...)
	if err != nil {
		return fmt.Errorf("following the log: %w", err)
	}
	go func() {
		end(stream.read(maxLogLine, func(text []byte, _ int) error {
			line(text)
			return nil
		}))
	}()
	return nil
}

// LastLogLine returns the last line of a container's log, of either output, cut to 200 characters.
func (c *Client) LastLogLine(ctx context.Context, id string) (string, error) {
	lines, err := c.LastLogLines(ctx, id, 1, time.Time{})
	if len(lines) == 0 {
		return "", err
	}
	line := []rune(lines[0])
	return string(line[:min(len(line), 200)]), nil
}

// LastLogLines returns the last lines of a container's log, of either output: n at most, and none that was written after a time, unless
// that is zero.
func (c *Client) LastLogLines(ctx context.Context, id string, n int, until time.Time) (lines []string, err error) {
	args := []string{"logs", "--tail", strconv.Itoa(n)}
	if !until.IsZero() {
		args = append(args, "--until", moment(until))
	}
	call, err := c.do(ctx, request{args: append(args, "--", id), merged: true})
	if err != nil {
		return nil, err
	}
	for text := range strings.Lines(strings.TrimSpace(string(call.Stdout))) {
		lines = append(lines, value.Clean(strings.TrimSpace(text)))
	}
	return lines, nil
}
