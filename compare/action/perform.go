package action

import (
	"cmp"
	"context"
	"errors"
	"time"

	"github.com/rs/zerolog"
	"golang.org/x/sys/unix"

	"haltscope/cgroupfs"
	"haltscope/cgroupfs/figure"
	"haltscope/cgroupfs/proc"
	"haltscope/compare/ends"
	"haltscope/compare/rules/prediction"
	"haltscope/compare/rules/verdict"
	"haltscope/compare/target"
	"haltscope/compare/value"
	"haltscope/dockercli"
)

// Action is an action on one container: what was requested, and what each phase found out. A nil was not observed.
type Action struct {
	Request
	Initial
	Result
	Final
	Docker Engine
	Events Events // the container's events are among them
	Log    zerolog.Logger
}

// Request is what to do to a container.
type Request struct {
	Verb       value.Verb
	SignalFlag string         // --signal of a kill, stop or restart; "" for docker's default
	GraceFlag  *time.Duration // -t of a stop or restart, in whole seconds; nil for the container's own
	Signal     unix.Signal    // that the action begins with; 0 for none, or one that cannot be parsed
	Grace      time.Duration  // of a stop or restart, before SIGKILL; below 0 for no end
	SignalWait time.Duration  // how long to wait for the end after a signal that need not end the container
	FineCodes  []int          // see [verdict.Facts]
}

// Initial is the container right before the action.
type Initial struct {
	Before   dockercli.Container   // inspect
	Group    *cgroupfs.Group       // nil where it was not running
	Process  *proc.Process         // its first; nil where it was not running, or see NoHandle
	NoHandle bool                  // the kernel gives no handle on the first process: its end is the cgroup's
	Shim     *proc.Process         // the process that waits for the first; nil where it was not found
	Target   *verdict.SignalTarget // of the signal that the action begins with
	// Dispositions are those of Target to other signals; nil where they are not known.
	Dispositions *target.Dispositions
	// EventsFrom is from when on Docker's events are about this run; zero for the beginning of the command.
	EventsFrom time.Time
	ReadBefore cgroupfs.Reading
}

// Result is what the docker command did.
type Result struct {
	Began      time.Time // when the command was started
	Call       dockercli.Call
	CommandErr error
	EffectAt   *time.Time         // when the first process was gone, or the cgroup frozen or thawed
	Effective  cgroupfs.Reading   // right after the effect
	During     *prediction.During // what slowed the container down; nil unless it is a stop of a running container
	ShimGoneAt *time.Time         // when the shim had ended, if that was before the first process
	Wait       *unix.WaitStatus   // of the first process
	EventsSeen []dockercli.Event
	EventsErr  error         // why EventsSeen may be incomplete
	Processes  *verdict.Ends // how the container's processes ended
}

// Final is the container after the action.
type Final struct {
	After     *dockercli.Container   // inspect; nil: see AfterErr
	AfterErr  error                  // why inspect gave no answer; nil with a nil After: the container is gone
	Now       *cgroupfs.Group        // another one than before if the container was started again; nil where there is none to read
	ReadAfter cgroupfs.Reading       // of Now; without it, why there are no figures
	Below     []cgroupfs.FrozenBelow // the frozen cgroups below it
	Left      []int                  // the processes of Now
	OOMKills  figure.Figure          // since the command began
}

// EffectLimit is how long the kernel may take after docker has returned.
const EffectLimit = 15 * time.Second

// Ends reports whether the action is meant to end the first process, or may.
func (r *Request) Ends() bool { return r.Verb.Ends() }

// Stops reports whether the action waits for a grace before it sends SIGKILL.
func (r *Request) Stops() bool { return r.Verb.Stops() }

// mayRunOn reports whether the action may leave the container running.
func (r *Request) mayRunOn() bool { return r.Verb == value.Kill && r.Signal != unix.SIGKILL }

// Expected returns how long the command may take by design. Docker waits without an end for a grace below 0; the result then is a day.
func (r *Request) Expected() time.Duration {
	switch {
	case !r.Stops():
		return 0
	case r.Grace < 0:
		return 24 * time.Hour
	}
	return r.Grace
}

