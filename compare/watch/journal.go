package watch

import (
	"bytes"
	"fmt"
	"sync"
	"time"

	"github.com/rs/zerolog"

	"haltscope/compare/journal"
)

// syncInterval is how long a line waits at most until it is made to reach the disk.
const syncInterval = time.Second

var errJournalBehind = fmt.Errorf("%d lines are waiting for the disk", writerBacklog)

// recorder passes lines to a journal in a goroutine of its own: a disk that fails or hangs must not keep the watch from going on.
// It writes a gap where lines are missing.
type recorder struct {
	journal *journal.Writer
	text    bytes.Buffer // of the line that is being written
	encoder *Log         // writes to text
	log     zerolog.Logger
	lines   chan *Line
	ended   chan struct{}

	mu        sync.Mutex
	lostSince time.Time // lines may be missing in the journal since then; zero for none
}

// openJournal opens the journal in a folder.
func openJournal(dir string, redact bool, log zerolog.Logger) (*recorder, error) {
	out, err := journal.Open(dir)
	if err != nil {
		return nil, fmt.Errorf("opening the journal (--journal): %w", err)
	}
	r := &recorder{journal: out, log: log, lines: make(chan *Line, writerBacklog), ended: make(chan struct{})}
	r.encoder = NewLog(&r.text, redact)
	go r.run()
	return r, nil
}

// Write queues a line. It never waits.
func (r *recorder) Write(line *Line) {
	select {
	case r.lines <- line:
	default:
		r.lost(errJournalBehind, time.Now())
	}
}

// run writes the lines until they end.
func (r *recorder) run() {
	defer close(r.ended)
	var due <-chan time.Time // when the lines are to reach the disk
	for {
		select {
		case line, more := <-r.lines:
			if !more {
				r.recordGap()
				r.check(r.journal.Close())
				return
			}
			r.record(line)
			if due == nil && r.journal.Unsynced() {
				due = time.After(syncInterval)
			}
		case <-due:
			due = nil
			r.check(r.journal.Sync())
		}
	}
}

// record writes a line, and a gap before it if lines are missing.
func (r *recorder) record(line *Line) {
	if r.recordGap() {
		r.check(r.write(line))
	}
}

// recordGap writes a gap if lines are missing, and reports whether the journal accepts lines.
func (r *recorder) recordGap() bool {
	r.mu.Lock()
	from := r.lostSince
	r.lostSince = time.Time{}
	r.mu.Unlock()
	if from.IsZero() {
		return true
	}
	now := time.Now()
	err := r.write(&Line{At: now, Level: Warn, Action: ActionGap, From: &from, To: &now, MayHide: []string{"any line of this watch"},
		Message: "lines of this watch are missing in its journal, which could not be written"})
	if err != nil {
		r.mu.Lock()
		r.lostSince = from // which is logged already
		r.mu.Unlock()
		return false
	}
	r.log.Info().Msg("the journal accepts lines again")
	return true
}

func (r *recorder) write(line *Line) error {
	r.text.Reset()
	if err := r.encoder.Write(line); err != nil {
		return err
	}
	_, err := r.journal.Write(r.text.Bytes())
	return err
}

func (r *recorder) check(err error) {
	if err != nil {
		r.lost(err, time.Now())
	}
}

// lost notes that lines are missing in the journal from now on, and logs it once.
func (r *recorder) lost(why error, now time.Time) {
	r.mu.Lock()
	first := r.lostSince.IsZero()
	if first {
		r.lostSince = now
	}
	r.mu.Unlock()
	if first {
		r.log.Error().Err(why).Msg("cannot write to the journal; the watch goes on")
	}
}

// Close waits for the disk to take the last lines.
func (r *recorder) Close() {
	close(r.lines)
	select {
	case <-r.ended:
	case <-time.After(closeTimeout):
		r.log.Error().Msgf("the journal did not accept the last lines within %s", closeTimeout)
	}
}
