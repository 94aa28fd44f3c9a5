package watch

import (
	"bytes"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/rs/zerolog"

	"haltscope/compare/journal"
)

// A journal has the lines of the output, byte for byte, and is redacted as the output is.
func TestJournalLines(t *testing.T) {
	for _, redact := range []bool{false, true} {
		dir := t.TempDir()
		r, err := openJournal(dir, redact, zerolog.Nop())
		if err != nil {
			t.Fatal(err)
		}
		var want bytes.Buffer
		log := NewLog(&want, redact)
		for n := range 100 {
			line := &Line{At: at(n), Level: Info, ID: "c0ffee", Name: "web", Action: "start", Message: fmt.Sprint("started ", n)}
			r.Write(line)
			if err := log.Write(line); err != nil {
				t.Fatal(err)
			}
		}
		r.Close()
		got, err := os.ReadFile(filepath.Join(dir, "watch-00000001.jsonl"))
		if err != nil || !bytes.Equal(got, want.Bytes()) || bytes.Contains(got, []byte("web")) == redact {
			t.Errorf("redacted %t: %v\n%s", redact, err, got)
		}
	}
}

// Lines that a journal cannot take are logged once, do not keep the watch, and leave a gap in the journal.
func TestJournalFails(t *testing.T) {
	dir := t.TempDir()
	var log bytes.Buffer
	r, err := openJournal(dir, false, zerolog.New(&log))
	if err != nil {
		t.Fatal(err)
	}
	line := func(message string) *Line {
		return &Line{At: time.Now(), Level: Info, Action: ActionWatch, Message: message}
	}
	r.Write(line("first"))
	r.Close()
	// The journal is closed now: writing to it fails.
	r.record(queued{line: line("lost 1")})
	r.record(queued{line: line("lost 2")})
	if got := strings.Count(log.String(), "cannot write to the journal; the watch goes on"); got != 1 {
		t.Errorf("logged %d times: %s", got, log.String())
	}
	if r.journal, err = journal.Open(dir); err != nil {
		t.Fatal(err)
	}
	r.record(queued{line: line("second")})
	if err := r.journal.Close(); err != nil {
		t.Fatal(err)
	}
	var got []string
	for line, err := range journal.Lines(dir) {
		if err != nil {
			t.Fatal(err)
		}
		if line.Action == ActionGap {
			line.Message = "gap"
			if from, err := time.Parse(time.RFC3339Nano, line.From); err != nil || line.To == "" || time.Since(from) > time.Minute {
				t.Errorf("%+v", line)
			}
		}
		got = append(got, line.Message)
	}
	if fmt.Sprint(got) != "[first gap second]" || !strings.Contains(log.String(), "accepts lines again") {
		t.Errorf("%q\n%s", got, log.String())
	}
}

// A disk that hangs keeps nobody waiting. The gap for what did not fit comes after the lines that did, and before later ones.
func TestJournalHangs(t *testing.T) {
	for name, c := range map[string]struct {
		later []string
		want  string
	}{
		"a later line":    {[]string{"4"}, "[1 2 gap 4]"},
		"nothing follows": {nil, "[1 2 gap]"},
	} {
		t.Run(name, func(t *testing.T) {
			dir := t.TempDir()
			var log bytes.Buffer
			r, err := newRecorder(dir, false, zerolog.New(&log), 2) // nobody writes its lines yet
			if err != nil {
				t.Fatal(err)
			}
			line := func(message string) *Line {
				return &Line{At: time.Now(), Level: Info, Action: ActionWatch, Message: message}
			}
			for _, message := range []string{"1", "2", "lost", "lost"} {
				r.Write(line(message))
			}
			if got := strings.Count(log.String(), "waiting for the disk"); got != 1 {
				t.Errorf("logged %d times: %s", got, log.String())
			}
			for range 2 { // the disk accepts lines again
				r.record(<-r.lines)
			}
			for _, message := range c.later {
				r.Write(line(message))
			}
			go r.run()
			r.Close()
			var got []string
			var last string
			for line, err := range journal.Lines(dir) {
				if err != nil {
					t.Fatal(err)
				}
				if line.Action == ActionGap {
					line.Message = "gap"
				}
				if line.Time < last {
					t.Errorf("%s: %s after %s", line.Message, line.Time, last)
				}
				got, last = append(got, line.Message), line.Time
			}
			if fmt.Sprint(got) != c.want || !strings.Contains(log.String(), "accepts lines again") {
				t.Errorf("%q, want %s\n%s", got, c.want, log.String())
			}
		})
	}
}
