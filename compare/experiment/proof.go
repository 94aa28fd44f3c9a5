package experiment

import (
	"context"
	"errors"
	"fmt"
	"os"
	"time"

	"haltscope/cgroupfs"
	"haltscope/cgroupfs/figure"
	"haltscope/compare/document"
	"haltscope/compare/rules/memory"
	"haltscope/compare/rules/proof"
	"haltscope/compare/rules/verdict"
	"haltscope/compare/value"
	"haltscope/compare/workload"
	"haltscope/dockercli"
)

// prove tests the explanation on the same twins. Everything that the comparison reports was measured before.
func (x *experiment) prove(ctx context.Context, arms []*arm) []document.Proof {
	pause, stop := armOf(arms, value.Pause), armOf(arms, value.Stop)
	f := proof.Facts{
		Version:  x.kernel.Version,
		Batch:    memory.Batch(onlineCPUs(), os.Getpagesize()),
		Embedded: x.image.embedded,
		Hold:     noTwin[proof.Hold](value.Pause),
		Reclaim:  noTwin[proof.Reclaim](value.Pause),
		Return:   noTwin[proof.Return](value.Pause),
		Stop:     noTwin[proof.Stop](value.Stop),
	}
	if pause != nil {
		f.Sources = pause.group.Sources()
		f.Hold = pause.observedHold()
		f.Reclaim, f.Return = x.proveReclaim(ctx, pause)
	}
	if stop != nil && ctx.Err() == nil { // last, for the other tests move MemAvailable
		f.Stop = x.proveStop(ctx, stop)
	}
	return proof.Judge(f)
}

// onlineCPUs is the number of processors; 1 where it is not known, which makes the kernel's error bound the narrowest.
func onlineCPUs() int {
	if n, ok := cgroupfs.ReadOnlineCPUs().Count().Value(); ok {
		return max(int(n), 1)
	}
	return 1
}

// armOf finds the first arm of an action.
func armOf(arms []*arm, verb value.Verb) *arm {
	for _, a := range arms {
		if a.action.Verb == verb {
			return a
		}
	}
	return nil
}

func noTwin[T any](verb value.Verb) value.Maybe[T] {
	return value.Absent[T](value.NotMeasured, "there was no twin of docker "+string(verb)+": see --actions")
}

// unusable says why a twin cannot be used once more; "" if it can.
func (a *arm) unusable() string {
	r := &a.resumed
	switch {
	case r.command == "":
		return fmt.Sprintf("the twin of docker %s was not brought back: its verdict is %s", a.action, a.verdict.Kind)
	case r.err != nil:
		return fmt.Sprintf("docker %s of the twin of docker %s failed: %s", r.command, a.action, dockercli.Cause(r.err))
	case r.recordsErr != nil:
		return fmt.Sprintf("the twin of docker %s did not come back intact: %s", a.action, r.recordsErr)
	}
	return ""
}

// observedHold is what was observed of the comparison's own pause.
func (a *arm) observedHold() value.Maybe[proof.Hold] {
	if a.verdict.Kind != verdict.Paused {
		return value.Absent[proof.Hold](value.NotMeasured, fmt.Sprintf("the twin was not paused: its verdict is %s", a.verdict.Kind))
	}
	h := proof.Hold{Effective: a.performed.Effective, After: a.performed.ReadAfter}
	for _, r := range a.samples {
		if r.Freezer.Frozen.Is(1) {
			h.Frozen = append(h.Frozen, r)
		}
	}
	return value.Known(h)
}

// visitFor is how long a program is watched that cannot be asked to touch its memory.
const visitFor = time.Second

// visit lets the program use its memory: the embedded workload touches all that it holds, another program runs for a while.
func (x *experiment) visit(ctx context.Context, a *arm, from *cgroupfs.Reading) (proof.Visit, cgroupfs.Reading, error) {
	began := time.Now()
	var v proof.Visit
	var after cgroupfs.Reading
	if a.log != nil {
		t, err := touch(ctx, x.docker, a.id, a.log)
		if err != nil {
			return v, after, err
		}
		v.Touch = t
	} else if err := wait(ctx, visitFor); err != nil {
		return v, after, err
	}
	v.Lasted = time.Since(began)
	a.group.Read(&after)
	v.MajorFaults = difference(majorFaults(from), majorFaults(&after))
	return v, after, nil
}

// touch asks the embedded workload to touch everything that it holds.
func touch(ctx context.Context, docker actor, id string, log *workloadLog) (*proof.Touch, error) {
	limit, cancel := context.WithTimeout(ctx, readyLimit)
	defer cancel()
	before, _ := log.current()
	if _, err := docker.Do(ctx, id, dockercli.Kill{Signal: workload.TouchSignal}); err != nil {
		return nil, err
	}
	s, ok := log.await(limit, func(s logState) bool { return len(s.touched) > len(before.touched) })
	switch {
	case ok:
	case s.err != nil:
		return nil, s.err
	default:
		return nil, errors.New("the embedded workload did not respond to the signal to touch its memory")
	}
	line := s.touched[len(s.touched)-1]
	return &proof.Touch{Held: usec(*line.HeldUsec), File: usec(*line.FileUsec),
		Intact: *line.Intact && line.Instance == s.started.Instance}, nil
}

func usec(v int64) time.Duration { return time.Duration(v) * time.Microsecond }

func majorFaults(r *cgroupfs.Reading) figure.Figure {
	if r.StatV1.TotalPgmajfault.State() != figure.NotMeasured {
		return r.StatV1.TotalPgmajfault
	}
	return r.Stat.Pgmajfault
}

// failedStep records an error as a failure of the twin, and returns it as the reason why a step has no result.
func failedStep[T any](a *arm, err error) value.Maybe[T] {
	a.failures.add(fmt.Errorf("proving: %w", err))
	return value.Absent[T](value.Failed, dockercli.Cause(err))
}
