package watch

import (
	"context"
	"errors"
	"fmt"
	"iter"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"haltscope/dockercli"
)

// fakeSource plays one script after the other, each for one stream of events. A stream without a script goes on until its context ends.
type fakeSource struct {
	streams []script
	refuses int           // how often docker ps fails
	timeout time.Duration // of a call

	asked []string // "events SINCE" and "ps", with the time since the beginning
	begin time.Time
}

// script is a stream of events.
type script struct {
	notStarted error
	events     []any // each a dockercli.Event, an error, or a time.Duration in which nothing comes
	hangs      bool  // afterwards, until its context ends
}

func (s *fakeSource) CallTimeout() time.Duration { return s.timeout }

func (s *fakeSource) ask(what string) {
	s.asked = append(s.asked, fmt.Sprintf("%s @%s", what, time.Since(s.begin)))
}

func (s *fakeSource) Ps(context.Context, bool, dockercli.Filter) ([]dockercli.PsLine, error) {
	s.ask("ps")
	if s.refuses > 0 {
		s.refuses--
		return nil, dockercli.ErrNoDaemon
	}
	return nil, nil
}

func (s *fakeSource) Follow(ctx context.Context, since, until time.Time, _ dockercli.Filter) (iter.Seq2[dockercli.Event, error], error) {
	what := "events " + since.Sub(s.begin).String()
	if !until.IsZero() {
		what += " to " + until.Sub(s.begin).String()
	}
	s.ask(what)
	now := script{hangs: true}
	if len(s.streams) > 0 {
		now, s.streams = s.streams[0], s.streams[1:]
	}
	if now.notStarted != nil {
		return nil, now.notStarted
	}
	return func(yield func(dockercli.Event, error) bool) {
		for _, e := range now.events {
			if nothing, ok := e.(time.Duration); ok {
				time.Sleep(nothing)
				continue
			}
			event, _ := e.(dockercli.Event)
			err, _ := e.(error)
			if !yield(event, err) {
				return
			}
		}
		if now.hangs {
			<-ctx.Done()
		}
	}, nil
}

// TestFollower checks what a follower asks and puts into the queue when its stream of events ends, cannot be started, or hangs.
func TestFollower(t *testing.T) {
	hungUp := errors.New("the daemon hung up")
	malformed := &dockercli.LineError{Err: errors.New("no event")}
	for _, c := range []struct {
		name    string
		streams func(begin time.Time) []script
		refuses int
		past    bool
		only    bool // nothing but the past
		asked   string
		items   string
	}{
		{name: "the daemon hangs up, and answers at the third time",
			streams: func(begin time.Time) []script {
				const late = 18 * time.Second
				return []script{{events: []any{late, dockercli.Event{Action: "start", Time: begin.Add(late)}, malformed, hungUp}},
					{events: []any{dockercli.Event{Action: "die", Time: begin.Add(late)}}, hangs: true}}
			}, refuses: 2,
			asked: "events 0s @0s, ps @18.1s, ps @18.3s, ps @18.7s, events 13s @18.7s",
			items: "connected start malformed disconnected connected die"},
		{name: "the daemon hangs up early: nothing from before the watch is asked for",
			streams: func(begin time.Time) []script {
				return []script{{events: []any{time.Second, dockercli.Event{Action: "start", Time: begin.Add(time.Second)}, hungUp}}}
			},
			asked: "events 0s @0s, ps @1.1s, events 0s @1.1s", items: "connected start disconnected connected"},
		{name: "docker cannot be started",
			streams: func(time.Time) []script { return []script{{notStarted: dockercli.ErrNoBinary}} },
			asked:   "events 0s @0s, ps @100ms, events 0s @100ms",
			items:   "connected disconnected connected"},
		{name: "the past, then the present", past: true,
			streams: func(begin time.Time) []script {
				return []script{{events: []any{dockercli.Event{Action: "stop", Time: begin}}}}
			},
			asked: "events 0s to 0s @0s, events 0s @0s", items: "connected stop past-read connected"},
		{name: "only the past", past: true, only: true,
			streams: func(time.Time) []script { return []script{{}} },
			asked:   "events 0s to 0s @0s", items: "connected past-read"},
		{name: "the past hangs, and is asked for again", past: true,
			streams: func(time.Time) []script { return []script{{hangs: true}, {}} },
			asked:   "events 0s to 0s @0s, ps @10.1s, events 0s to 10.1s @10.1s, events 0s @10.1s",
			items:   "connected disconnected connected past-read connected"},
	} {
		t.Run(c.name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				begin := time.Now()
				docker := &fakeSource{streams: c.streams(begin), refuses: c.refuses, timeout: 10 * time.Second, begin: begin}
				f := &follower{docker: docker, queue: newQueue(), past: c.past, pastOnly: c.only}
				ctx, cancel := context.WithCancel(t.Context())
				ended := make(chan struct{})
				go func() {
					f.run(ctx, begin)
					close(ended)
				}()
				time.Sleep(time.Minute)
				synctest.Wait()
				if !c.only {
					cancel()
				}
				<-ended
				cancel()
				if got := strings.Join(docker.asked, ", "); got != c.asked {
					t.Errorf("asked:\n%s\nwant:\n%s", got, c.asked)
				}
				items, _ := f.queue.take(nil)
				if got := namesOf(items); got != c.items {
					t.Errorf("items: %s\nwant: %s", got, c.items)
				}
			})
		})
	}
}

// namesOf says what the items hold.
func namesOf(items []item) string {
	var all []string
	for _, i := range items {
		switch {
		case i.event != nil:
			all = append(all, i.event.Action)
		case i.malformed != nil:
			all = append(all, "malformed")
		case i.disconnected != nil:
			all = append(all, "disconnected")
		case i.connected != nil:
			all = append(all, "connected")
		case i.pastRead:
			all = append(all, "past-read")
		}
	}
	return strings.Join(all, " ")
}
