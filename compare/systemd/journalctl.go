// Package systemd reads systemd's journal. It is the only package that runs journalctl.
package systemd

import (
	"bufio"
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
	Fields  []string  // in addition to those that journalctl always prints
	Since   time.Time // zero for all boots
	Lines   int       // the newest entries, at most this many
	Bytes   int64     // the newest bytes of these entries, at most this many
}

// patience is how long journalctl may take.
const patience = 20 * time.Second

// maxStderr bounds what is kept of journalctl's standard error, in bytes.
const maxStderr = 2 << 10

// CutError means that a bound was reached, so that only the newest entries were read.
type CutError struct{ What string }

func (e *CutError) Error() string { return e.What }

// Read passes entries to parse, each a line of JSON, oldest first. journalctl prints the newest first, so a bound leaves out the oldest.
// If one is reached, Read returns a [CutError] once parse is done.
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
	lines, readErr := readLines(bound)
	timedOut := errors.Is(ctx.Err(), context.DeadlineExceeded)
	if bound.N == 0 || readErr != nil {
		cancel() // it would wait for somebody to read the rest
	}
	waitErr := cmd.Wait()
	count := len(lines)
	parseErr := parse(&backward{lines: lines})
	switch {
	case timedOut:
		return fmt.Errorf("journalctl did not end within %s", value.Duration(value.Milliseconds(patience)))
	case readErr != nil:
		return fmt.Errorf("reading what journalctl prints: %w", readErr)
	case parseErr != nil:
		return parseErr
	case bound.N == 0:
		return &CutError{What: fmt.Sprintf("only its last %d MiB were read", q.Bytes>>20)}
	case waitErr != nil:
		return fmt.Errorf("journalctl: %w%s", waitErr, failed)
	case count >= q.Lines:
		return &CutError{What: fmt.Sprintf("only its last %d lines were read", q.Lines)}
	}
	return nil
}

// arguments returns the arguments of journalctl.
func (q *Query) arguments() []string {
	all := []string{"--output", "json", "--quiet", "--no-pager", "--all", "--reverse", "--lines", strconv.Itoa(q.Lines),
		"--output-fields", strings.Join(q.Fields, ",")}
	if !q.Since.IsZero() {
		all = append(all, "--since", "@"+strconv.FormatInt(q.Since.Unix(), 10))
	}
	return append(all, q.Matches...)
}

// readLines reads whole lines. It leaves out a last line that is incomplete.
func readLines(r io.Reader) ([][]byte, error) {
	var all [][]byte
	in := bufio.NewReader(r)
	for {
		line, err := in.ReadBytes('\n')
		if errors.Is(err, io.EOF) {
			return all, nil
		}
		if err != nil {
			return all, err
		}
		all = append(all, line)
	}
}

// backward reads lines from the last to the first, and drops each one that it has passed on.
type backward struct {
	lines [][]byte
	rest  []byte // of the line that is being read
}

func (b *backward) Read(p []byte) (int, error) {
	if len(b.rest) == 0 {
		last := len(b.lines) - 1
		if last < 0 {
			return 0, io.EOF
		}
		b.rest, b.lines[last] = b.lines[last], nil
		b.lines = b.lines[:last]
	}
	n := copy(p, b.rest)
	b.rest = b.rest[n:]
	return n, nil
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

// String returns the text in the form of an error's last part.
func (b *beginning) String() string {
	if text := value.Clean(strings.TrimSpace(string(b.kept))); text != "" {
		return ": " + text
	}
	return ""
}
