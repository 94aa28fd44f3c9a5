package workload

import (
	"bufio"
	"bytes"
	"encoding/json"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"haltscope/compare/value"
)

func TestCountRecords(t *testing.T) {
	for _, c := range []struct {
		disk  string
		want  int
		fails bool
	}{
		{"", 0, false},
		{"1\n2\n3\n", 3, false},
		{"1\n2\n3", 2, false}, // cut off: not a record
		{"1\n3\n", 1, true},
		{"2\n", 0, true},
		{"1\nx\n", 1, true},
		{"\n", 0, true},
	} {
		got, err := countRecords(strings.NewReader(c.disk))
		if got != c.want || (err != nil) != c.fails {
			t.Errorf("%q: %d, %v", c.disk, got, err)
		}
	}
}

// There is always an acknowledged record that is not on disk yet, and no record is on disk twice or missing in the end.
func TestBuffer(t *testing.T) {
	for accepted := 1; accepted < 12; accepted++ {
		dir := t.TempDir()
		var log bytes.Buffer
		w := &workload{Config: Config{Data: dir, Buffer: 4}, out: bufio.NewWriter(&log)}
		if err := w.start(); err != nil {
			t.Fatal(err)
		}
		if err := w.accept(accepted); err != nil {
			t.Fatal(err)
		}
		disk, err := os.ReadFile(filepath.Join(dir, "records"))
		if err != nil {
			t.Fatal(err)
		}
		if n := bytes.Count(disk, []byte("\n")); n >= accepted || n%4 != 0 {
			t.Errorf("%d accepted, %d on disk before the end", accepted, n)
		}
		if err := w.report(Stopped); err != nil {
			t.Fatal(err)
		}
		last := lastLine(t, &log)
		if *last.Persisted != accepted || last.Instance != w.instance {
			t.Errorf("%d accepted, the report says %+v", accepted, last)
		}
		// The next instance finds them all, and continues to count.
		next := &workload{Config: Config{Data: dir, Buffer: 4}, out: bufio.NewWriter(&log)}
		if err := next.start(); err != nil {
			t.Fatal(err)
		}
		if started := lastLine(t, &log); *started.Persisted != accepted || started.Instance == w.instance {
			t.Errorf("%d accepted, the next instance says %+v", accepted, started)
		}
		if err := next.accept(1); err != nil {
			t.Fatal(err)
		}
		if ack := lastLine(t, &log); ack.Ack != accepted+1 {
			t.Errorf("the next instance acknowledged %d after %d", ack.Ack, accepted)
		}
	}
}

func lastLine(t *testing.T, log *bytes.Buffer) (l Line) {
	t.Helper()
	lines := strings.Split(strings.TrimSpace(log.String()), "\n")
	if err := json.Unmarshal([]byte(lines[len(lines)-1]), &l); err != nil {
		t.Fatal(err)
	}
	return l
}

func TestSignal(t *testing.T) {
	var signal Signal
	for text, want := range map[string]Signal{"TERM": 15, "sigquit": 3} {
		if err := signal.UnmarshalText([]byte(text)); err != nil || signal != want {
			t.Errorf("%s: %d, %v", text, signal, err)
		}
	}
	if signal.UnmarshalText([]byte("BANG")) == nil {
		t.Error("nonsense was parsed")
	}
}

// A change of any page of what is held is noticed.
func TestTouch(t *testing.T) {
	for _, c := range []struct {
		anon, shm, cache value.Size
	}{
		{0, 0, 0},
		{64 << 10, 0, 0},
		{0, 64 << 10, 0},
		{0, 0, 1 << 20},
		{64 << 10, 64 << 10, 5<<19 + 700},
		{4096, 0, 255},
	} {
		var log bytes.Buffer
		w := &workload{Config: Config{Anon: c.anon, Shm: c.shm, Cache: c.cache, Data: t.TempDir()}, out: bufio.NewWriter(&log)}
		if err := w.hold(); err != nil {
			t.Fatal(err)
		}
		touched := func() Line {
			if err := w.touch(); err != nil {
				t.Fatal(err)
			}
			return lastLine(t, &log)
		}
		if l := touched(); l.Event != Touched || !*l.Intact || *l.HeldUsec < 0 || *l.FileUsec < 0 {
			t.Errorf("%+v: %+v", c, l)
		}
		for _, r := range w.held {
			at := len(r.memory) - 4096
			r.memory[at]++
			if l := touched(); *l.Intact {
				t.Errorf("%+v: a change in memory went unnoticed", c)
			}
			r.memory[at]--
		}
		if c.cache < 1<<20 {
			continue
		}
		disk, err := os.OpenFile(filepath.Join(w.Data, "cache"), os.O_WRONLY, 0)
		if err != nil {
			t.Fatal(err)
		}
		if _, err := disk.WriteAt(make([]byte, 8), int64(c.cache)/stride*stride-stride); err != nil {
			t.Fatal(err)
		}
		disk.Close()
		if l := touched(); *l.Intact {
			t.Errorf("%+v: a change in the file went unnoticed", c)
		}
	}
}
