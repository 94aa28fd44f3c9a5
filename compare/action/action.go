// Package action performs docker kill, stop, pause, unpause, start and restart on containers that the user named, and reports
// what each action really did. The experiment performs the same actions on twins through [Action.Do].
//
// An action on one container has five phases, and each returns a value:
//
//	expect    what the rules of predict say will happen     expectation
//	before    the container right before the action         Initial
//	perform   docker's command, its effect, its events      Result
//	observe   the container after the action                Final
//	judge     how the run before ended, or that it did not  verdict.Verdict
//
// A record holds them all; document.go turns it into JSON.
package action

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"sync"
	"time"

	"github.com/rs/zerolog"

	"haltscope/cgroupfs"
	"haltscope/compare/document"
	"haltscope/compare/fault"
	"haltscope/compare/rules/prediction"
	"haltscope/compare/target"
	"haltscope/compare/value"
	"haltscope/dockercli"
)

// Options are what to do.
type Options struct {
	Verb   value.Verb // any but rm
	Signal string     // of kill, stop and restart, as docker takes it; "" for docker's default
	Grace  *int       // of stop and restart, in seconds; nil for the container's own, below 0 for no end
	DryRun bool
	Expect []value.Kind // verdicts that the user expects: each container must have one of them; empty for any
}

// maxGrace is a year, in seconds.
const maxGrace = 366 * 24 * 60 * 60

// action returns the action for the rules of predict.
func (o *Options) action() (prediction.Action, error) {
	a := prediction.Action{Verb: o.Verb}
	if o.Signal != "" {
		n, err := value.ParseSignal(o.Signal)
		if err != nil || !value.ValidSignal(n) {
			return a, &fault.UsageError{Text: fmt.Sprintf("--signal %q is not a signal; try TERM or 15", o.Signal)}
		}
		a.Signal = n
	}
	if err := o.validExpect(); err != nil {
		return a, err
	}
	if o.Grace != nil {
		if *o.Grace > maxGrace {
			return a, &fault.UsageError{Text: fmt.Sprintf("-t %d is more than a year; use -1 for no limit", *o.Grace)}
		}
		grace := time.Duration(*o.Grace) * time.Second
		a.Grace = &grace
	}
	return a, nil
}

// signalWait is how long to wait for the end after a signal that need not end the container.
const signalWait = 2 * time.Second

// request returns the request for a container. a is the action for the rules, daemon the grace of the daemon, in seconds; nil for none.
func (o *Options) request(a prediction.Action, c *dockercli.Container, daemon *int) Request {
	r := Request{Verb: o.Verb, SignalFlag: o.Signal, GraceFlag: a.Grace, Grace: value.Grace(cmp.Or(o.Grace, c.Config.StopTimeout, daemon)),
		SignalWait: signalWait}
	if r.Ends() {
		r.Signal = SignalNumber(o.Verb, o.Signal, c.Config.StopSignal)
	}
	return r
}

// Run performs the action on all containers concurrently. It may return both a document and an error, if only some failed.
func Run(ctx context.Context, docker engine, which target.Selection, o Options, progress Progress) (*document.Action, error) {
	log := docker.Logger()
	action, err := o.action()
	if err != nil {
		return nil, err
	}
	done := progress.Step("finding the containers", 0)
	kernel, here, targets, failed := target.Find(ctx, docker, which)
	done()
	if !which.ByName() && len(targets) > 0 {
		if targets, err = withoutOwn(log, kernel, targets); err != nil {
			return nil, errors.Join(err, failed)
		}
	}
	if len(targets) == 0 && failed != nil {
		return nil, failed
	}
	doc := &document.Action{Schema: document.ActionSchema, Host: here, Action: string(o.Verb), DryRun: o.DryRun,
		Containers: []document.ContainerAction{}}
	if len(targets) == 0 {
		doc.Notes = document.Notes(doc)
		return doc, nil
	}
	if o.Signal != "" && o.Verb != value.Kill {
		if err := checkSignalFlag(ctx, docker, o.Verb); err != nil {
			closeAll(targets)
			return nil, err
		}
	}
	var events *dockercli.EventLog
	followed := time.Now()
	if !o.DryRun {
		if !which.ByName() {
			announce(log, o.Verb, targets)
		}
		if events, err = followEvents(ctx, docker, followed, targets); err != nil {
			closeAll(targets)
			return nil, err
		}
		defer events.Close()
	}
	daemon, err := target.DaemonGrace(ctx, docker, here.EngineVersion)
	if err != nil {
		// Docker's own default is the best guess.
		log.Debug().Err(err).Msg("cannot read the daemon's default grace")
	}
	shared := common{docker: docker, log: log, kernel: kernel, events: events, action: action, dryRun: o.DryRun, followed: followed,
		sharing: target.NewSharing(ctx, docker, kernel), turns: make(turns, atOnce)}
	if docker.Engine() == dockercli.Docker {
		shared.inspector = target.NewInspector(ctx, docker, here.EngineVersion, withGroup(targets)...)
	}
	records := make([]record, len(targets))
	var all sync.WaitGroup
	for i, t := range targets {
		j := job{shared, t}
		all.Go(func() { records[i] = j.run(ctx, o.request(action, &t.Container, daemon.Seconds), progress) })
	}
	all.Wait()
	for i := range records {
		r := &records[i]
		one, err := r.document(), r.failure(ctx, log, which.ByName())
		if len(o.Expect) > 0 {
			v, why := r.judge()
			one.Expectation = r.expectation(o.Expect, v, why)
			err = cmp.Or(err, notMet(&one))
		}
		doc.Containers = append(doc.Containers, one)
		failed = errors.Join(failed, err)
		r.close()
	}
	doc.Notes = document.Notes(doc)
	return doc, failed
}