// dockerAction returns the docker command of the request. thawed is for a pause: see [dockercli.Pause].
func (r *Request) dockerAction(thawed func() bool) dockercli.Action {
	switch r.Verb {
	case value.Kill:
		return dockercli.Kill{Signal: r.SignalFlag}
	case value.Stop:
		return dockercli.Stop{Signal: r.SignalFlag, Grace: r.GraceFlag, Expected: r.Expected()}
	case value.Restart:
		return dockercli.Restart{Signal: r.SignalFlag, Grace: r.GraceFlag, Expected: r.Expected()}
	case value.Pause:
		return dockercli.Pause{Thawed: thawed}
	case value.Unpause:
		return dockercli.Unpause{}
	case value.Start:
		return dockercli.Start{}
	case value.Remove:
		return dockercli.Remove{}
	}
	panic("no docker verb: " + r.Verb)
}

// Thawed returns a function that reports whether the kernel shows a cgroup as neither frozen nor asked to be; nil for a nil group.
func Thawed(group *cgroupfs.Group) func() bool {
	if group == nil {
		return nil
	}
	return func() bool {
		var r cgroupfs.Reading
		group.ReadState(&r)
		return r.Freezer.Requested.Is(0) && r.Freezer.Frozen.Is(0)
	}
}

// wasRunning reports whether the container was running. If it had ended before the action, there will be no event of its end.
func (s *Initial) wasRunning() bool { return s.NoHandle || s.Process != nil && !s.Process.Ended() }

// unreachable reports whether the runtime takes the container for stopped although it runs: see [proc.Stat].FirstThreadEnded.
func (s *Initial) unreachable() bool {
	if s.Process == nil {
		return false
	}
	stat, err := proc.ReadStat(s.Process.PID)
	return err == nil && stat.ID() == s.Process.ID() && stat.FirstThreadEnded
}

// SignalNumber returns the signal that an action begins with: the one requested, as docker takes it. Where that is "" it is SIGKILL
// for a kill and a removal, and the configured stop signal, or SIGTERM, for a stop. It is 0 if the text cannot be parsed.
func SignalNumber(verb value.Verb, requested, configured string) unix.Signal {
	parse, text := value.ParseStopSignal, configured
	switch {
	case requested != "":
		parse, text = value.ParseSignal, requested
	case verb == value.Kill || verb == value.Remove: // docker rm --force kills first
		return unix.SIGKILL
	}
	n, err := parse(text)
	if err != nil {
		return 0
	}
	return n
}

// eventsFrom returns from when on Docker's events are looked at. What another client requested right before the command may take effect
// after it.
func (s *Initial) eventsFrom(began time.Time) time.Time {
	if s.EventsFrom.IsZero() {
		return began
	}
	return s.EventsFrom
}

// Do runs the docker command, and waits for its effect and its events.
func (a *Action) Do(ctx context.Context) { a.Result = a.perform(ctx) }

// ReadEvents takes the events that Docker has sent until now.
func (a *Action) ReadEvents() { a.EventsSeen = a.Events.Since(a.Before.ID, a.eventsFrom(a.Began)) }

func (a *Action) perform(ctx context.Context) (result Result) {
	r, before := &a.Request, &a.Initial
	running := before.wasRunning()
	effectCtx, cancel := context.WithCancel(ctx)
	defer cancel()
	effect := make(chan time.Time, 1)
	end := observeEnds(a.Log, r, before)
	result.Began = time.Now()
	go func() {
		defer close(effect)
		if at, err := awaitEffect(effectCtx, r, before); err == nil {
			effect <- at
		}
	}()
	during := watchStrain(effectCtx, r, before)
	shimGone := watchShim(effectCtx, a.Log, r, before)
	result.Call, result.CommandErr = a.Docker.Do(ctx, before.Before.ID, r.dockerAction(Thawed(before.Group)))
	limit := EffectLimit
	switch {
	case result.CommandErr != nil:
		limit = 0
	case r.mayRunOn(), before.unreachable():
		limit = r.SignalWait
	}
	result.EffectAt = receive(effect, limit, cancel)
	if before.Group != nil {
		before.Group.Read(&result.Effective)
	}
	result.During = during()
	if result.EffectAt != nil {
		result.ShimGoneAt = shimGone()
	}
	result.Processes = end(result.Began)
	want := expectedEvents(a.Docker.Engine(), r, &before.Before, &result, running)
	result.EventsErr = a.awaitEvents(ctx, result.Began, want)
	result.EventsSeen = a.Events.Since(before.Before.ID, before.eventsFrom(result.Began))
	if r.Ends() && result.EffectAt != nil {
		if result.Wait = waitStatus(ctx, before.Process, result.ShimGoneAt != nil); result.Wait == nil && before.Process != nil {
			result.Wait = result.Processes.WaitOf(before.Process.PID)
		}
	}
	return result
}

