package action

import (
	"context"
	"errors"
	"fmt"
	"strconv"
	"strings"
	"time"

	"haltscope/cgroupfs"
	"haltscope/compare/fault"
	"haltscope/compare/rules/prediction"
	"haltscope/compare/target"
	"haltscope/compare/value"
	"haltscope/dockercli"
)

// outlived is what a signal that need not end the container gets.
const outlived = 2 * time.Second

// goesOn is how long a pause that was interrupted is given to take effect all the same.
const goesOn = 3 * time.Second

// lastLook is what may be asked once the user has interrupted the waiting.
const lastLook = 10 * time.Second

// deed is what is done to one container, and all that is seen of it.
type containerAction struct {
	Action
	verb   prediction.Verb
	dryRun bool
	kernel *cgroupfs.Host
	engine string // its version

	facts        *prediction.Facts // nil where it did not run, and where they could not be had: see factsErr
	factsErr     error
	noRules      bool // predict has none for this engine
	expected     *prediction.Outcome
	consequences []prediction.Because

	killPending                 string // the kernel file in which its first process has a SIGKILL pending; "" for none
	membersBefore, membersAfter []int
	beforeErr, afterErr         error      // why they may not be all
	emptyAt                     *time.Time // when the cgroup had no process any more
	sameProcess                 *bool
}

// act is what is to be done. -t, for the long form of docker's flag was renamed in 28.0.
func (d *containerAction) act(o Options, docker *dockercli.Client, s *target.Target) Action {
	a := Action{Verb: o.Verb, Outlived: outlived, Docker: docker, Before: s.Container, Group: s.Group,
		Grace: value.Grace(s.Container.Config.StopTimeout)}
	if o.Signal != "" {
		a.Flags = append(a.Flags, "--signal", o.Signal)
	}
	if o.Grace != nil {
		a.Flags = append(a.Flags, "-t", strconv.Itoa(*o.Grace))
	}
	if a.Ends() {
		a.Signal = SignalNumber(o.Verb, o.Signal, s.Container.Config.StopSignal)
	}
	if d.verb.Grace != nil {
		a.Grace = *d.verb.Grace
	}
	return a
}

func (d *containerAction) name() string { return value.Clean(strings.TrimPrefix(d.Before.Name, "/")) }

func (d *containerAction) close() {
	if d.Now != nil && d.Now != d.Group {
		d.Now.Close()
	}
	if d.Group != nil {
		d.Group.Close()
	}
	if d.Process != nil {
		d.Process.Close()
	}
	if d.Shim != nil {
		d.Shim.Close()
	}
}

func (d *containerAction) run(ctx context.Context, progress Progress) {
	done := progress.Step("looking at "+d.name(), 0)
	d.predict(ctx)
	done()
	if d.dryRun || ctx.Err() != nil {
		return
	}
	text := d.Docker.Engine() + " " + d.Verb + " " + d.name()
	if d.Stops() && d.Group != nil {
		done = progress.Grace(text, d.Grace)
	} else {
		done = progress.Step(text, 0)
	}
	defer done()
	emptied := d.awaitEmpty(ctx)
	d.Do(ctx)
	emptied()
	d.observe(ctx)
}

// foresee says what is to be expected, and looks at the container right before it is touched.
func (d *containerAction) predict(ctx context.Context) {
	d.noRules = d.Docker.Engine() != dockercli.Docker
	if d.Group == nil {
		if d.noRules {
			return
		}
		stopSignal := 0
		if s := d.Before.Config.StopSignal; s != "" {
			stopSignal = SignalNumber("stop", "", s)
		}
		o := prediction.Idle(value.Clean(d.Before.State.Status), d.verb, stopSignal, value.Clean(d.Before.HostConfig.RestartPolicy.Name))
		d.expected = &o
		return
	}
	if d.noRules {
		// Signal and grace are what docker's commands have told.
	} else if subject, err := target.ReadSettings(ctx, d.Docker, d.engine, d.Before, d.Group); err != nil {
		d.factsErr = err
	} else {
		facts := subject.Facts()
		if d.Ends() {
			d.consequences = prediction.Predict(facts).Consequences
		}
		o := prediction.Expect(facts, d.verb)
		facts = facts.By(d.verb)
		d.facts, d.expected, d.Grace = &facts, &o, facts.Grace
	}
	d.membersBefore, d.beforeErr = d.Group.Members()
	p, err := cgroupfs.OpenProcess(d.Before.State.Pid)
	gone := errors.Is(err, cgroupfs.ErrNoProcess)
	d.Unheld = err != nil && !gone
	if d.Process = p; d.Unheld {
		d.Docker.Log.Warn().Err(err).Str("container", d.name()).Msg("its first process cannot be held: how it ends is Docker's word alone")
	}
	if d.Ends() && !gone {
		var err error
		if d.Shim, err = target.Shim(d.Before.State.Pid); err != nil {
			d.Docker.Log.Debug().Err(err).Str("container", d.name()).Msg("its shim cannot be watched")
		}
		d.Receiver = target.ReadDispositions(d.Before.State.Pid, d.membersBefore).To(d.Signal)
	}
	d.killPending = cgroupfs.KillPending(d.Before.State.Pid)
	d.Group.Read(&d.ReadBefore)
}

