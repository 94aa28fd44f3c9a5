package experiment

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"time"

	"haltscope/cgroupfs"
	"haltscope/compare/rules/memory"
	"haltscope/compare/rules/proof"
	"haltscope/compare/value"
	"haltscope/dockercli"
)

// proveReclaim pauses the twin once more, asks the kernel for all that is charged to it, and lets it take it back.
func (x *experiment) proveReclaim(ctx context.Context, a *arm) (value.Maybe[proof.Reclaim], value.Maybe[proof.Back]) {
	both := func(reason value.Reason, detail string) (value.Maybe[proof.Reclaim], value.Maybe[proof.Back]) {
		return value.Absent[proof.Reclaim](reason, detail), value.Absent[proof.Back](reason, detail)
	}
	if why := a.notBack(); why != "" {
		return both(value.NotMeasured, why)
	}
	failed := func(err error) (value.Maybe[proof.Reclaim], value.Maybe[proof.Back]) {
		return failedStep[proof.Reclaim](a, err), value.Absent[proof.Back](value.Failed, dockercli.Cause(err))
	}
	var before cgroupfs.Reading
	a.Group.Read(&before)
	done := x.progress.Step("proving: the twin of docker pause, warm", 0)
	warm, _, err := x.visit(ctx, a, &before)
	done()
	if err != nil {
		return failed(err)
	}
	if err := x.freeze(ctx, a); err != nil {
		return failed(err)
	}
	took, reclaimErr := x.reclaim(ctx, a)
	if ctx.Err() != nil {
		return both(value.NotMeasured, "interrupted") // nobody will read it; the clean-up thaws
	}
	done = x.progress.Step("proving: docker unpause, the twin after its reclaim", 0)
	defer done()
	if _, err := x.docker.Unpause(ctx, a.id); err != nil {
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
	cold, after, err := x.visit(ctx, a, &took.After)
	if err != nil {
		return value.Known(took), failedStep[proof.Back](a, err)
	}
	return value.Known(took), value.Known(proof.Back{Warm: warm, Cold: cold, Frozen: took.After, After: after})
}

// freeze pauses the twin, and waits for the kernel.
func (x *experiment) freeze(ctx context.Context, a *arm) error {
	done := x.progress.Step("proving: docker pause, once more", 0)
	defer done()
	if _, err := x.docker.Pause(ctx, a.id); err != nil {
		return err
	}
	limit, cancel := context.WithTimeoutCause(ctx, effectLimit, fmt.Errorf("docker pause returned, and its cgroup was not frozen within %s", effectLimit))
	defer cancel()
	_, err := a.Group.AwaitFrozen(limit, true)
	return err
}

// reclaim asks for all that is charged to the frozen twin, and looks on. The kernel cannot be interrupted: where ctx
// ends first, it goes on behind our back until it is done or the twin is gone.
func (x *experiment) reclaim(ctx context.Context, a *arm) (r proof.Reclaim, err error) {
	details := a.Group.Details()
	a.Group.Read(&r.Before)
	charged, ok := r.Before.Memory.Current.Value()
	if !ok {
		return r, fmt.Errorf("what is charged to %s is not known: %s", a.Group.Path, r.Before.Memory.Current.State())
	}
	r.Asked = charged
	r.Swap = memory.Swap{Swap: a.Group.Swap(&details), LazyFree: a.Group.LazyFree()}
	done := x.progress.Step("proving: reclaim of "+value.Bytes(charged)+" from the frozen twin", 0)
	defer done()

	watching, stop := context.WithCancel(ctx)
	defer stop()
	thawed := make(chan bool, 1)
	go func() {
		seen := false
		a.Group.Watch(watching, func(c cgroupfs.Change) bool {
			seen = seen || !c.Frozen.Is(1)
			return true
		})
		thawed <- seen
	}()
	began := time.Now()
	asked := make(chan error, 1)
	a.pending.Go(func() {
		_, err := a.Group.Reclaim(charged)
		asked <- err
	})
	select {
	case <-ctx.Done():
		return r, ctx.Err()
	case err = <-asked:
	}
	r.Took = time.Since(began)
	stop()
	r.Thawed = <-thawed
	a.Group.Read(&r.After)
	r.LazyFree = a.Group.LazyFree()
	return r, err
}
