package report

import (
	"fmt"
	"io"
	"os"
	"path/filepath"

	"github.com/google/renameio/v2"
	"golang.org/x/term"

	"haltscope/compare/fault"
)

// Output is where a report goes.
type Output struct {
	io.Writer
	pending *renameio.PendingFile // takes the file's place when the report is whole
	direct  *os.File              // what is no regular file, such as a pipe, is written to as it is
}

// Open opens the output before anything is done, so that a path that cannot be written fails at once. Without a path
// the report goes to stdout.
func Open(path string, stdout io.Writer) (*Output, error) {
	if path == "" {
		return &Output{Writer: stdout}, nil
	}
	if info, err := os.Stat(path); err == nil && !info.Mode().IsRegular() {
		f, err := os.OpenFile(path, os.O_WRONLY, 0)
		if err != nil {
			return nil, &fault.UsageError{Text: fmt.Sprintf("--output: %v", err)}
		}
		return &Output{Writer: f, direct: f}, nil
	}
	f, err := renameio.NewPendingFile(path, renameio.WithTempDir(filepath.Dir(path)), renameio.WithPermissions(0o644))
	if err != nil {
		return nil, &fault.UsageError{Text: fmt.Sprintf("--output %s cannot be written: %v", path, err)}
	}
	return &Output{Writer: f, pending: f}, nil
}

// Commit puts a file in its place.
func (o *Output) Commit() error {
	switch {
	case o.pending != nil:
		return o.pending.CloseAtomicallyReplace()
	case o.direct != nil:
		return o.direct.Close()
	}
	return nil
}

// Discard drops a report that did not become whole; after Commit it does nothing.
func (o *Output) Discard() {
	if o.pending != nil {
		o.pending.Cleanup()
	}
}

// Width is the number of columns of a terminal; 0 where there is none.
func Width(w io.Writer) int {
	f, ok := w.(*os.File)
	if !ok || !term.IsTerminal(int(f.Fd())) {
		return 0
	}
	columns, _, err := term.GetSize(int(f.Fd()))
	if err != nil || columns <= 0 {
		return 80
	}
	return columns
}