// awaitEmpty begins to wait for the end of all processes of the cgroup: those of a container that shares another's PID
// namespace may outlive its first. The function returned waits on, if the first is gone.
func (d *containerAction) awaitEmpty(ctx context.Context) (wait func()) {
	if !d.Ends() || d.Group == nil || d.Process == nil {
		return func() {}
	}
	ctx, cancel := context.WithCancel(ctx)
	seen := make(chan time.Time, 1)
	go func() {
		defer close(seen)
		if _, err := d.Process.Gone(ctx); err != nil {
			return
		}
		if at, err := d.Group.AwaitEmpty(ctx); err == nil {
			seen <- at
		}
	}()
	return func() {
		if d.EffectAt == nil {
			cancel()
		}
		late := time.AfterFunc(EffectLimit, cancel)
		if at, ok := <-seen; ok {
			d.emptyAt = &at
		}
		late.Stop()
		cancel()
	}
}

// observe finds out what came of it.
func (d *containerAction) observe(ctx context.Context) {
	if ctx.Err() != nil {
		var cancel context.CancelFunc
		ctx, cancel = context.WithTimeout(context.WithoutCancel(ctx), lastLook)
		defer cancel()
	}
	d.inspect(ctx)
	if d.givenUp() && (d.Verb == "pause" || d.Verb == "unpause") {
		// The daemon goes on with it, and may be about to.
		for deadline := time.Now().Add(goesOn); d.After != nil && d.After.State.Paused != (d.Verb == "pause") && time.Now().Before(deadline); {
			time.Sleep(100 * time.Millisecond)
			d.inspect(ctx)
		}
	}
	d.Now = d.Group
	pid := 0
	if d.After != nil {
		pid = d.After.State.Pid
	}
	if pid > 0 && (d.Group == nil || !d.Group.Exists()) {
		if g, err := d.kernel.Locate(pid, d.Before.ID); err == nil {
			d.Now = g
		}
	}
	if d.Now != nil {
		d.Now.Read(&d.ReadAfter)
		if d.membersAfter, d.afterErr = d.Now.Members(); d.afterErr != nil && !d.Now.Exists() {
			d.membersAfter, d.afterErr = nil, nil // a cgroup that is gone has no process
		}
	}
	if d.Now == d.Group && d.ReadBefore.Memory.OOMKill.State() == cgroupfs.Present {
		d.OOMKills = d.ReadAfter.Memory.OOMKill.Minus(d.ReadBefore.Memory.OOMKill)
	}
	if pid > 0 && d.Process != nil {
		stat, err := cgroupfs.ReadStat(pid)
		same := err == nil && pid == d.Process.PID && stat.StartTime == d.Process.StartTime
		d.sameProcess = &same
		if same && d.killPending == "" {
			d.killPending = cgroupfs.KillPending(pid)
		}
	}
}

// inspect asks Docker how the container stands now.
func (d *containerAction) inspect(ctx context.Context) {
	d.After = nil
	found, err := d.Docker.Inspect(ctx, d.Before.ID)
	if d.AfterErr = err; err == nil {
		if c, ok := found[d.Before.ID]; ok {
			d.After = &c
		}
	}
}

// givenUp reports whether docker was not heard out: what it has asked the daemon for may go on there.
func (d *containerAction) givenUp() bool {
	return d.CommandErr != nil && !dockercli.Refused(d.CommandErr)
}

// failed is docker's error, with the container's name.
func (d *containerAction) failed(ctx context.Context) error {
	switch {
	case d.Began.IsZero() && ctx.Err() != nil:
		return fmt.Errorf("%w: %s %s %s was not run", fault.ErrInterrupted, d.Docker.Engine(), d.Verb, d.name())
	case d.CommandErr == nil && d.factsErr != nil && d.dryRun:
		return fmt.Errorf("container %s: what is to be expected could not be found out: %w", d.name(), d.factsErr)
	case d.CommandErr == nil:
		return nil
	case ctx.Err() != nil:
		return fault.WithHint(fmt.Errorf("%w: %s %s %s was given up before it had answered, and the daemon may go on with it", fault.ErrInterrupted, d.Docker.Engine(), d.Verb, d.name()),
			"see how it stands: haltscope inspect "+d.name())
	}
	return fmt.Errorf("container %s: %w", d.name(), d.CommandErr)
}
