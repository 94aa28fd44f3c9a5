// Package systemd reads systemd's journal. It runs journalctl, and nothing else does.
package systemd

import (
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"os/exec"
	"strconv"
	"strings"
	"time"

	"haltscope/compare/value"
)

// Running reports whether systemd is the init of this machine, as sd_booted(3) does.
func Running() bool {
	_, err := os.Stat("/run/systemd/system")
	return err == nil
}

// Query says what to read of the journal, oldest entry first.
type Query struct {
	Matches []string  // journalctl's: FIELD=VALUE, and + for or
	Fields  []string  // besides those that journalctl always prints
	Since   time.Time // zero for all boots
	Lines   int       // the last entries that are read
	Bytes   int64     // of them, the first bytes that are read
}

// patience is how long journalctl may take.
const patience = 20 * time.Second

// maxStderr bounds what is kept of journalctl's standard error, in bytes.
const maxStderr = 2 << 10

// CutError means that a bound was reached, so that not all of the journal was read.
type CutError struct {
	What  string
	ToEnd bool // what was left out is older than what was read
}

func (e *CutError) Error() string { return e.What }

// Read passes entries to parse, each a line of JSON. Where a bound is reached, it returns a [CutError] once parse is done.
func Read(ctx context.Context, q *Query, parse func(io.Reader) error) error {
	ctx, cancel := context.WithTimeout(ctx, patience)
	defer cancel()
	cmd := exec.CommandContext(ctx, "journalctl", q.arguments()...)
	failed := &beginning{bound: maxStderr}
	cmd.Stderr, cmd.WaitDelay = failed, time.Second
	out, err := cmd.StdoutPipe()
	if err != nil {
		return fmt.Errorf("journalctl: %w", err)
	}
	if err := cmd.Start(); err != nil {
		return fmt.Errorf("journalctl: %w", err)
	}
	bound := &io.LimitedReader{R: out, N: q.Bytes}
	lines := &lineCounter{from: bound}
	parseErr := parse(lines)
	timedOut := errors.Is(ctx.Err(), context.DeadlineExceeded)
	if bound.N == 0 || parseErr != nil {
		cancel() // it would wait for somebody to read the rest
	}
	waitErr := cmd.Wait()
	switch {
	case timedOut:
		return fmt.Errorf("journalctl did not end within %s", value.Duration(value.Milliseconds(patience)))
	case parseErr != nil:
		return parseErr
	case bound.N == 0:
		return &CutError{What: fmt.Sprintf("only the first %d MiB of its last %d lines were read", q.Bytes>>20, q.Lines)}
	case waitErr != nil:
		return fmt.Errorf("journalctl: %w%s", waitErr, failed)
	case lines.n >= q.Lines:
		return &CutError{What: fmt.Sprintf("only its last %d lines were read", q.Lines), ToEnd: true}
	}
	return nil
}

// arguments returns those of journalctl.
func (q *Query) arguments() []string {
	all := []string{"--output", "json", "--quiet", "--no-pager", "--all", "--lines", strconv.Itoa(q.Lines),
		"--output-fields", strings.Join(q.Fields, ",")}
	if !q.Since.IsZero() {
		all = append(all, "--since", "@"+strconv.FormatInt(q.Since.Unix(), 10))
	}
	return append(all, q.Matches...)
}

// lineCounter counts the lines that are read through it.
type lineCounter struct {
	from io.Reader
	n    int
}

func (c *lineCounter) Read(p []byte) (int, error) {
	n, err := c.from.Read(p)
	for _, b := range p[:n] {
		if b == '\n' {
			c.n++
		}
	}
	return n, err
}

// beginning keeps the beginning of what is written to it.
type beginning struct {
	kept  []byte
	bound int
}

func (b *beginning) Write(p []byte) (int, error) {
	b.kept = append(b.kept, p[:min(len(p), b.bound-len(b.kept))]...)
	return len(p), nil
}

// String returns it as the end of an error.
func (b *beginning) String() string {
	if text := value.Clean(strings.TrimSpace(string(b.kept))); text != "" {
		return ": " + text
	}
	return ""
}
