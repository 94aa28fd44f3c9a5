package dockercli

import (
	"context"
	"fmt"
	"strings"
	"time"

	"haltscope/compare/value"
)

// maxLogLine bounds a line of a container's log, in bytes.
const maxLogLine = 1 << 20

// FollowLogs passes each line that a container writes to its standard output to line, from the start of the log or
// from since on, until the container ends or ctx does. It returns at once; end is called at the end, with what went
// wrong if the log was not read to its end. Of a line longer than maxLogLine the beginning is passed.
func (c *Client) FollowLogs(ctx context.Context, id string, since time.Time, line func([]byte), end func(error)) error {
	args := []string{"logs", "--follow"}
	if !since.IsZero() {
		args = append(args, "--since", fmt.Sprintf("%d.%09d", since.Unix(), since.Nanosecond()))
	}
	args = append(args, "--", id)
	stream, err := c.stream(ctx, args...)
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

// LastWords returns the last line that a container wrote, to either output, cut to what a message can carry.
func (c *Client) LastWords(ctx context.Context, id string) string {
	args := []string{"logs", "--tail", "1", "--", id}
	ctx, cancel := context.WithTimeout(ctx, c.Timeout)
	defer cancel()
	cmd := c.command(ctx, args...)
	var out head
	cmd.Stdout, cmd.Stderr = &out, &out
	started := time.Now()
	err := cmd.Run()
	c.logCall(args, time.Since(started), cmd)
	if err != nil {
		return ""
	}
	words := []rune(value.Clean(strings.TrimSpace(out.kept.String())))
	return string(words[:min(len(words), 200)])
}

// LastLine reads the last line of a container's log.
func (c *Client) LastLine(ctx context.Context, id string) (Call, error) {
	return c.run(ctx, 0, nil, "logs", "--tail", "1", "--", id)
}
