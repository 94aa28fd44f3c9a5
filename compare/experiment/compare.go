// Package experiment runs throwaway containers, called twins, performs one Docker action on each, and measures what happens to
// their processes, memory, CPU time and data.
package experiment

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"sync"
	"time"

	"haltscope/cgroupfs"
	"haltscope/compare/document"
	"haltscope/compare/experiment/during"
	"haltscope/compare/fault"
	"haltscope/compare/host"
	"haltscope/compare/twin"
	"haltscope/dockercli"
)

// Options is what an experiment is to do.
type Options struct {
	Image      string   // "" for the embedded workload
	Command    []string // for the image, or flags of the embedded workload
	Actions    []Action
	Hold       time.Duration // how long a frozen twin is watched
	Baseline   time.Duration // how long twins are watched before the action
	Init       bool          // docker run --init
	Memory     string        // docker run --memory, and no swap on top; "" for no limit
	Repeat     int           // how often, each time with twins of its own; 0 for once
	Probe      bool          // try what works on the twins, before the action and after
	Prove      bool          // put the explanation to the test, once the twins are back
	Like       string        // a container that the twins are to be like, instead of Image
	Network    string        // docker run --network; "" for none
	Ready      Ready         // when a twin counts as ready, beside what the embedded workload says
	During     []string      // a command that runs on the host from readiness until the action is over
	Orphans    bool          // take hold of the other processes, to see how they end
	Foresee    bool          // say of each twin, right before the action, what that will come to
	Invocation []string      // the command line, for the report
}

// readyLimit is what the embedded workload may take to fill its memory.
const readyLimit = 90 * time.Second

// Run does the experiment. The report is there also beside an error that concerns some twins or some runs only. No twin is
// left behind, however it ends.
func Run(ctx context.Context, docker *dockercli.Client, o Options, progress Progress) (*document.Compare, error) {
	kernel, here, err := host.Check(ctx, docker)
	if err != nil {
		return nil, err
	}
	r := repeated{Options: o, docker: docker, kernel: kernel, host: here, progress: progress}
	return r.do(ctx)
}

func newExperiment(o Options, docker *dockercli.Client, kernel *cgroupfs.Host, here document.Host, progress Progress) *experiment {
	return &experiment{Options: o, docker: docker, kernel: kernel, host: here, progress: progress, run: twin.NewRunID(), beganAt: time.Now(),
		embedded: o.Image == "" && o.Like == ""}
}

type experiment struct {
	Options
	like     *like // nil without Like
	probes   probing
	load     *during.Load // nil without During, and once it has ended
	stays    bool         // what has ended is not started again
	docker   *dockercli.Client
	kernel   *cgroupfs.Host
	host     document.Host
	progress Progress
	beganAt  time.Time
	run      string
	owner    twin.Owner // this process
	embedded bool       // the twins run the embedded workload

	events     *dockercli.Events
	arms       []*arm
	givenUp    bool       // a `docker run` was, and the daemon may come to its end with it
	settled    []string   // the twins' ids, once it is known that none is paused
	mu         sync.Mutex // for the two below
	errs       []error    // what went wrong with no twin in particular
	followers  []*journal // each follows a log
	proofs     []document.Proof
	cleanUpErr error
}

func (x *experiment) do(ctx context.Context) (*document.Compare, error) {
	if err := x.begin(ctx); err != nil {
		return nil, err
	}
	defer x.cleanUp()
	return x.carryOut(ctx)
}

// begin makes sure of the image, and follows the events. From its success on, there may be twins to remove.
func (x *experiment) begin(ctx context.Context) (err error) {
	if x.owner, err = twin.Self(); err != nil {
		return err
	}
	switch {
	case x.Like != "":
		if x.like, err = likeOf(ctx, x.docker, x.Like); err != nil {
			return err
		}
		x.Image = x.like.image
		if len(x.Command) == 0 {
			x.Command = x.like.command
		} else { // in the place of the container's command, behind its entrypoint
			x.Command = append(slices.Clone(tail(x.like.entrypoint)), x.Command...)
		}
	case x.embedded:
		done := x.progress.Step("image of the embedded workload", 0)
		ref, err := twin.EmbeddedImage(ctx, x.docker)
		if err != nil {
			return err
		}
		x.Image = ref
		done()
	default:
		if _, err := x.docker.ImageInspect(ctx, x.Image); err != nil {
			if errors.Is(err, dockercli.ErrNotFound) {
				err = fault.WithHint(err, "haltscope pulls nothing: docker pull it first, or see what is here with `docker images`")
			}
			return err
		}
	}
	x.events, err = x.docker.Events(ctx, time.Now(), "label="+twin.RunLabel+"="+x.run)
	return err
}

// atOnce makes a phase of a function that needs no context, for it waits for nothing.
func atOnce(phase func() error) func(context.Context) error {
	return func(context.Context) error { return phase() }
}

func (x *experiment) carryOut(ctx context.Context) (*document.Compare, error) {
	for _, phase := range []func(context.Context) error{x.prepareProbes, x.start, x.find, x.awaitReady, x.probeBefore, atOnce(x.startLoad), x.baseline, atOnce(x.holdOthers), atOnce(x.checkLoad)} {
		if err := phase(ctx); err != nil {
			return nil, err
		}
	}
	x.act(ctx)
	x.endLoad()
	x.observe(ctx)
	x.each(func(a *arm) {
		x.hold(ctx, a)
		a.judge()
		x.probeAfter(ctx, a)
		x.resume(ctx, a)
		x.probeResumed(ctx, a)
	})
	x.seeWhatCameBack(ctx)
	if x.Prove && ctx.Err() == nil {
		x.prove(ctx)
	}
	if ctx.Err() != nil {
		return nil, ctx.Err()
	}
	failures := x.failures()
	if failures == nil {
		for _, a := range x.arms {
			if !a.removed() {
				x.settled = append(x.settled, a.id)
			}
			if a.anewID != "" {
				x.settled = append(x.settled, a.anewID)
			}
		}
	}
	return x.document(), failures
}

// each does the same for all arms at once, and waits for all.
func (x *experiment) each(do func(*arm)) {
	var all sync.WaitGroup
	for _, a := range x.arms {
		all.Go(func() { do(a) })
	}
	all.Wait()
}

// cleanUp removes the twins and lets go of what was held of them.
func (x *experiment) cleanUp() {
	x.endLoad()
	done := x.progress.Step("removing the twins", 0)
	var made []string
	for _, a := range x.arms {
		made = append(made, a.id, a.anewID)
	}
	x.cleanUpErr = twin.RemoveRun(x.docker, x.run, x.settled, made, x.givenUp)
	x.cleanUpErr = errors.Join(x.cleanUpErr, x.removeNetwork())
	done()
	for _, j := range x.followers {
		j.quit()
	}
	x.events.Close()
	for _, a := range x.arms {
		a.close()
	}
}

func (x *experiment) fail(err error) {
	x.mu.Lock()
	defer x.mu.Unlock()
	x.errs = append(x.errs, err)
}

// failures joins what went wrong.
func (x *experiment) failures() error {
	all := x.errs
	for _, a := range x.arms {
		for _, err := range a.errs {
			all = append(all, fmt.Errorf("%s: %w", a.action, err))
		}
	}
	return errors.Join(all...)
}
