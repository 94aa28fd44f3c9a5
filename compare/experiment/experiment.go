// Package experiment runs throwaway containers, called twins, performs one Docker action on each, and measures what happens to
// their processes, memory, CPU time and data.
//
// The phases follow each other in the order of their files: image and recipe, start, find, ready, probe, load, baseline,
// perform, observe, hold, judge, resume, proof, document. Each returns a value that the next ones read.
package experiment

import (
	"context"
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
	Service    Service       // what else the twins get
	Ready      Ready         // when a twin of an image is ready
	During     []string      // a command that runs on the host from readiness until the action is over
	FineCodes  []int         // the exit codes that are no failure of a program that has handled a signal; nil for the usual ones
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
		recipe, arms, err := x.act(ctx)
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
		doc = x.document(recipe, arms, proofs)
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
	events    *dockercli.EventLog
	leftovers leftovers
	failures  failures // those that concern no twin in particular
	copying   sync.Mutex
	copied    int // how many twins have a copy of the container's content
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
	x.events, err = m.docker.LogEvents(ctx, time.Now(), twin.OfRun(x.run))
	if err != nil {
		return nil, err
	}
	x.leftovers.atEnd(func() { x.events.Close() })
	return x, nil
}
