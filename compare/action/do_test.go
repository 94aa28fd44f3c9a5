package action

import (
	"context"
	"errors"
	"os/exec"
	"slices"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"haltscope/cgroupfs/proc"
	"haltscope/compare/value"
	"haltscope/dockercli"
)

// fakeDocker does what a test has set.
type fakeDocker struct {
	do      func() error
	actions []dockercli.Action
}

func (*fakeDocker) Engine() dockercli.Engine { return dockercli.Docker }

func (*fakeDocker) Binary() string { return "docker" }

func (*fakeDocker) Pasteable([]string) string { return "docker" }

func (*fakeDocker) CallTimeout() time.Duration { return time.Minute }

func (d *fakeDocker) Do(_ context.Context, _ string, a dockercli.Action) (dockercli.Call, error) {
	d.actions = append(d.actions, a)
	return dockercli.Call{}, d.do()
}

// fakeEvents are events that are all there from the beginning. No other follows; the log has ended if err is set.
type fakeEvents struct {
	events []dockercli.Event
	err    error
}

func (l *fakeEvents) Since(id string, moment time.Time) (all []dockercli.Event) {
	for _, e := range l.events {
		if e.ID == id && !e.Time.Before(moment) {
			all = append(all, e)
		}
	}
	return all
}

func (l *fakeEvents) Await(ctx context.Context, id string, since time.Time, enough func([]dockercli.Event) bool) bool {
	switch {
	case enough(l.Since(id, since)):
		return true
	case l.err == nil:
		<-ctx.Done()
	}
	return false
}

func (l *fakeEvents) Err() error { return l.err }

// TestDo checks what an action waits for, and what it reports of Docker's events. The container has no process, so nothing but the
// command and its events can be observed.
func TestDo(t *testing.T) {
	refusal := &dockercli.CallError{Argv: []string{"docker", "pause"}, ExitCode: 1, Stderr: "already paused", Err: errors.New("exit status 1")}
	hungUp := errors.New("the daemon hung up")
	for _, c := range []struct {
		name    string
		verb    value.Verb
		err     error    // of the command
		events  []string // that come
		ended   error    // why the log of the events has ended
		seen    string
		missing string // words of the error about the events; "" for none
		waits   time.Duration
	}{
		{name: "done", verb: value.Pause, events: []string{"exec_die", "pause"}, seen: "exec_die pause"},
		{name: "refused: no event is waited for", verb: value.Pause, err: refusal},
		{name: "refused, while another client's event came", verb: value.Pause, err: refusal, events: []string{"unpause"}, seen: "unpause"},
		{name: "no answer: no event is waited for", verb: value.Unpause, err: dockercli.ErrTimeout},
		{name: "its event does not come", verb: value.Unpause, events: []string{"exec_die"}, seen: "exec_die",
			missing: "within 1m0s (--timeout)", waits: time.Minute},
		{name: "the events ended before", verb: value.Unpause, ended: hungUp, missing: hungUp.Error()},
		{name: "start of what has ended", verb: value.Start, events: []string{"start"}, seen: "start"},
		{name: "stop of what has ended: there is none", verb: value.Stop},
	} {
		t.Run(c.name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				begin := time.Now()
				log := &fakeEvents{err: c.ended}
				for _, name := range c.events {
					log.events = append(log.events, dockercli.Event{ID: "c0ffee", Action: name, Time: begin},
						dockercli.Event{ID: "another", Action: name, Time: begin})
				}
				log.events = append(log.events, dockercli.Event{ID: "c0ffee", Action: string(c.verb), Time: begin.Add(-time.Second)})
				docker := &fakeDocker{do: func() error { return c.err }}
				a := Action{Docker: docker, Events: log, Request: Request{Verb: c.verb}}
				a.Before.ID = "c0ffee"
				a.Do(t.Context())
				if len(docker.actions) != 1 || !errors.Is(a.CommandErr, c.err) || a.EffectAt != nil {
					t.Errorf("%v; %v, with an effect at %v", docker.actions, a.CommandErr, a.EffectAt)
				}
				var seen []string
				for _, e := range a.EventsSeen {
					seen = append(seen, e.Action)
				}
				if got := strings.Join(seen, " "); got != c.seen {
					t.Errorf("events: %q, want %q", got, c.seen)
				}
				if (a.EventsErr == nil) != (c.missing == "") || a.EventsErr != nil && !strings.Contains(a.EventsErr.Error(), c.missing) {
					t.Errorf("about the events: %v", a.EventsErr)
				}
				if waited := time.Since(begin); waited != c.waits {
					t.Errorf("it took %s, want %s", waited, c.waits)
				}
			})
		})
	}
}

// TestDoInterrupted checks that an interruption ends the wait for events, and is why they are missing.
func TestDoInterrupted(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		ctx, cancel := context.WithCancelCause(t.Context())
		interrupted := errors.New("interrupted")
		a := Action{Events: &fakeEvents{}, Request: Request{Verb: value.Unpause}}
		a.Docker = &fakeDocker{do: func() error { cancel(interrupted); return nil }}
		a.Do(ctx)
		if !errors.Is(a.EventsErr, interrupted) {
			t.Errorf("%v", a.EventsErr)
		}
	})
}

// TestDoEnds checks that the end of the first process is the effect of a kill, and that one that does not end has none.
func TestDoEnds(t *testing.T) {
	for _, ends := range []bool{true, false} {
		sleeper := exec.Command("sleep", "60")
		if err := sleeper.Start(); err != nil {
			t.Fatal(err)
		}
		end := func() error { return errors.Join(sleeper.Process.Kill(), ignoreExit(sleeper.Wait())) }
		process, err := proc.OpenProcess(sleeper.Process.Pid)
		if err != nil {
			t.Fatal(errors.Join(err, end()))
		}
		log := &fakeEvents{}
		a := Action{Events: log, Request: Request{Verb: value.Kill, SignalFlag: "HUP", Signal: 1, SignalWait: 50 * time.Millisecond},
			Initial: Initial{Process: process}}
		a.Docker = &fakeDocker{do: func() error {
			names := []string{"kill"}
			if ends {
				if err := end(); err != nil {
					return err
				}
				names = append(names, "die")
			}
			for _, name := range names {
				log.events = append(log.events, dockercli.Event{Action: name, Time: time.Now()})
			}
			return nil
		}}
		a.Do(t.Context())
		if (a.EffectAt != nil) != ends || a.CommandErr != nil || a.EventsErr != nil {
			t.Errorf("it ends: %t; effect at %v, %v, %v", ends, a.EffectAt, a.CommandErr, a.EventsErr)
		}
		if has := slices.ContainsFunc(a.EventsSeen, func(e dockercli.Event) bool { return e.Action == "die" }); has != ends {
			t.Errorf("it ends: %t; %v", ends, a.EventsSeen)
		}
		process.Close()
		if !ends {
			if err := end(); err != nil {
				t.Error(err)
			}
		}
	}
}

// ignoreExit returns an error that is not about how a process ended.
func ignoreExit(err error) error {
	if exit := (*exec.ExitError)(nil); errors.As(err, &exit) {
		return nil
	}
	return err
}
