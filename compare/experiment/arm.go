package experiment

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"sync"
	"time"

	"haltscope/cgroupfs"
	"haltscope/cgroupfs/proc"
	"haltscope/compare/action"
	"haltscope/compare/document"
	"haltscope/compare/fault"
	"haltscope/compare/host"
	"haltscope/compare/rules/memory"
	"haltscope/compare/rules/prediction"
	"haltscope/compare/rules/verdict"
	"haltscope/compare/target"
	"haltscope/compare/twin"
	"haltscope/compare/value"
	"haltscope/dockercli"
)

// arm is one action with its twin, and all that was seen of it. A nil is something that was not seen.
type arm struct {
	action.Action
	action  Action
	name    string
	id      string
	mu      sync.Mutex     // for errs
	errs    []error        // what went wrong with this twin alone
	pending sync.WaitGroup // for calls of the kernel that nobody waits for any more, and that need the group

	journal *journal // of the first instance of the embedded workload
	again   *journal // of the one that was started again, if it was
	sampler *sampler
	nowRead *sampler // of the run that docker restart has begun; nil for none

	subject    *target.Settings // where it is to be foreseen
	foreseen   prediction.Facts
	prediction prediction.Prediction

	others        others
	membersBefore []int
	beforeErr     error // why membersBefore is not known

	details      cgroupfs.Details // at the end of the hold
	swap         memory.Swap      // likewise
	noReclaim    bool             // this kernel cannot be asked for reclaim
	membersAfter []int
	membersErr   error // why membersAfter is not known
	exists       bool
	ps           *dockercli.PsLine // likewise
	psErr        error
	top          *dockercli.Top
	topErr       error
	stats        *dockercli.Stats
	statsErr     error
	verdict      verdict.Verdict
	runBefore    *verdict.Verdict // how the run ended that a restart or a removal found; nil for other actions

	anewID     string // the container that docker run has made anew, of one that was removed
	address    string // where its port is published
	addressErr error
	portTook   time.Duration // a request, before the action
	hanging    *attempts     // after the action
	probed     []document.Probe

	resumeBegan   time.Time
	resumeCommand string
	resumeErr     error
	resumedStat   *proc.Stat
	resumedAt     cgroupfs.Reading
	records       *records
	recordsErr    error // why what became of the records is not known
	resumeEvents  []dockercli.Event
}

// records is what became of the embedded workload's records.
type records struct {
	acknowledged, persisted int
	sameInstance            bool
}

func (a *arm) fail(err error) {
	a.mu.Lock()
	defer a.mu.Unlock()
	a.errs = append(a.errs, err)
}

func (a *arm) close() {
	for _, s := range []*sampler{a.sampler, a.nowRead} {
		if s != nil {
			s.end()
		}
	}
	if a.hanging != nil {
		a.hanging.end()
	}
	a.pending.Wait()
	for _, g := range []*cgroupfs.Group{a.Group, a.Now} { // closing one twice does no harm
		if g != nil {
			g.Close()
		}
	}
	if a.Process != nil {
		a.Process.Close()
	}
	a.others.close()
}

// start starts one twin per action, side by side. A `docker run` is not cut off by an interruption: the daemon might
// finish it behind our back.
func (x *experiment) start(ctx context.Context) error {
	done := x.progress.Step(fmt.Sprintf("starting %d twins of %s", len(x.Actions), x.Image), 0)
	defer done()
	for i, action := range x.Actions {
		x.arms = append(x.arms, &arm{action: action, name: twin.Name(x.run, i+1, action.Verb)})
	}
	var mu sync.Mutex
	var failed error
	x.each(func(a *arm) {
		id, err := x.runTwin(ctx, a.name)
		mu.Lock()
		defer mu.Unlock()
		a.id = id
		x.givenUp = x.givenUp || errors.Is(err, dockercli.ErrTimeout)
		if failed == nil && err != nil {
			failed = err // the others' would say the same
		}
	})
	if failed != nil {
		return failed
	}
	return ctx.Err()
}

// runTwin starts a twin, and returns its id.
func (x *experiment) runTwin(ctx context.Context, name string) (string, error) {
	flags := twin.Flags(x.run, name, x.Network, x.owner)
	var env dockercli.Environment
	if x.like != nil {
		flags, env = append(flags, x.like.flags...), x.like.environment
	}
	flags = append(flags, x.probeFlags()...)
	if x.Init {
		flags = append(flags, "--init")
	}
	if x.Memory != "" {
		flags = append(flags, "--memory", x.Memory, "--memory-swap", x.Memory)
	}
	return x.docker.RunLike(context.WithoutCancel(ctx), env, flags, x.Image, x.Command...)
}

