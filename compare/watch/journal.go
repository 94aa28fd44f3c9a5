package watch

import (
	"bytes"
	"fmt"
	"sync/atomic"
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
	lines   chan queued
	ended   chan struct{}

	droppedSince time.Time // Write has dropped lines since then; zero for none
	failedSince  time.Time // run could not write lines since then; zero for none
	complaining  atomic.Bool
}

// queued is a line on its way to the journal.
type queued struct {
	line         *Line
	droppedSince time.Time // lines before it were dropped since then; zero for none
}

// openJournal opens the journal in a folder.
func openJournal(dir string, redact bool, log zerolog.Logger) (*recorder, error) {
	r, err := newRecorder(dir, redact, log, writerBacklog)
	if err != nil {
		return nil, err
	}
	go r.run()
	return r, nil
}

// newRecorder opens the journal in a folder, for so many lines that wait.
func newRecorder(dir string, redact bool, log zerolog.Logger, backlog int) (*recorder, error) {
	out, err := journal.Open(dir)
	if err != nil {
		return nil, fmt.Errorf("opening the journal (--journal): %w", err)
	}
	r := &recorder{journal: out, log: log, lines: make(chan queued, backlog), ended: make(chan struct{})}
	r.encoder = NewLog(&r.text, redact)
	return r, nil
}

// Write queues a line. It never waits, and is never called concurrently.
func (r *recorder) Write(line *Line) {
	select {
	case r.lines <- queued{line, r.droppedSince}:
		r.droppedSince = time.Time{}
	default:
		if r.droppedSince.IsZero() {
			r.droppedSince = line.At
		}
		r.complain(errJournalBehind)
	}
}

// run writes the lines until they end.
func (r *recorder) run() {
	defer close(r.ended)
	var due <-chan time.Time // when the lines are to reach the disk
	for {
		select {
		case next, more := <-r.lines:
			if !more {
				// Close has seen to it that nobody writes any more.
				r.recordGap(r.droppedSince, time.Now())
				r.check(r.journal.Close(), time.Now())
				return
			}
			r.record(next)
			if due == nil && r.journal.Unsynced() {
				due = time.After(syncInterval)
			}
		case <-due:
			due = nil
			r.check(r.journal.Sync(), time.Now())
		}
	}
}

// record writes a line, and a gap before it if lines are missing.
func (r *recorder) record(next queued) {
	if r.recordGap(next.droppedSince, next.line.At) {
		r.check(r.write(next.line), next.line.At)
	}
}

// recordGap writes a gap if lines are missing, and reports whether the journal accepts lines. dropped is since when lines were dropped,
// zero if none were; until is the time of the line that follows.
func (r *recorder) recordGap(dropped, until time.Time) bool {
	from := r.failedSince
	if from.IsZero() {
		from = dropped
	}
	if from.IsZero() {
		return true
	}
	if from.After(until) { // the disk failed after that line had been queued
		from = until
	}
	err := r.write(&Line{At: until, Level: Warn, Action: ActionGap, From: &from, To: &until, MayHide: []string{"any line of this watch"},
		Message: "lines of this watch are missing in its journal, which could not be written"})
	if r.failedSince = from; err != nil { // which is logged already
		return false
	}
	r.failedSince = time.Time{}
	r.complaining.Store(false)
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

// check notes since when lines are missing, after an error.
func (r *recorder) check(err error, since time.Time) {
	if err == nil {
		return
	}
	if r.failedSince.IsZero() {
		r.failedSince = since
	}
	r.complain(err)
}

// complain logs that lines will be missing in the journal, until a gap says so there.
func (r *recorder) complain(why error) {
	if !r.complaining.Swap(true) {
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