// announce logs the containers that were selected and not named, before anything is done to them.
func announce(log zerolog.Logger, verb value.Verb, targets []*target.Target) {
	names := make([]string, len(targets))
	for i, t := range targets {
		names[i] = t.Name()
	}
	log.Info().Strs("containers", names).Msgf("%s: %s selected", verb, value.Count(len(names), "container", "containers"))
}

func closeAll(targets []*target.Target) {
	for _, t := range targets {
		t.Close()
	}
}

// followEvents follows the events of the containers from a moment on.
func followEvents(ctx context.Context, docker engine, from time.Time, targets []*target.Target) (*dockercli.EventLog, error) {
	var filter dockercli.Filter
	for _, t := range targets {
		filter.Containers = append(filter.Containers, t.Container.ID)
	}
	return docker.LogEvents(ctx, from, filter)
}

// checkSignalFlag refuses a signal that the engine would ignore silently: the flag --signal of docker stop and docker restart came
// with API 1.42 (engine and client 23.0).
func checkSignalFlag(ctx context.Context, docker engine, verb value.Verb) error {
	if docker.Engine() != dockercli.Docker {
		return nil // podman refuses a flag that it does not know
	}
	api, err := docker.APIVersion(ctx)
	if err != nil {
		return err
	}
	if newer, _ := value.VersionAtLeast(api, "1.42"); !newer {
		return &fault.UsageError{Text: fmt.Sprintf("--signal: docker and its daemon have agreed on API %s; docker %s accepts a signal from API "+
			"1.42 on, and ignores it silently before", api, verb),
			Next: "send it with haltscope kill --signal, or set a stop signal when you create the container (docker run --stop-signal)"}
	}
	return nil
}

// withGroup returns the containers that have a cgroup.
func withGroup(targets []*target.Target) (all []dockercli.Container) {
	for _, t := range targets {
		if t.Group != nil {
			all = append(all, t.Container)
		}
	}
	return all
}

// common is what the actions on several containers share.
type common struct {
	docker    engine
	log       zerolog.Logger
	kernel    *cgroupfs.Host
	inspector *target.Inspector // nil for an engine for which predict has no rules
	sharing   *target.Sharing
	events    *dockercli.EventLog
	action    prediction.Action
	dryRun    bool
	followed  time.Time // since when the events are known
	turns     turns
}

// job is an action on one container.
type job struct {
	common
	target *target.Target
}

// run goes through the phases.
func (j *job) run(ctx context.Context, r Request, progress Progress) record {
	name := j.target.Name()
	giveBack := j.turns.take()
	defer func() { giveBack() }()
	done := progress.Step("inspecting "+name, 0)
	expected := j.expect()
	if expected.facts != nil {
		r.Grace = expected.facts.Grace
	}
	before := j.before(&r)
	done()
	rec := record{Action: Action{Request: r, Initial: before.Initial, Docker: j.docker, Events: j.events, Log: j.log}, dryRun: j.dryRun,
		expected: expected, membersBefore: before.members, killPending: before.killPending}
	if j.dryRun || ctx.Err() != nil {
		return rec
	}
	text := fmt.Sprintf("%s %s %s", j.docker.Engine(), r.Verb, name)
	if r.Stops() && before.Group != nil {
		done = progress.Grace(text, r.Grace)
	} else {
		done = progress.Step(text, 0)
	}
	defer done()
	begun := time.AfterFunc(beginning, giveBack)
	emptied := awaitEmpty(ctx, &r, &before.Initial)
	rec.Do(ctx)
	rec.emptyAt = emptied(rec.EffectAt != nil)
	if !begun.Stop() {
		giveBack = j.turns.take()
	}
	after := j.observe(ctx, &r, &before.Initial, rec.interrupted())
	rec.Final, rec.membersAfter, rec.sameProcess = after.Final, after.members, after.sameProcess
	rec.exiting = after.exiting
	if rec.killPending == "" {
		rec.killPending = after.killPending
	}
	return rec
}
