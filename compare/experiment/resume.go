package experiment

import (
	"context"
	"errors"
	"fmt"
	"time"

	"haltscope/cgroupfs/proc"
	"haltscope/compare/action"
	"haltscope/compare/workload"
	"haltscope/dockercli"
)

// resume brings a twin back the way Docker's users must, and sees what came back.
func (x *experiment) resume(ctx context.Context, a *arm) {
	switch {
	case ctx.Err() != nil:
		return
	case a.action.Verb == "restart" && a.anew():
		x.cameBack(ctx, a)
		return
	case a.action.Verb == "rm" && a.removed():
		x.runAnew(ctx, a)
		return
	}
	if a.After == nil || x.stays && a.After.State.Status == "exited" {
		return
	}
	bring := x.docker.Start
	switch a.After.State.Status {
	case "paused":
		a.resumeCommand, bring = "unpause", x.docker.Unpause
	case "exited":
		a.resumeCommand = "start"
	default:
		return // it runs: there is nothing to bring back
	}
	done := x.progress.Step("docker "+a.resumeCommand+", the twin of docker "+a.action.String(), 0)
	defer done()
	a.resumeBegan = time.Now()
	if _, a.resumeErr = bring(ctx, a.id); a.resumeErr != nil {
		a.fail(a.resumeErr)
		return
	}
	patience, cancel := context.WithTimeout(ctx, x.docker.Timeout)
	defer cancel()
	x.events.Await(patience, a.id, a.resumeBegan, func(events []dockercli.Event) bool { return action.Has(events, a.resumeCommand) })
	x.readAfterwards(ctx, a)
	a.resumeEvents = dockercli.Since(x.events.Of(a.id), a.resumeBegan)
}

// readBack finds out what became of the records. An instance that was started again has read the disk as it began; one
// that was thawed is asked to write its buffer and read back what the disk then holds.
func (x *experiment) readBack(ctx context.Context, a *arm) error {
	limit, cancel := context.WithTimeout(ctx, readyLimit)
	defer cancel()
	if a.resumeCommand == "unpause" {
		if _, err := x.docker.Kill(ctx, a.id, workload.ReportSignal); err != nil {
			return err
		}
		told, ok := a.journal.await(limit, func(t told) bool { return t.report != nil })
		if told.err != nil {
			return told.err
		}
		if !ok {
			return errors.New("the embedded workload did not report after the thaw")
		}
		a.records = &records{acknowledged: told.atReport, persisted: *told.report.Persisted,
			sameInstance: told.report.Instance == told.started.Instance}
		return nil
	}
	first, ok := a.journal.await(limit, func(t told) bool { return t.ended || t.next })
	if first.err != nil {
		return first.err
	}
	if !ok {
		return errors.New("the log of the ended twin came to no end")
	}
	second, err := x.follow(ctx, a.backID(), a.resumeBegan)
	if err != nil {
		return err
	}
	a.again = second
	again, ok := second.await(limit, func(t told) bool { return t.ready })
	if !ok {
		return fmt.Errorf("the embedded workload did not get ready after docker %s: %s", a.resumeCommand, x.docker.LastWords(ctx, a.backID()))
	}
	a.records = &records{acknowledged: first.acknowledged, persisted: *again.started.Persisted,
		sameInstance: again.started.Instance == first.started.Instance}
	return nil
}

// seeWhatCameBack asks Docker for the first processes and the kernel for what they are.
func (x *experiment) seeWhatCameBack(ctx context.Context) {
	var ids []string
	for _, a := range x.arms {
		if a.resumeCommand != "" && a.resumeErr == nil {
			ids = append(ids, a.backID())
		}
	}
	if len(ids) == 0 {
		return
	}
	found, err := x.docker.Inspect(ctx, ids...)
	if err != nil {
		x.fail(err)
	}
	for _, a := range x.arms {
		container, ok := found[a.backID()]
		if !ok || a.resumeCommand == "" {
			continue
		}
		group, err := x.kernel.Locate(container.State.Pid, a.backID())
		if err != nil {
			continue // it has ended again: inspect says how
		}
		group.Read(&a.resumedAt)
		group.Close()
		if stat, err := proc.ReadStat(container.State.Pid); err == nil {
			a.resumedStat = &stat
		}
	}
}
