// Package action performs docker kill, stop, pause, unpause, start and restart on containers that the user named, and reports
// what each action really did. The experiment performs the same actions on twins through [Action].
package action

import (
	"context"
	"errors"
	"fmt"
	"sync"
	"time"

	"github.com/moby/sys/signal"

	"haltscope/compare/document"
	"haltscope/compare/fault"
	"haltscope/compare/rules/prediction"
	"haltscope/compare/target"
	"haltscope/compare/value"
	"haltscope/dockercli"
)

// Options is what is done.
type Options struct {
	Verb   string // kill, stop, pause, unpause, start, restart
	Signal string // of kill, stop and restart, as docker takes it; "" for docker's default
	Grace  *int   // of stop and restart, in seconds; nil for the container's own, below 0 for ever
	DryRun bool
}

// verb is the action as the rules of predict take it.
func (o *Options) verb() (prediction.Verb, error) {
	v := prediction.Verb{Name: o.Verb}
	if o.Signal != "" {
		n, err := signal.ParseSignal(o.Signal)
		if err != nil || n < 1 || n > 64 {
			return v, &fault.UsageError{Text: fmt.Sprintf("--signal %q is not a signal; try TERM or 15", o.Signal)}
		}
		v.Signal = int(n)
	}
	if o.Grace != nil {
		if *o.Grace > maxGrace {
			return v, &fault.UsageError{Text: fmt.Sprintf("-t %d is more than a year; -1 is for ever", *o.Grace)}
		}
		grace := time.Duration(*o.Grace) * time.Second
		v.Grace = &grace
	}
	return v, nil
}

// maxGrace is a year, in seconds.
const maxGrace = 366 * 24 * 60 * 60

// Run does it to several containers side by side. The report is there also beside an error that concerns some of them.
func Run(ctx context.Context, docker *dockercli.Client, names []string, o Options, progress Progress) (*document.Action, error) {
	verb, err := o.verb()
	if err != nil {
		return nil, err
	}
	done := progress.Step("finding the containers", 0)
	kernel, here, subjects, failed := target.Find(ctx, docker, names)
	done()
	if len(subjects) == 0 {
		return nil, failed
	}
	deeds := make([]*containerAction, len(subjects))
	for i, s := range subjects {
		deeds[i] = &containerAction{verb: verb, dryRun: o.DryRun, kernel: kernel, engine: here.EngineVersion}
		deeds[i].Action = deeds[i].act(o, docker, s)
		defer deeds[i].close()
	}
	if o.Signal != "" && o.Verb != "kill" {
		if err := signalTaken(ctx, docker, o.Verb); err != nil {
			return nil, err
		}
	}
	if !o.DryRun {
		var mine []string
		for _, d := range deeds {
			mine = append(mine, "container="+d.Before.ID)
		}
		events, err := docker.Events(ctx, time.Now(), mine...)
		if err != nil {
			return nil, err
		}
		defer events.Close()
		for _, d := range deeds {
			d.Events = events
		}
	}
	var all sync.WaitGroup
	for _, d := range deeds {
		all.Go(func() { d.run(ctx, progress) })
	}
	all.Wait()
	doc := &document.Action{Schema: document.ActionSchema, Host: here, Action: o.Verb, DryRun: o.DryRun, Containers: []document.ContainerAction{}}
	for _, d := range deeds {
		doc.Containers = append(doc.Containers, d.document())
		failed = errors.Join(failed, d.failed(ctx))
	}
	doc.Notes = document.Notes(doc)
	return doc, failed
}

// signalTaken refuses a signal that the engine would pass over without a word: `docker stop --signal` and restart's came
// with API 1.42 (engine 23.0).
func signalTaken(ctx context.Context, docker *dockercli.Client, verb string) error {
	if docker.Engine() != dockercli.Docker {
		return nil // podman refuses a flag that it does not know
	}
	api, err := docker.APIVersion(ctx)
	if err != nil {
		return err
	}
	if newer, _ := value.VersionAtLeast(api, "1.42"); !newer {
		return &fault.UsageError{Text: fmt.Sprintf("--signal: this engine's API is %s, and docker %s takes a signal from 1.42 on; before, it is passed over without a word", api, verb),
			Next: "send it by haltscope kill --signal, or give the container a stop signal when it is made (docker run --stop-signal)"}
	}
	return nil
}
