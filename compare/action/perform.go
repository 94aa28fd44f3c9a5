package action

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"time"

	"github.com/moby/sys/signal"
	"golang.org/x/sys/unix"

	"haltscope/cgroupfs"
	"haltscope/cgroupfs/figure"
	"haltscope/cgroupfs/proc"
	"haltscope/compare/rules/verdict"
	"haltscope/dockercli"
)

// EffectLimit is what the kernel may take after docker has returned.
const EffectLimit = 15 * time.Second

const sigkill = int(unix.SIGKILL)

// Act is one action on a container, and what was seen of it. A nil is something that was not seen.
type Action struct {
	Verb     string        // kill, stop, pause, unpause, start, restart, rm
	Flags    []string      // of the docker command
	Signal   int           // the number of the signal it begins with; 0 for none, or one that cannot be understood
	Grace    time.Duration // of a stop or restart, before SIGKILL; below 0 for ever
	Outlived time.Duration // how long a signal that need not end the container is waited for
	Docker   *dockercli.Client
	Events   *dockercli.Events // that of the container are among

	Before     dockercli.Container // inspect, before the action
	Group      *cgroupfs.Group     // nil where it did not run
	Process    *proc.Process       // its first; likewise
	Shim       *proc.Process       // the one that waits for the first; nil where that was not found
	Unheld     bool                // the kernel gives no handle on it: its end is that of all in the cgroup
	Receiver   *verdict.SignalTarget
	ReadBefore cgroupfs.Reading

	Began      time.Time // when the command was run
	Call       dockercli.Call
	CommandErr error
	EventsErr  error      // why Heard may not be all
	ShimGoneAt *time.Time // when its shim had ended, if that was before the first process
	EffectAt   *time.Time // when the first process was gone, or the cgroup frozen or thawed
	Wait       *unix.WaitStatus
	Effective  cgroupfs.Reading // right after the effect

	Heard     []dockercli.Event
	After     *dockercli.Container // inspect, after the action; nil: see AfterErr
	AfterErr  error                // why inspect could not be asked; nil beside a nil After: gone
	Now       *cgroupfs.Group      // after; another one where the container was started anew
	ReadAfter cgroupfs.Reading     // of Now
	OOMKills  figure.Figure        // since the command began
}

// Ends reports whether it is to end the first process.
func (a *Action) Ends() bool { return a.Verb == "kill" || a.Verb == "rm" || a.Stops() }

// Stops reports whether it waits for a grace before it sends SIGKILL.
func (a *Action) Stops() bool { return a.Verb == "stop" || a.Verb == "restart" }

// mayGoOn reports whether it may leave the container running.
func (a *Action) mayGoOn() bool { return a.Verb == "kill" && a.Signal != sigkill }

// Expected is how long it may take by design. Docker waits for ever where it is told to; so long does nobody else.
func (a *Action) Expected() time.Duration {
	switch {
	case !a.Stops():
		return 0
	case a.Grace < 0:
		return 24 * time.Hour
	}
	return a.Grace
}

// SignalNumber is the number of the signal that an action begins with: the one asked for, as docker takes it, or where it
// is "" SIGKILL of a kill and a removal, and the configured stop signal, or SIGTERM, of a stop. 0 for one that cannot be
// understood.
func SignalNumber(verb, asked, configured string) int {
	text := asked
	if text == "" {
		text = configured
		if verb == "kill" || verb == "rm" { // docker rm --force kills first
			text = "KILL"
		}
	}
	if text == "" {
		text = "TERM"
	}
	n, err := signal.ParseSignal(text)
	if err != nil {
		return 0
	}
	return int(n)
}

// Do runs the command, and waits for its effect and its events.
func (a *Action) Do(ctx context.Context) {
	running := a.Unheld || a.Process != nil && !a.Process.Ended() // else it has ended before: no event will come of that
	effect, cancel := context.WithCancel(ctx)
	defer cancel()
	seen := make(chan time.Time, 1)
	a.Began = time.Now()
	go func() {
		defer close(seen)
		if at, err := a.awaitEffect(effect); err == nil {
			seen <- at
		}
	}()
	shim := a.watchShim(effect)
	a.Call, a.CommandErr = a.Docker.Act(ctx, a.Verb, a.Flags, a.Before.ID, a.Expected())
	limit := EffectLimit
	switch {
	case a.CommandErr != nil:
		limit = 0
	case a.mayGoOn():
		limit = a.Outlived
	}
	select {
	case at, ok := <-seen:
		if ok {
			a.EffectAt = &at
		}
	case <-time.After(limit):
		cancel()
		// It may have come in the last moment.
		if at, ok := <-seen; ok {
			a.EffectAt = &at
		}
	}
	if a.Group != nil {
		a.Group.Read(&a.Effective)
	}
	if a.EffectAt != nil {
		a.ShimGoneAt = shim()
	}
	a.listen(ctx, running)
	if a.Ends() && a.EffectAt != nil {
		a.Wait = a.waitStatus(ctx)
	}
}

