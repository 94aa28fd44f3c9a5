package dockercli

import (
	"bytes"
	"context"
	"fmt"
	"os/exec"
	"sync"
	"time"
)

// FollowBothLogs passes each line that a container writes, to its standard output or its standard error, to line, from
// the start of the log on, until the container ends or ctx does. It returns at once; end is called at the end.
func (c *Client) FollowBothLogs(ctx context.Context, id string, line func([]byte), end func(error)) error {
	args := []string{"logs", "--follow", "--", id}
	cmd := c.command(ctx, args...)
	out, errs := &lines{each: line}, &lines{each: line}
	cmd.Stdout, cmd.Stderr = out, errs
	started := time.Now()
	if err := cmd.Start(); err != nil {
		return fmt.Errorf("following the log: %w", c.callError(ctx, cmd, err, ""))
	}
	go func() {
		err := cmd.Wait()
		out.flush()
		errs.flush()
		c.logCall(args, time.Since(started), cmd)
		if _, failed := err.(*exec.ExitError); failed || err != nil {
			err = c.callError(ctx, cmd, err, "")
		}
		end(err)
	}()
	return nil
}

// maxLine bounds what is kept of a line.
const maxLine = 64 << 10

// lines cuts what is written to it into lines.
type lines struct {
	mu   sync.Mutex
	each func([]byte)
	part []byte
}

func (l *lines) Write(p []byte) (int, error) {
	l.mu.Lock()
	defer l.mu.Unlock()
	n := len(p)
	for {
		i := bytes.IndexByte(p, '\n')
		if i < 0 {
			break
		}
		l.each(append(l.part, p[:i]...))
		l.part, p = l.part[:0], p[i+1:]
	}
	l.part = append(l.part, p[:min(len(p), max(0, maxLine-len(l.part)))]...)
	return n, nil
}

func (l *lines) flush() {
	l.mu.Lock()
	defer l.mu.Unlock()
	if len(l.part) > 0 {
		l.each(l.part)
		l.part = nil
	}
}
