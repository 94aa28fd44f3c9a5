package report

import (
	"fmt"
	"io"
	"time"

	"github.com/jedib0t/go-pretty/v6/progress"

	"haltscope/compare/value"
)

// Progress shows the running steps on a terminal. A nil *Progress shows nothing.
type Progress struct {
	writer progress.Writer
	done   chan struct{}
}

// NewProgress starts to show steps on a terminal with this many columns.
func NewProgress(w io.Writer, columns int) *Progress {
	p := &Progress{writer: progress.NewWriter(), done: make(chan struct{})}
	p.writer.SetOutputWriter(w)
	p.writer.SetUpdateFrequency(100 * time.Millisecond)
	p.writer.SetTrackerPosition(progress.PositionRight)
	p.writer.SetTrackerLength(20)
	// The writer can only redraw lines that the terminal does not wrap, so longer ones are cut.
	p.writer.SetMessageLength(min(60, max(20, columns-barAndTime)))
	p.writer.SetTerminalWidth(columns - 1)
	p.writer.Style().Visibility.Percentage = false
	p.writer.Style().Visibility.Value = false
	p.writer.Style().Options.TimeInProgressPrecision = 100 * time.Millisecond
	go func() {
		defer close(p.done)
		p.writer.Render()
	}()
	return p
}

// barAndTime is the number of columns after the text: " ...  [#.................] [1m10.5s]".
const barAndTime = 37

// Step shows a step until done is called. Its bar fills in the expected time, or moves back and forth if that is 0.
func (p *Progress) Step(text string, expect time.Duration) (done func()) {
	return p.step(text, expect, func(time.Duration) string { return text })
}

// Grace shows a stop and its grace, which has no limit if it is negative.
func (p *Progress) Grace(text string, grace time.Duration) (done func()) {
	return p.step(text, grace, func(passed time.Duration) string { return graceText(text, passed, grace) })
}

func graceText(text string, passed, grace time.Duration) string {
	switch {
	case grace < 0:
		return fmt.Sprintf("%s: %d s, no limit to its grace", text, passed/time.Second)
	case passed < grace:
		return fmt.Sprintf("%s: %d s of %d s grace", text, passed/time.Second, grace/time.Second)
	}
	return fmt.Sprintf("%s: the grace of %d s ran out, SIGKILL", text, grace/time.Second)
}

// step shows a step whose text may change with the time that has passed.
func (p *Progress) step(text string, expect time.Duration, textAt func(passed time.Duration) string) (done func()) {
	if p == nil {
		return func() {}
	}
	text = value.Clean(text)
	t := &progress.Tracker{Message: value.Clean(textAt(0)), Total: max(expect, 0).Milliseconds()}
	p.writer.AppendTracker(t)
	if expect == 0 {
		return func() { t.UpdateMessage(text); t.MarkAsDone() }
	}
	start := time.Now()
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
				passed := time.Since(start)
				t.UpdateMessage(value.Clean(textAt(passed)))
				if t.Total > 0 { // a full bar would count as done
					t.SetValue(min(passed.Milliseconds(), t.Total-1))
				}
			}
		}
	}()
	return func() {
		close(stop)
		<-stopped // a later value would undo the end
		t.UpdateMessage(text)
		t.MarkAsDone()
	}
}

// Measure shows a step that processes an amount of bytes. The caller reports its progress with set.
func (p *Progress) Measure(text string, total uint64) (set func(uint64), done func()) {
	if p == nil {
		return func(uint64) {}, func() {}
	}
	t := &progress.Tracker{Message: value.Clean(text), Total: int64(total), Units: progress.UnitsBytes}
	p.writer.AppendTracker(t)
	return func(v uint64) { t.SetValue(min(int64(v), t.Total-1)) }, t.MarkAsDone // a full bar would count as done
}

// Close stops the display. What was shown stays on the terminal.
func (p *Progress) Close() {
	if p == nil {
		return
	}
	time.Sleep(150 * time.Millisecond) // for the last state to be drawn
	p.writer.Stop()
	<-p.done
}
