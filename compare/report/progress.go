package report

import (
	"fmt"
	"io"
	"time"

	"github.com/jedib0t/go-pretty/v6/progress"

	"haltscope/compare/value"
)

// Progress shows on a terminal what is being waited for, and for how long.
type Progress struct {
	writer progress.Writer
	ended  chan struct{}
}

// NewProgress begins to show, on a terminal of so many columns. Where w is none, use a nil *Progress: it shows nothing.
func NewProgress(w io.Writer, columns int) *Progress {
	p := &Progress{writer: progress.NewWriter(), ended: make(chan struct{})}
	p.writer.SetOutputWriter(w)
	p.writer.SetUpdateFrequency(100 * time.Millisecond)
	p.writer.SetTrackerPosition(progress.PositionRight)
	p.writer.SetTrackerLength(20)
	// A line that the terminal wraps is not drawn over: only its last row is. What is beyond the edge is cut off.
	p.writer.SetMessageLength(min(60, max(20, columns-barAndTime)))
	p.writer.SetTerminalWidth(columns - 1)
	p.writer.Style().Visibility.Percentage = false
	p.writer.Style().Visibility.Value = false
	p.writer.Style().Options.TimeInProgressPrecision = 100 * time.Millisecond
	go func() {
		defer close(p.ended)
		p.writer.Render()
	}()
	return p
}

// barAndTime are the columns behind the text: " ...  [#.................] [1m10.5s]".
const barAndTime = 37

// Step shows a step that takes time: a bar that fills while expect runs out, or that moves to and fro if expect is 0.
func (p *Progress) Step(text string, expect time.Duration) (done func()) {
	return p.step(text, expect, func(time.Duration) string { return text })
}

// Grace shows a stop, and how its grace runs out, in seconds; below 0 it has no end.
func (p *Progress) Grace(text string, grace time.Duration) (done func()) {
	return p.step(text, grace, func(past time.Duration) string { return graceText(text, past, grace) })
}

func graceText(text string, past, grace time.Duration) string {
	switch {
	case grace < 0:
		return fmt.Sprintf("%s: %d s of a grace without end", text, past/time.Second)
	case past < grace:
		return fmt.Sprintf("%s: %d s of %d s grace", text, past/time.Second, grace/time.Second)
	}
	return fmt.Sprintf("%s: the grace of %d s is over, SIGKILL", text, grace/time.Second)
}

// step shows a step whose text may change while it goes on.
func (p *Progress) step(text string, expect time.Duration, say func(past time.Duration) string) (done func()) {
	if p == nil {
		return func() {}
	}
	text = value.Clean(text)
	t := &progress.Tracker{Message: value.Clean(say(0)), Total: max(expect, 0).Milliseconds()}
	p.writer.AppendTracker(t)
	if expect == 0 {
		return func() { t.UpdateMessage(text); t.MarkAsDone() }
	}
	began := time.Now()
	stop, stopped := make(chan struct{}), make(chan struct{})
	go func() {
		defer close(stopped)
		tick := time.NewTicker(100 * time.Millisecond)
		defer tick.Stop()
		for {
			select {
			case <-stop:
				return
			case <-tick.C:
				past := time.Since(began)
				t.UpdateMessage(value.Clean(say(past)))
				if t.Total > 0 {
					// A full bar would count as done.
					t.SetValue(min(past.Milliseconds(), t.Total-1))
				}
			}
		}
	}()
	return func() {
		close(stop)
		<-stopped // a value set behind the end would undo it
		t.UpdateMessage(text)
		t.MarkAsDone()
	}
}

// Measure shows a step that has an amount to get through, in bytes. set tells how far it has come.
func (p *Progress) Measure(text string, total uint64) (set func(uint64), done func()) {
	if p == nil {
		return func(uint64) {}, func() {}
	}
	t := &progress.Tracker{Message: value.Clean(text), Total: int64(total), Units: progress.UnitsBytes}
	p.writer.AppendTracker(t)
	// A full bar would count as done.
	return func(v uint64) { t.SetValue(min(int64(v), t.Total-1)) }, t.MarkAsDone
}

// Close ends the showing. What has been shown stays on the terminal.
func (p *Progress) Close() {
	if p == nil {
		return
	}
	// Let the last state be drawn.
	time.Sleep(150 * time.Millisecond)
	p.writer.Stop()
	<-p.ended
}
