package experiment

import (
	"context"
	"time"

	"haltscope/compare/document"
	"haltscope/compare/value"
)

// attempt is one probe of one twin. Its result may be read once done is closed.
type attempt struct {
	name    string
	command []string
	skipped string // why it was not made; "" if it was
	began   time.Time
	done    chan struct{}

	ended   time.Time
	outcome string
	detail  string

	hungAt *time.Time // when its time limit had passed without an answer
	cutAt  *time.Time // when it was ended without an answer
}

// attempts are the probes of one twin. They run concurrently.
type attempts struct {
	all    []*attempt
	ctx    context.Context
	cancel context.CancelFunc
}

// begin starts an attempt, unless there is a reason to skip it.
func (a *attempts) begin(name string, command []string, skipped string, do func(context.Context) (outcome, detail string)) {
	t := &attempt{name: name, command: command, skipped: skipped, began: time.Now(), done: make(chan struct{})}
	a.all = append(a.all, t)
	if skipped != "" {
		close(t.done)
		return
	}
	go func() {
		defer close(t.done)
		t.outcome, t.detail = do(a.ctx)
		t.ended = time.Now()
	}()
}

// settle waits until each attempt is done, or its time limit has passed. No limit is longer than longest.
func (a *attempts) settle(ctx context.Context, longest time.Duration, limit func(*attempt) time.Duration) {
	from := time.Now()
	for _, t := range a.all {
		if t.isDone() {
			continue
		}
		select {
		case <-t.done:
		case <-ctx.Done():
		case <-time.After(min(limit(t), longest) - time.Since(from)):
		}
	}
	now := time.Now()
	for _, t := range a.all {
		if !t.isDone() && t.hungAt == nil {
			t.hungAt = &now
		}
	}
}

// end ends the attempts that go on, and waits until they have ended.
func (a *attempts) end() {
	now := time.Now()
	for _, t := range a.all {
		if !t.isDone() {
			t.cutAt = &now
		}
	}
	a.cancel()
	for _, t := range a.all {
		<-t.done
	}
}

func (t *attempt) isDone() bool {
	select {
	case <-t.done:
		return true
	default:
		return false
	}
}

func (t *attempt) report(when string) document.Probe {
	p := document.Probe{Probe: t.name, When: when, Command: t.command}
	switch {
	case t.skipped != "":
		p.Outcome = value.Absent[string](value.NotMeasured, t.skipped)
		p.DurationMs = value.Absent[float64](value.NotMeasured, t.skipped)
	case t.hungAt != nil:
		p.Outcome, p.DurationMs = value.Known(document.Hung), value.Known(value.Milliseconds(t.hungAt.Sub(t.began)))
	default:
		p.Outcome, p.Detail = value.Known(t.outcome), value.Clean(t.detail)
		p.DurationMs = value.Known(value.Milliseconds(t.ended.Sub(t.began)))
	}
	return p
}

// afterUnpause is what became of an attempt that hung, since the twin was thawed.
func (t *attempt) afterUnpause(thawed time.Time) *document.AfterUnpause {
	if t.cutAt != nil {
		why := "it hung until haltscope gave up on it"
		return &document.AfterUnpause{
			Outcome: value.Absent[string](value.NotMeasured, why),
			AfterMs: value.Absent[float64](value.NotMeasured, why),
		}
	}
	return &document.AfterUnpause{
		Outcome: value.Known(t.outcome),
		Detail:  value.Clean(t.detail),
		AfterMs: value.Known(value.Milliseconds(t.ended.Sub(thawed))),
	}
}
