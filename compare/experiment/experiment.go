// Package experiment runs throwaway containers, called twins, performs one Docker action on each, and measures what happens to
// their processes, memory, CPU time and data.
//
// The phases follow each other in the order of their files: image and recipe, start, find, ready, probe, load, baseline, orphans,
// perform, observe, hold, judge, resume, proof, document. Each returns a value that the next ones read.
package experiment

import (
	"context"
	"errors"
	"fmt"
	"sync"
	"time"

	"haltscope/cgroupfs"
	"haltscope/compare/document"
	"haltscope/compare/host"
	"haltscope/compare/twin"
	"haltscope/dockercli"
)

// Options describes an experiment.
type Options struct {
	Image      string   // "" for the embedded workload
	Command    []string // for the image, or flags of the embedded workload
	Actions    []Action
	Hold       time.Duration // how long a frozen twin is watched
	Baseline   time.Duration // how long the twins are watched before the action
	Init       bool          // docker run --init
	Memory     string        // docker run --memory, without swap on top; "" for no limit
	Repeat     int           // the number of runs, each with twins of its own; 0 means 1
	Probe      bool          // try what works on the twins, before and after the action
	Prove      bool          // test the explanation on the twins, once they run again
	Like       string        // a container that the twins are modeled on, instead of Image
	Network    string        // docker run --network; "" for none
	Ready      Ready         // when a twin of an image is ready
	During     []string      // a command that runs on the host from readiness until the action is over
	Orphans    bool          // observe how the other processes of the twins end
	Invocation []string      // the command line, for the report

	predict    bool // predict each action right before it is performed
	leaveEnded bool // do not start a twin again that has ended
}

// Run runs the experiment as often as o.Repeat asks. It may return both a report and an error if only some twins or some runs
// failed. It removes all twins, however it ends.
func Run(ctx context.Context, docker *dockercli.Client, o Options, progress Progress) (*document.Compare, error) {
	kernel, here, err := host.Check(ctx, docker)
	if err != nil {
		return nil, err
	}
	m := machine{docker, kernel, here}
	return repeat(ctx, o, progress, m.compare)
}

// machine is where the twins run.
type machine struct {
	docker *dockercli.Client
	kernel *cgroupfs.Host
	host   document.Host
}

// compare runs the experiment once.
func (m machine) compare(ctx context.Context, o Options, progress Progress) (doc *document.Compare, err, cleanUpErr error) {
	err, cleanUpErr = m.conduct(ctx, o, progress, func(x *experiment) error {
		p, err := x.prepare(ctx)
		if err != nil {
			return err
		}
		arms, err := x.carryOut(ctx, p)
		if err != nil {
			return err
		}
		var proofs []document.Proof
		if x.Prove {
			proofs = x.prove(ctx, arms)
		}
		if ctx.Err() != nil {
			return ctx.Err()
		}
		doc = x.document(p.recipe, arms, proofs)
		return x.finish(arms)
	})
	return doc, err, cleanUpErr
}

// conduct sets up an experiment, lets phases run it, and removes everything that it has made.
func (m machine) conduct(ctx context.Context, o Options, progress Progress, phases func(*experiment) error) (err, cleanUpErr error) {
	x, err := m.begin(ctx, o, progress)
	if err != nil {
		return err, nil
	}
	defer func() { cleanUpErr = x.cleanUp() }()
	return phases(x), nil
}

// experiment is one run of an experiment: what all its phases share.
type experiment struct {
	Options
	machine
	progress  Progress
	began     time.Time
	run       string     // the id of the run, in the twins' labels
	owner     twin.Owner // this process
	image     image
	events    *dockercli.Events
	leftovers leftovers
	failures  failures // those that concern no twin in particular
}

// begin makes sure that the image exists, and follows the events. Nothing has to be removed if it fails.
func (m machine) begin(ctx context.Context, o Options, progress Progress) (*experiment, error) {
	owner, err := twin.Self()
	if err != nil {
		return nil, err
	}
	x := &experiment{Options: o, machine: m, progress: progress, began: time.Now(), run: twin.NewRunID(), owner: owner}
	if x.image, err = x.findImage(ctx); err != nil {
		return nil, err
	}
	x.events, err = m.docker.Events(ctx, time.Now(), "label="+twin.RunLabel+"="+x.run)
	if err != nil {
		return nil, err
	}
	x.leftovers.atEnd(func() { x.events.Close() })
	return x, nil
}