// find ties each twin to its cgroup and its first process.
func (x *experiment) find(ctx context.Context) error {
	ids := make([]string, len(x.arms))
	for i, a := range x.arms {
		ids[i] = a.id
	}
	found, err := x.docker.Inspect(ctx, ids...)
	if err != nil {
		return err
	}
	// Where it cannot be read, Docker's own default is as good a guess as any; predict says so.
	byDaemon, _ := target.DaemonTimeout(x.host.EngineVersion)
	for _, a := range x.arms {
		container, ok := found[a.id]
		if !ok {
			return fmt.Errorf("twin %s was removed by somebody else while it was starting", a.name)
		}
		a.Action = action.Action{Verb: a.action.Verb, Flags: a.action.flags(), Signal: a.action.signal(container.Config.StopSignal),
			Grace: a.action.grace(cmp.Or(container.Config.StopTimeout, byDaemon)), Outlived: x.Hold, Docker: x.docker, Events: x.events, Before: container}
		if container.State.Pid == 0 {
			return x.endedAtOnce(ctx, a, container.State.ExitCode)
		}
		if a.Group, err = x.kernel.Locate(container.State.Pid, a.id); err == nil {
			a.Process, err = proc.OpenProcess(container.State.Pid)
		}
		var notTied *cgroupfs.NotInContainerError
		switch {
		case err == nil:
		case errors.Is(err, proc.ErrNoProcess), errors.As(err, &notTied):
			// Has it ended, or is it another machine's process?
			again, inspectErr := x.docker.Inspect(ctx, a.id)
			if inspectErr != nil {
				return inspectErr
			}
			if state := again[a.id].State; state.Pid != container.State.Pid {
				return x.endedAtOnce(ctx, a, state.ExitCode)
			}
			return host.Remote(err)
		default:
			return host.Located(err)
		}
	}
	return nil
}

// endedAtOnce is the error for an image whose process does not stay.
func (x *experiment) endedAtOnce(ctx context.Context, a *arm, exitCode int) error {
	words := x.docker.LastWords(ctx, a.id)
	if words == "" {
		words = "it wrote nothing"
	} else {
		words = "its last line: " + words
	}
	return fault.WithHint(fmt.Errorf("a twin of %s ended at once, exit code %d (%s): there is nothing to stop", value.Clean(x.Image), exitCode, words),
		"give it a command that stays, behind a --: … -- COMMAND …")
}

// awaitReady waits until the embedded workload holds its memory and accepts records.
func (x *experiment) awaitReady(ctx context.Context) error {
	if !x.embedded {
		return x.awaitImage(ctx)
	}
	done := x.progress.Step("waiting for the workload to hold its memory", 0)
	defer done()
	limit, cancel := context.WithTimeout(ctx, readyLimit)
	defer cancel()
	var err error
	for _, a := range x.arms {
		if a.journal, err = x.follow(ctx, a.id, time.Time{}); err != nil {
			return err
		}
	}
	for _, a := range x.arms {
		told, ready := a.journal.await(limit, func(t told) bool { return t.ready })
		switch {
		case ready:
		case ctx.Err() != nil:
			return ctx.Err()
		case told.err != nil:
			return told.err
		case told.ended:
			return fault.WithHint(fmt.Errorf("the embedded workload ended before it was ready: %s", x.docker.LastWords(ctx, a.id)), "see its flags: haltscope workload --help")
		default:
			return fmt.Errorf("the embedded workload was not ready within %s: is the machine too busy, or %v too much for it?", readyLimit, x.Command)
		}
	}
	return nil
}

// baseline watches the twins as they run, and ends with what is known right before the action.
func (x *experiment) baseline(ctx context.Context) error {
	done := x.progress.Step("baseline", x.Baseline)
	defer done()
	for _, a := range x.arms {
		a.sampler = sample(a.Group)
	}
	if err := x.prepareForesight(ctx); err != nil {
		return err
	}
	select {
	case <-ctx.Done():
		return ctx.Err()
	case <-time.After(x.Baseline):
	}
	for _, a := range x.arms {
		a.foresee()
		a.membersBefore, a.beforeErr = a.Group.Members()
		a.Receiver = target.ReadDispositions(a.Before.State.Pid, a.membersBefore).To(a.Signal)
		a.Group.Read(&a.ReadBefore)
	}
	return nil
}
