package experiment

import (
	"context"
	"errors"
	"fmt"
	"os"
	"time"

	"haltscope/cgroupfs"
	"haltscope/cgroupfs/figure"
	"haltscope/compare/rules/memory"
	"haltscope/compare/rules/proof"
	"haltscope/compare/rules/verdict"
	"haltscope/compare/value"
	"haltscope/compare/workload"
	"haltscope/dockercli"
)

// prove puts the explanation to the test, on the same twins. What the comparison reports has been measured by then.
func (x *experiment) prove(ctx context.Context) {
	cpus, _ := cgroupfs.ReadOnlineCPUs().Count().Value()
	f := proof.Facts{Version: x.kernel.Version, Embedded: x.embedded, Batch: memory.Batch(max(int(cpus), 1), os.Getpagesize()),
		Hold: noTwin[proof.Hold]("pause"), Reclaim: noTwin[proof.Reclaim]("pause"), Back: noTwin[proof.Back]("pause"), Stop: noTwin[proof.Stop]("stop")}
	if a := x.twinOf("pause"); a != nil {
		f.Sources = a.Group.Sources()
		f.Hold = a.hadHold()
		f.Reclaim, f.Back = x.proveReclaim(ctx, a)
	}
	// The last, for what else is done here would move MemAvailable.
	if a := x.twinOf("stop"); a != nil && ctx.Err() == nil {
		f.Stop = x.proveStop(ctx, a)
	}
	x.proofs = proof.Judge(f)
}

// twinOf finds a twin of an action that can be tried once more.
func (x *experiment) twinOf(verb string) *arm {
	for _, a := range x.arms {
		if a.action.Verb == verb {
			return a
		}
	}
	return nil
}

func noTwin[T any](verb string) value.Maybe[T] {
	return value.Absent[T](value.NotMeasured, "there was no twin of docker "+verb+": see --actions")
}

// notBack says why a twin cannot be tried once more; "" where it can.
func (a *arm) notBack() string {
	switch {
	case a.resumeCommand == "":
		return fmt.Sprintf("the twin of docker %s was not brought back: its verdict is %s", a.action, a.verdict.Kind)
	case a.resumeErr != nil:
		return fmt.Sprintf("docker %s of the twin of docker %s failed: %s", a.resumeCommand, a.action, dockercli.Cause(a.resumeErr))
	case a.recordsErr != nil:
		return fmt.Sprintf("the twin of docker %s did not come back whole: %s", a.action, a.recordsErr)
	}
	return ""
}

// hadHold is what was seen of the comparison's own pause.
func (a *arm) hadHold() value.Maybe[proof.Hold] {
	if a.verdict.Kind != verdict.Paused {
		return value.Absent[proof.Hold](value.NotMeasured, fmt.Sprintf("the twin was not paused: its verdict is %s", a.verdict.Kind))
	}
	h := proof.Hold{Effective: a.Effective, After: a.ReadAfter}
	for _, r := range a.sampler.end() {
		if r.Freezer.Frozen.Is(1) {
			h.Frozen = append(h.Frozen, r)
		}
	}
	return value.Known(h)
}

// visitFor is how long a program is watched that cannot be asked to touch its memory.
const visitFor = time.Second

// visit has the program deal with its memory: the embedded workload by touching all it holds, another by itself.
func (x *experiment) visit(ctx context.Context, a *arm, from *cgroupfs.Reading) (proof.Visit, cgroupfs.Reading, error) {
	began := time.Now()
	var v proof.Visit
	var after cgroupfs.Reading
	if x.embedded {
		t, err := x.touch(ctx, a)
		if err != nil {
			return v, after, err
		}
		v.Touch = t
	} else if err := wait(ctx, visitFor); err != nil {
		return v, after, err
	}
	v.Lasted = time.Since(began)
	a.Group.Read(&after)
	v.MajorFaults = difference(majorFaults(from), majorFaults(&after))
	return v, after, nil
}

// touch asks the embedded workload to touch all it holds.
func (x *experiment) touch(ctx context.Context, a *arm) (*proof.Touch, error) {
	limit, cancel := context.WithTimeout(ctx, readyLimit)
	defer cancel()
	had, _ := a.journal.await(limit, func(told) bool { return true })
	if _, err := x.docker.Kill(ctx, a.id, workload.TouchSignal); err != nil {
		return nil, err
	}
	told, ok := a.journal.await(limit, func(t told) bool { return len(t.touched) > len(had.touched) })
	switch {
	case ok:
	case told.err != nil:
		return nil, told.err
	default:
		return nil, errors.New("the embedded workload did not answer to the signal to touch its memory")
	}
	line := told.touched[len(told.touched)-1]
	return &proof.Touch{Held: usec(*line.HeldUsec), File: usec(*line.FileUsec), Intact: *line.Intact && line.Instance == told.started.Instance}, nil
}

func usec(v int64) time.Duration { return time.Duration(v) * time.Microsecond }

func majorFaults(r *cgroupfs.Reading) figure.Figure {
	if r.StatV1.TotalPgmajfault.State() != figure.NotMeasured {
		return r.StatV1.TotalPgmajfault
	}
	return r.Stat.Pgmajfault
}

// wait lets time pass, unless it is cut short.
func wait(ctx context.Context, d time.Duration) error {
	select {
	case <-ctx.Done():
		return ctx.Err()
	case <-time.After(d):
		return nil
	}
}

// failedStep is a step that failed: what the twin is to be blamed for, and what its proofs say.
func failedStep[T any](a *arm, err error) value.Maybe[T] {
	a.fail(fmt.Errorf("proving: %w", err))
	return value.Absent[T](value.Failed, dockercli.Cause(err))
}
