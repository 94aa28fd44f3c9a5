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
		return &Line{At: at(0), Level: Info, Action: ActionWatch, Message: message}
	}
	r.Write(line("first"))
	r.Close()
	// The journal is closed now: writing to it fails.
	r.record(line("lost 1"))
	r.record(line("lost 2"))
	if got := strings.Count(log.String(), "cannot write to the journal; the watch goes on"); got != 1 {
		t.Errorf("logged %d times: %s", got, log.String())
	}
	if r.journal, err = journal.Open(dir); err != nil {
		t.Fatal(err)
	}
	r.record(line("second"))
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

// A disk that hangs keeps nobody waiting, and what does not fit is noted.
func TestJournalHangs(t *testing.T) {
	var log bytes.Buffer
	r := &recorder{lines: make(chan *Line, 2), ended: make(chan struct{}), log: zerolog.New(&log)} // and nobody who writes them
	for range 5 {
		r.Write(&Line{})
	}
	if r.lostSince.IsZero() || strings.Count(log.String(), "waiting for the disk") != 1 {
		t.Error(log.String())
	}
}
