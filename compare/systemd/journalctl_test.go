package systemd

import (
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"testing/iotest"
	"time"
)

// TestRead runs a journalctl that prints so many lines, and says where a bound was reached.
func TestRead(t *testing.T) {
	const bytes = 1 << 20
	for name, c := range map[string]struct {
		script string
		lines  int
		want   string // a part of the error; "" for none
	}{
		"all of it":      {"echo a; echo b", 3, ""},
		"nothing":        {"", 3, ""},
		"too many lines": {"echo a; echo b", 2, "only its last 2 lines"},
		"too many bytes": {"exec yes", 1 << 30, "only its last 1 MiB"},
		"it fails":       {"echo a; echo no permission >&2; exit 1", 3, "exit status 1: no permission"},
		"it says much":   {"yes no | head -c 1000000 >&2; exit 1", 3, "exit status 1: no"},
	} {
		t.Run(name, func(t *testing.T) {
			dir := t.TempDir()
			if err := os.WriteFile(filepath.Join(dir, "journalctl"), []byte("#!/bin/sh\n"+c.script), 0o755); err != nil {
				t.Fatal(err)
			}
			t.Setenv("PATH", dir+":"+os.Getenv("PATH"))
			err := Read(context.Background(), &Query{Lines: c.lines, Bytes: bytes}, func(r io.Reader) error {
				_, err := io.Copy(io.Discard, r)
				return err
			})
			if (err == nil) != (c.want == "") || err != nil && !strings.Contains(err.Error(), c.want) || len(fmt.Sprint(err)) > 2*maxStderr {
				t.Errorf("%.200s", fmt.Sprint(err))
			}
		})
	}
}

// TestReadOrder checks that entries are passed oldest first, though journalctl prints the newest first; and that a bound leaves out the
// oldest, and no part of one is passed.
func TestReadOrder(t *testing.T) {
	for name, c := range map[string]struct {
		bytes int64
		want  string
	}{
		"all of it":         {1 << 20, "first\n\nthird\n"},
		"up to a line":      {7, "\nthird\n"},
		"a part of a line":  {10, "\nthird\n"},
		"a part of the end": {5, ""},
	} {
		t.Run(name, func(t *testing.T) {
			dir := t.TempDir()
			if err := os.WriteFile(filepath.Join(dir, "journalctl"), []byte("#!/bin/sh\necho third; echo; echo first"), 0o755); err != nil {
				t.Fatal(err)
			}
			t.Setenv("PATH", dir+":"+os.Getenv("PATH"))
			var got []byte
			err := Read(context.Background(), &Query{Lines: 10, Bytes: c.bytes}, func(r io.Reader) (err error) {
				got, err = io.ReadAll(iotest.OneByteReader(r))
				return err
			})
			var cut *CutError
			if string(got) != c.want || errors.As(err, &cut) != (c.bytes < 1<<20) || err != nil && cut == nil {
				t.Errorf("%q, %v, want %q", got, err, c.want)
			}
		})
	}
}

func TestArguments(t *testing.T) {
	q := &Query{Matches: []string{"A=1", "+", "B=2"}, Fields: []string{"X", "Y"}, Since: time.Unix(7, 9), Lines: 3}
	const want = "--output json --quiet --no-pager --all --reverse --lines 3 --output-fields X,Y --since @7 A=1 + B=2"
	if got := strings.Join(q.arguments(), " "); got != want {
		t.Errorf("%s", got)
	}
}
