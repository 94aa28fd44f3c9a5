package systemd

import (
	"context"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"strings"
	"testing"
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
		"too many bytes": {"exec yes", 1 << 30, "only the first 1 MiB"},
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

func TestArguments(t *testing.T) {
	q := &Query{Matches: []string{"A=1", "+", "B=2"}, Fields: []string{"X", "Y"}, Since: time.Unix(7, 9), Lines: 3}
	const want = "--output json --quiet --no-pager --all --lines 3 --output-fields X,Y --since @7 A=1 + B=2"
	if got := strings.Join(q.arguments(), " "); got != want {
		t.Errorf("%s", got)
	}
}