// watchShim looks whether the shim ends before the first process. The function returned says when it did, or nil. It is to be
// called once the first process has ended.
func (a *Action) watchShim(ctx context.Context) (lost func() *time.Time) {
	never := func() *time.Time { return nil }
	if !a.Ends() || a.Shim == nil || a.Process == nil {
		return never
	}
	order, err := proc.NewEndOrder(a.Shim, a.Process)
	if err != nil {
		a.Docker.Log.Debug().Err(err).Msg("its shim cannot be watched")
		return never
	}
	first := make(chan *time.Time, 1)
	go func() {
		defer order.Close()
		at, before, err := order.Await(ctx)
		if err != nil || !before {
			first <- nil
			return
		}
		first <- &at
	}()
	return func() *time.Time { return <-first }
}

// awaitEffect waits for the end of the first process, for the freeze, or for the thaw.
func (a *Action) awaitEffect(ctx context.Context) (time.Time, error) {
	switch {
	case a.Ends() && a.Process != nil:
		return a.Process.AwaitEnd(ctx)
	case a.Ends() && a.Unheld:
		return a.Group.AwaitEmpty(ctx)
	case a.Verb == "pause" && a.Group != nil:
		return a.Group.AwaitFrozen(ctx, true)
	case a.Verb == "unpause" && a.Group != nil && a.ReadBefore.Freezer.Frozen.Is(1):
		return a.Group.AwaitFrozen(ctx, false)
	}
	return time.Time{}, errors.New("nothing to wait for")
}

// waitStatus is how the first process ended, by the kernel; nil where it does not tell. What the shim has left behind when it
// ended is waited for by the machine's init, which may take a moment.
func (a *Action) waitStatus(ctx context.Context) *unix.WaitStatus {
	if a.Process == nil {
		return nil
	}
	for deadline := time.Now().Add(reapLimit); ; {
		status, state := a.Process.WaitStatus()
		if state == figure.Present {
			return &status
		}
		if state != figure.NotMeasured || a.ShimGoneAt == nil || ctx.Err() != nil || time.Now().After(deadline) {
			return nil
		}
		time.Sleep(50 * time.Millisecond)
	}
}

// reapLimit is what the machine's init may take to wait for a process that is left to it.
const reapLimit = time.Second

// listen waits until Docker has told all that it will tell. It may take as long for that as it may for an answer.
func (a *Action) listen(ctx context.Context, running bool) {
	want := a.wanted(running)
	patience, cancel := context.WithTimeout(ctx, a.Docker.Timeout)
	defer cancel()
	enough := func(events []dockercli.Event) bool { return Has(events, want...) }
	if slices.Contains(want, "die") {
		// Docker has returned, so that what it tells of is on its way. No kill tells of a signal that the runtime did not send, and
		// no stop of one that another client's kill has overtaken.
		a.Events.Await(patience, a.Before.ID, a.Began, func(events []dockercli.Event) bool { return Has(events, "die") })
		soon, cancel := context.WithTimeout(patience, afterDie)
		defer cancel()
		if !a.Events.Await(soon, a.Before.ID, a.Began, enough) && a.Events.Err() == nil && ctx.Err() == nil {
			want = slices.DeleteFunc(slices.Clone(want), func(action string) bool { return action == "kill" || action == "stop" })
		}
	}
	if !a.Events.Await(patience, a.Before.ID, a.Began, enough) {
		switch a.EventsErr = a.Events.Err(); {
		case a.EventsErr != nil:
		case ctx.Err() != nil:
			a.EventsErr = context.Cause(ctx)
		default:
			a.EventsErr = fmt.Errorf("docker events did not tell of all within %s (--timeout)", a.Docker.Timeout)
		}
	}
	a.Hear()
}

// afterDie is how long the other events of an end are waited for, once the end itself has been told.
const afterDie = 5 * time.Second

// Hear takes what Docker has told until now.
func (a *Action) Hear() { a.Heard = dockercli.Since(a.Events.Of(a.Before.ID), a.Began) }

// wanted are the events that the engine is known to send of what was done; none where nothing was to do.
func (a *Action) wanted(running bool) (want []string) {
	ended := a.Ends() && running && a.EffectAt != nil
	switch {
	case a.CommandErr != nil && !ended:
		return nil
	case a.CommandErr != nil:
		return []string{"die"} // by this or by something else; what comes behind it is anybody's guess
	case a.Verb == "kill" && ended:
		want = append([]string{"kill"}, a.Docker.EndEvents(a.Verb, a.restarts())...)
	case a.Verb == "kill" && running:
		want = []string{"kill"}
	case a.Verb == "stop" && ended:
		want = a.Docker.EndEvents(a.Verb, a.restarts())
	case a.Verb == "restart" && ended:
		return []string{"die", "start", "restart"}
	case a.Verb == "restart":
		return []string{"restart"}
	case a.Verb == "rm" && ended:
		return []string{"die", "destroy"}
	case a.Verb == "pause", a.Verb == "unpause", a.Verb == "start" && !running:
		return []string{a.Verb}
	}
	if ended && a.Before.HostConfig.AutoRemove {
		want = append(want, "destroy")
	}
	return want
}

// restarts reports whether it has a restart policy.
func (a *Action) restarts() bool {
	policy := a.Before.HostConfig.RestartPolicy.Name
	return policy != "" && policy != "no"
}

// Has reports whether all of some actions are among the events.
func Has(events []dockercli.Event, actions ...string) bool {
	for _, action := range actions {
		if !slices.ContainsFunc(events, func(e dockercli.Event) bool { return e.Action == action }) {
			return false
		}
	}
	return true
}