// receive waits for a time on a channel; nil if it does not come within the limit.
func receive(times <-chan time.Time, limit time.Duration, cancel func()) *time.Time {
	take := func(at time.Time, ok bool) *time.Time {
		if !ok {
			return nil
		}
		return &at
	}
	select {
	case at, ok := <-times:
		return take(at, ok)
	case <-time.After(limit):
		cancel()
		at, ok := <-times // it may have come in the last moment
		return take(at, ok)
	}
}

// awaitEffect waits for the end of the first process, for the freeze, or for the thaw.
func awaitEffect(ctx context.Context, r *Request, before *Initial) (time.Time, error) {
	switch {
	case r.Ends() && before.Process != nil:
		return before.Process.AwaitEnd(ctx)
	case r.Ends() && before.NoHandle:
		return before.Group.AwaitEmpty(ctx)
	case r.Verb == value.Pause && before.Group != nil:
		return before.Group.AwaitFrozen(ctx, true)
	case r.Verb == value.Unpause && before.Group != nil && before.ReadBefore.Freezer.Frozen.Is(1):
		return before.Group.AwaitFrozen(ctx, false)
	}
	return time.Time{}, errors.New("nothing to wait for")
}

// observeEnds begins to observe how the container's processes end. The function returned ends that; its result is nil where nothing was
// observed.
func observeEnds(log zerolog.Logger, r *Request, before *Initial) (end func(began time.Time) *verdict.Ends) {
	nothing := func(time.Time) *verdict.Ends { return nil }
	if !r.Ends() || before.Group == nil || before.Process == nil {
		return nothing
	}
	signal := r.Signal
	if before.Target != nil {
		signal = cmp.Or(before.Target.Tells, max(before.Target.Delivered, 0), signal)
	}
	o, err := ends.Observe(before.Group, before.Process.PID, signal)
	if err != nil {
		log.Warn().Err(err).Msg("cannot observe how its processes end")
		return func(time.Time) *verdict.Ends { return &verdict.Ends{Missed: err.Error()} }
	}
	o.Begin()
	return o.End
}

// logShim logs that the shim of a container cannot be watched. Without it, an exit code that Docker makes up for a lost shim cannot be told
// from the program's own. A container that has ended meanwhile needs no shim.
func logShim(log zerolog.Logger, container string, err error) {
	level := zerolog.WarnLevel
	if errors.Is(err, proc.ErrNoProcess) {
		level = zerolog.DebugLevel
	}
	log.WithLevel(level).Err(err).Str("container", container).
		Msg("cannot watch its shim: an exit code that Docker makes up for a lost shim cannot be told from the program's own")
}

// watchShim watches whether the shim ends before the first process. The function returned waits for the end of the first process,
// and returns when the shim had ended before it, or nil.
func watchShim(ctx context.Context, log zerolog.Logger, r *Request, before *Initial) (gone func() *time.Time) {
	never := func() *time.Time { return nil }
	if !r.Ends() || before.Shim == nil || before.Process == nil {
		return never
	}
	order, err := proc.NewEndOrder(before.Shim, before.Process)
	if err != nil {
		logShim(log, before.Before.DisplayName(), err)
		return never
	}
	first := make(chan *time.Time, 1)
	go func() {
		defer order.Close()
		at, earlier, err := order.Await(ctx)
		if err != nil || !earlier {
			first <- nil
			return
		}
		first <- &at
	}()
	return func() *time.Time { return <-first }
}

// reapLimit is how long the machine's init may take to wait for a process that it has adopted.
const reapLimit = time.Second

// waitStatus returns how the first process ended, by the kernel; nil where the kernel does not say. If the shim ended first, the
// machine's init waits for the process, which may take a moment.
func waitStatus(ctx context.Context, first *proc.Process, shimGone bool) *unix.WaitStatus {
	if first == nil {
		return nil
	}
	for deadline := time.Now().Add(reapLimit); ; {
		status, state := first.WaitStatus()
		if state == figure.Present {
			return &status
		}
		if state != figure.NotMeasured || !shimGone || ctx.Err() != nil || time.Now().After(deadline) {
			return nil
		}
		time.Sleep(50 * time.Millisecond)
	}
}
