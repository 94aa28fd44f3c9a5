// Package output writes the files that haltscope creates: the report of --output and the metrics of --textfile.
//
// A regular file has either its old content or all of the new content. It keeps its owner, mode, labels and names. Symlinks
// are followed. Anything else, such as a pipe or a terminal, is opened and written to. See destination.go for what a path
// names, replace.go and overwrite.go for files, and stream.go for the rest.
package output

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"time"

	"haltscope/compare/fault"
)

// Output collects a report. Nothing is written before Commit, so a report that fails halfway changes nothing.
type Output struct {
	path   string // "" for standard output
	text   bytes.Buffer
	stream io.Writer // standard output, or what is not a regular file; nil for a file, which Commit opens
}

// Open checks that the report can be written to path, before the work begins. Without a path it goes to stdout. Open waits
// for the reader of a FIFO until ctx ends, after calling waiting. The error is a [fault.UsageError] or
// [fault.ErrInterrupted].
func Open(ctx context.Context, path string, stdout io.Writer, waiting func()) (*Output, error) {
	if path == "" {
		return &Output{stream: stdout}, nil
	}
	o := &Output{path: path}
	t, err := resolve(path)
	if err == nil {
		defer t.close()
		var stream *os.File
		if t.regular() {
			_, err = t.plan()
		} else if stream, err = t.open(ctx, waiting); err == nil {
			o.stream = stream
		}
	}
	switch {
	case errors.Is(err, fault.ErrInterrupted):
		return nil, fmt.Errorf("%w: %s (--output) had no reader", err, path)
	case err != nil:
		return nil, &fault.UsageError{Text: fmt.Sprintf("--output %s cannot be written: %v", path, err)}
	}
	return o, nil
}

// Write adds to the report.
func (o *Output) Write(p []byte) (int, error) { return o.text.Write(p) }

// Commit writes the report. Once ctx has ended, a reader has two more seconds.
func (o *Output) Commit(ctx context.Context) error {
	var err error
	if o.stream != nil {
		err = writeStream(ctx, o.stream, o.text.Bytes())
	} else {
		err = write(o.path, o.text.Bytes(), false)
	}
	if err != nil && o.path != "" {
		return fmt.Errorf("writing the report to %s (--output): %w", o.path, err)
	}
	return err
}

// Close closes what Open opened.
func (o *Output) Close() {
	if f, ok := o.stream.(*os.File); ok && o.path != "" {
		f.Close()
	}
}

// WriteFile replaces the content of a regular file. A new file is readable by everybody, whatever the umask.
func WriteFile(path string, data []byte) error { return write(path, data, true) }

// write resolves the path again, because minutes may have passed since Open.
func write(path string, data []byte, readable bool) error {
	t, err := resolve(path)
	if err != nil {
		return err
	}
	defer t.close()
	if !t.regular() {
		return errors.New("not a regular file")
	}
	inPlace, err := t.plan()
	if err != nil {
		return err
	}
	if !inPlace {
		var cannot *replaceError
		if err = t.replace(data, readable); !errors.As(err, &cannot) {
			return err
		}
	}
	return t.overwrite(data)
}

// readerTime is how long a reader has to read the report after an interruption.
const readerTime = 2 * time.Second

// writeStream writes to something that may block.
func writeStream(ctx context.Context, to io.Writer, data []byte) error {
	if len(data) == 0 {
		return nil
	}
	done := make(chan error, 1)
	go func() {
		_, err := to.Write(data)
		done <- err
	}()
	select {
	case err := <-done:
		return err
	case <-ctx.Done():
	}
	select {
	case err := <-done:
		return err
	case <-time.After(readerTime):
		return fmt.Errorf("%w: nobody read the report", fault.ErrInterrupted)
	}
}