// prepared is what the experiment has right before the action.
type prepared struct {
	recipe recipe
	probes probePlan
	twins  []*preparedTwin
}

// preparedTwin is a twin right before its action.
type preparedTwin struct {
	*runningTwin
	log      *workloadLog // nil unless the twin runs the embedded workload
	probed   firstProbes
	baseline baseline
	others   others
}

// prepare starts the twins, and observes them until right before the action.
func (x *experiment) prepare(ctx context.Context) (*prepared, error) {
	probes, err := x.planProbes(ctx)
	if err != nil {
		return nil, err
	}
	recipe := x.recipe(probes)
	started, err := x.start(ctx, recipe)
	if err != nil {
		return nil, err
	}
	running, err := x.find(ctx, started)
	if err != nil {
		return nil, err
	}
	logs, err := x.awaitReady(ctx, running, recipe.command)
	if err != nil {
		return nil, err
	}
	probed, err := x.probeBefore(ctx, running, probes)
	if err != nil {
		return nil, err
	}
	if err := x.startLoad(running[0]); err != nil {
		return nil, err
	}
	baselines, err := x.baseline(ctx, running)
	if err != nil {
		return nil, err
	}
	p := &prepared{recipe: recipe, probes: probes}
	for i, t := range running {
		p.twins = append(p.twins, &preparedTwin{runningTwin: t, log: logs[i], probed: probed[i], baseline: baselines[i],
			others: x.openOthers(t, baselines[i])})
	}
	return p, x.leftovers.load.check()
}

// carryOut performs the actions, and observes their effects and how the twins are brought back.
func (x *experiment) carryOut(ctx context.Context, p *prepared) ([]*arm, error) {
	performed := x.perform(ctx, p.twins)
	if err := x.leftovers.load.end(); err != nil {
		x.failures.add(err)
	}
	answers := x.observe(ctx, p.twins)
	arms := each(p.twins, func(i int, t *preparedTwin) *arm {
		after := x.hold(ctx, t, performed[i], answers[i])
		judged := judge(t, after)
		open := x.probeAfter(ctx, p.probes, t, after)
		resumed := x.resume(ctx, p.recipe, t, after)
		probes := append(t.probed.all, x.probeResumed(ctx, open, resumed)...)
		return &arm{preparedTwin: t, aftermath: after, judgement: judged, resumed: resumed, probes: probes}
	})
	for i, back := range x.inspectResumed(ctx, arms) {
		arms[i].back = back
	}
	return arms, ctx.Err()
}

// arm is one action on one twin, and everything that was observed of it.
type arm struct {
	*preparedTwin
	aftermath
	judgement
	probes  []document.Probe
	resumed resumed
	back    backRun // how the twin runs after it was brought back
}

// finish returns the failures. If there are none, the twins are known to be running or ended, which makes the clean-up simple.
func (x *experiment) finish(arms []*arm) error {
	all := x.failures.all()
	for _, a := range arms {
		for _, err := range a.failures.all() {
			all = append(all, fmt.Errorf("%s: %w", a.action, err))
		}
	}
	if len(all) > 0 {
		return errors.Join(all...)
	}
	for _, a := range arms {
		if !a.removed() {
			x.leftovers.settled = append(x.leftovers.settled, a.id)
		}
		if a.resumed.replacement != "" {
			x.leftovers.settled = append(x.leftovers.settled, a.resumed.replacement)
		}
	}
	return nil
}

// each calls do for all elements concurrently, and returns the results in order.
func each[T, U any](all []T, do func(i int, one T) U) []U {
	results := make([]U, len(all))
	var running sync.WaitGroup
	for i, one := range all {
		running.Go(func() { results[i] = do(i, one) })
	}
	running.Wait()
	return results
}

// failures collects errors that do not end the experiment.
type failures struct {
	mu   sync.Mutex
	errs []error
}

func (f *failures) add(err error) {
	f.mu.Lock()
	defer f.mu.Unlock()
	f.errs = append(f.errs, err)
}

func (f *failures) all() []error {
	f.mu.Lock()
	defer f.mu.Unlock()
	return append([]error{}, f.errs...)
}
