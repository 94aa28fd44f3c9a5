package experiment

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"io/fs"
	"sync"
	"time"

	"haltscope/cgroupfs"
	"haltscope/compare/action"
	"haltscope/compare/rules/memory"
	"haltscope/compare/rules/proof"
	"haltscope/compare/value"
	"haltscope/dockercli"
)

// proveReclaim pauses the twin once more, asks the kernel to reclaim all that is charged to it, and lets the twin take it back.
func (x *experiment) proveReclaim(ctx context.Context, a *arm) (value.Maybe[proof.Reclaim], value.Maybe[proof.Return]) {
	both := func(reason value.Reason, detail string) (value.Maybe[proof.Reclaim], value.Maybe[proof.Return]) {
		return value.Absent[proof.Reclaim](reason, detail), value.Absent[proof.Return](reason, detail)
	}
	failed := func(err error) (value.Maybe[proof.Reclaim], value.Maybe[proof.Return]) {
		return failedStep[proof.Reclaim](a, err), value.Absent[proof.Return](value.Failed, dockercli.Cause(err))
	}
	if why := a.unusable(); why != "" {
		return both(value.NotMeasured, why)
	}
	var before cgroupfs.Reading
	a.group.Read(&before)
	done := x.progress.Step("proving: the warm twin of docker pause", 0)
	warm, _, err := x.visit(ctx, a, &before)
	done()
	if err != nil {
		return failed(err)
	}
	if err := x.freeze(ctx, a); err != nil {
		return failed(err)
	}
	reclaimed, reclaimErr := x.reclaim(ctx, a)
	if ctx.Err() != nil {
		return both(value.NotMeasured, "interrupted") // the clean-up thaws the twin
	}
	done = x.progress.Step("proving: docker unpause after the reclaim", 0)
	defer done()
	if _, err := x.docker.Do(ctx, a.id, dockercli.Unpause{}); err != nil {
		return failed(err)
	}
	switch {
	case errors.Is(reclaimErr, cgroupfs.ErrNoReclaim):
		return both(value.Unsupported, cgroupfs.ErrNoReclaim.Error())
	case errors.Is(reclaimErr, fs.ErrPermission):
		return both(value.Denied, reclaimErr.Error())
	case reclaimErr != nil:
		return failed(reclaimErr)
	}
	cold, after, err := x.visit(ctx, a, &reclaimed.After)
	if err != nil {
		return value.Known(reclaimed), failedStep[proof.Return](a, err)
	}
	return value.Known(reclaimed), value.Known(proof.Return{Warm: warm, Cold: cold, Frozen: reclaimed.After, After: after})
}

// freeze pauses the twin, and waits until the kernel confirms it.
func (x *experiment) freeze(ctx context.Context, a *arm) error {
	done := x.progress.Step("proving: docker pause again", 0)
	defer done()
	if _, err := x.docker.Do(ctx, a.id, dockercli.Pause{Thawed: action.Thawed(a.group)}); err != nil {
		return err
	}
	limit, cancel := context.WithTimeoutCause(ctx, action.EffectLimit,
		fmt.Errorf("docker pause returned, but the cgroup was not frozen within %s", action.EffectLimit))
	defer cancel()
	_, err := a.group.AwaitFrozen(limit, true)
	return err
}

// reclaim asks the kernel to reclaim all that is charged to the frozen twin, and watches whether the twin stays frozen. The
// kernel cannot be interrupted: if ctx ends first, the reclaim continues until it is done or the twin is gone.
func (x *experiment) reclaim(ctx context.Context, a *arm) (r proof.Reclaim, err error) {
	details := a.group.Details()
	a.group.Read(&r.Before)
	charged, ok := r.Before.Memory.Current.Value()
	if !ok {
		return r, fmt.Errorf("the memory charged to %s is unknown: %s", a.group.Path, r.Before.Memory.Current.State())
	}
	r.Asked = charged
	r.Swap = memory.Swap{Swap: a.group.Swap(&details), LazyFree: a.group.LazyFree()}
	done := x.progress.Step("proving: reclaiming "+value.Bytes(charged)+" from the frozen twin", 0)
	defer done()

	watching, stop := context.WithCancel(ctx)
	defer stop()
	var watchErr error
	watched := make(chan struct{})
	go func() {
		defer close(watched)
		r.Thawed, watchErr = wasThawed(watching, a.group)
	}()
	began := time.Now()
	asked := make(chan error, 1)
	var pending sync.WaitGroup
	x.leftovers.atEnd(pending.Wait) // the call needs the open group
	pending.Go(func() {
		_, err := a.group.Reclaim(charged)
		asked <- err
	})
	select {
	case <-ctx.Done():
		<-watched
		return r, ctx.Err()
	case err = <-asked:
	}
	r.Took = time.Since(began)
	stop()
	<-watched
	a.group.Read(&r.After)
	r.LazyFree = a.group.LazyFree()
	return r, cmp.Or(err, watchErr)
}

// wasThawed watches a frozen cgroup until ctx ends, and reports whether it was thawed at any moment.
func wasThawed(ctx context.Context, group *cgroupfs.Group) (thawed bool, err error) {
	err = group.Watch(ctx, func(c cgroupfs.Change) bool {
		thawed = thawed || !c.Frozen.Is(1)
		return true
	})
	if ctx.Err() != nil {
		return thawed, nil
	}
	return thawed, err
}
