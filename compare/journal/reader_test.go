package journal

import (
	"bytes"
	"errors"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"haltscope/compare/document"
	"haltscope/compare/value"
)

// recorded are the lines of two watches of Docker 20.10 on Linux 6.18: a stop, a pause and OOM kills, as they happened and again
// with --since.
const recorded = "testdata/docker-20.10-kernel-6.18.jsonl"

// read returns what readLines finds.
func read(data []byte) (lines []*document.WatchLine, unread []*UnreadError) {
	readLines(bytes.NewReader(data), "journal", func(line *document.WatchLine, err error) bool {
		if failed := (*UnreadError)(nil); errors.As(err, &failed) {
			unread = append(unread, failed)
		} else {
			lines = append(lines, line)
		}
		return true
	})
	return lines, unread
}

func TestRecorded(t *testing.T) {
	data, err := os.ReadFile(recorded)
	if err != nil {
		t.Fatal(err)
	}
	lines, unread := read(data)
	if len(lines) != bytes.Count(data, []byte("\n")) || len(unread) > 0 {
		t.Fatalf("%d lines, %v", len(lines), unread)
	}
	var kinds []string
	for _, line := range lines[:13] {
		if line.Verdict != "" {
			kinds = append(kinds, *line.Container.Name+" "+string(line.Verdict))
		}
	}
	if got := strings.Join(kinds, ", "); got != "watchterm-child crashed, watchterm-child0 exited, watchterm-oom oom-killed, "+
		"watchterm-a paused, watchterm-a resumed, watchterm-a graceful, watchterm-c137 crashed" {
		t.Error(got)
	}
	// Absent values have their reasons.
	found := false
	for _, line := range lines[13:] {
		if line.OOM == nil {
			continue
		}
		found = true
		if reason, detail, missing := line.OOM.Victims.Missing(); !missing || reason == "" || detail == "" {
			t.Errorf("victims: %t, %s, %s", missing, reason, detail)
		}
	}
	if !found {
		t.Error("no line with an OOM kill")
	}
}

// What cannot be read is named, and hides no other line.
func TestUnread(t *testing.T) {
	good := string(numbered(7))
	for _, c := range []struct{ name, line, want string }{
		{"no JSON", "garbage\n", "invalid character"},
		{"cut in the middle", good[:30] + "\n", "unexpected end"},
		{"two lines in one", strings.TrimSpace(good) + good, "invalid character"},
		{"empty", "\n", "empty"},
		{"zeros", strings.Repeat("\x00", 512) + "\n", "invalid character"},
		{"another kind of line", `{"level":"warn","message":"x","time":"2026-05-20T12:00:00Z"}` + "\n", "no action"},
		{"without a time", `{"action":"start"}` + "\n", "its time is"},
		{"null", "null\n", "its time is"},
		{"a wrong type", `{"action":"die","time":"2026-05-20T12:00:00Z","exit_code":"1"}` + "\n", "exit_code has the wrong type"},
		{"too long", strings.Repeat("x", maxLine+1) + "\n", "1 MiB"},
	} {
		lines, unread := read([]byte(good + c.line + good))
		if len(lines) != 2 || len(unread) != 1 || unread[0].Line != 2 || !strings.Contains(unread[0].Error(), c.want) {
			t.Errorf("%s: %d lines, %v; wanted %s", c.name, len(lines), unread, c.want)
		}
		cut := strings.TrimSuffix(c.line, "\n")
		if _, unread := read([]byte(good + cut)); cut != "" && (len(unread) != 1 || !errors.Is(unread[0], ErrCut)) {
			t.Errorf("%s, at the end: %v", c.name, unread)
		}
	}
	// A newer haltscope may write more.
	lines, unread := read([]byte(`{"action":"die","time":"2026-05-20T12:00:00Z","sent_by":{"pid":1}}` + "\n"))
	if len(lines) != 1 || len(unread) > 0 {
		t.Errorf("%v, %v", lines, unread)
	}
	// Text from elsewhere cannot control a terminal.
	lines, _ = read([]byte(`{"action":"die","time":"2026-05-20T12:00:00Z","message":"\u001b[2J"}` + "\n"))
	if len(lines) != 1 || lines[0].Message != value.Clean("\x1b[2J") {
		t.Errorf("%+v", lines)
	}
}

// A file that cannot be read does not hide the others, and a reader may stop at any line.
func TestLines(t *testing.T) {
	dir := t.TempDir()
	for range Lines(filepath.Join(dir, "none")) {
		break
	}
	for _, err := range Lines(filepath.Join(dir, "none")) {
		if !errors.Is(err, fs.ErrNotExist) || !strings.Contains(err.Error(), filepath.Join(dir, "none")) {
			t.Error(err)
		}
	}
	put := func(name string, data []byte) {
		if err := os.WriteFile(filepath.Join(dir, name), data, 0o600); err != nil {
			t.Fatal(err)
		}
	}
	put("watch-00000009.jsonl", append(numbered(1), numbered(2)...))
	put("watch-00000010.jsonl", append(append(numbered(3), "bad\n"...), numbered(4)[:9]...))
	put("watch-100000000.jsonl", numbered(5))
	put("watch-1.jsonl", numbered(6))
	put("other.jsonl", numbered(7))
	if got := content(dir); got != "1 2 3 watch-00000010.jsonl:2 watch-00000010.jsonl:3 5" {
		t.Error(got)
	}
	for range Lines(dir) {
		break
	}
}

// FuzzLines checks that every line of a file is returned or named, in order, and that bytes in the middle hide no line around them.
func FuzzLines(f *testing.F) {
	data, err := os.ReadFile(recorded)
	if err != nil {
		f.Fatal(err)
	}
	for line := range bytes.Lines(data) {
		f.Add(line)
		f.Add(line[:len(line)/2])
	}
	f.Add([]byte("{}\n\n\x00\n{\"time\":null,\"notes\":[null],\"signals\":[null,9],\"oom\":{\"victims\":null}}"))
	f.Fuzz(func(t *testing.T, middle []byte) {
		data := append(append(numbered(1), middle...), '\n')
		data = append(data, numbered(2)...)
		lines, unread := read(data)
		if len(lines)+len(unread) != bytes.Count(data, []byte("\n")) {
			t.Fatalf("%d lines and %v of %q", len(lines), unread, data)
		}
		if lines[0].Message != "1" || lines[len(lines)-1].Message != "2" {
			t.Errorf("the lines around %q are hidden", middle)
		}
		last := 0
		for _, u := range unread {
			if u.Line <= last || u.Err == nil {
				t.Errorf("%+v after line %d", u, last)
			}
			last = u.Line
		}
		for _, line := range lines {
			if line.Time == "" || line.Action == "" || line.Message != value.Clean(line.Message) {
				t.Errorf("%+v", line)
			}
		}
	})
}

// TestHasWriter: a folder has a writer while one has it open, also if it is killed: its lock ends with it.
func TestHasWriter(t *testing.T) {
	dir := filepath.Join(t.TempDir(), "journal")
	if _, err := HasWriter(dir); !errors.Is(err, fs.ErrNotExist) {
		t.Errorf("no folder: %v", err)
	}
	for range 2 { // asking leaves no lock
		w, err := Open(dir)
		if err != nil {
			t.Fatal(err)
		}
		if has, err := HasWriter(dir); !has || err != nil {
			t.Errorf("open: %v, %v", has, err)
		}
		if err := w.Close(); err != nil {
			t.Fatal(err)
		}
		if has, err := HasWriter(dir); has || err != nil {
			t.Errorf("closed: %v, %v", has, err)
		}
	}
}
