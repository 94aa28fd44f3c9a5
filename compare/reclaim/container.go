package reclaim

import (
	"context"
	"errors"
	"fmt"
	"time"

	"github.com/rs/zerolog"

	"haltscope/cgroupfs"
	"haltscope/compare/fault"
	"haltscope/compare/rules/memory"
	"haltscope/compare/target"
	"haltscope/compare/value"
)

// step is how many bytes are requested at a time, so that a large reclaim shows progress and can be interrupted.
const step = 64 << 20

// before is a container before the reclaim.
type before struct {
	cgroupfs.Reading
	facts memory.Facts
}

// errNotNow means that the container has ended or is not frozen.
var errNotNow = errors.New("nothing is reclaimed")

// prepare finds the container's cgroup, refuses what cannot or should not be done, and reads it.
func prepare(kernel *cgroupfs.Host, t *target.Target, o Options) (before, error) {
	if err := t.Locate(kernel); err != nil {
		return before{}, err
	}
	status := value.Clean(t.Container.State.Status)
	if t.Group == nil {
		return before{}, fault.WithHint(fmt.Errorf("container %s is not running (%s): %w", t.Name(), status, errNotNow),
			"see: haltscope ps --all")
	}
	var b before
	t.Group.Read(&b.Reading)
	if !b.Freezer.Frozen.Is(1) && !o.Running {
		return before{}, fault.WithHint(fmt.Errorf("container %s is not frozen (%s), so it will take back what it needs: %w", t.Name(), status,
			errNotNow),
			"pause it first: docker pause "+t.Name()+"; or reclaim while it runs: --running")
	}
	if err := t.Group.CanReclaim(); err != nil {
		return before{}, refused(t, err)
	}
	details := t.Group.Details()
	b.facts = factsOf(&b.Reading, t.Group.Version, memory.Swap{Swap: t.Group.Swap(&details), LazyFree: t.Group.LazyFree()})
	return b, nil
}

func factsOf(r *cgroupfs.Reading, version int, swap memory.Swap) memory.Facts {
	return memory.Facts{Now: memory.Split(r, version), Swap: swap, Unevictable: memory.Unevictable(r, version)}
}

// refused explains why the kernel did not reclaim.
func refused(t *target.Target, err error) error {
	if errors.Is(err, cgroupfs.ErrNoReclaim) {
		err = fault.WithHint(err,
			"this needs Linux 5.19, or cgroup v1; docker stop ends the container and gives back everything except page cache")
	}
	return fmt.Errorf("container %s: %w", t.Name(), err)
}

// announce logs what cannot be reclaimed, before anything is tried.
func announce(log zerolog.Logger, name string, f memory.Facts) {
	line := log.Debug().Str("container", name)
	for _, k := range f.Kept() {
		if v, ok := k.Bytes.Get(); ok && v > 0 {
			line = line.Int64(k.Kind+"_bytes", v)
		}
	}
	line.Msg("reclaiming at most " + value.Bytes(atMost(f)) +
		" as well as what the kernel charged in advance; these kinds of memory cannot be reclaimed: " + f.Swap.Text())
}

// atMost returns how many bytes reclaim can free, besides what the kernel charged in advance.
func atMost(f memory.Facts) uint64 { return uint64(max(0, f.Reclaimable())) }

// reclaim requests memory step by step, until it has what was requested, the kernel finds no more (exhausted), or ctx ends.
func (r *result) reclaim(ctx context.Context, progress Progress) (after cgroupfs.Reading, exhausted bool, took time.Duration, err error) {
	start, known := r.before.Memory.Current.Value()
	if !known {
		return after, false, 0, fmt.Errorf("what is charged to %s is not known: %s", r.Group.Path, r.before.Memory.Current.State())
	}
	goal := r.options.Bytes
	if goal == 0 {
		goal = start
	}
	began := time.Now()
	set, done := progress.Measure("reclaiming up to "+value.Bytes(goal)+" from "+r.Name(), goal)
	defer done()
	for asked := uint64(0); asked < goal && ctx.Err() == nil; {
		request := min(step, goal-asked)
		if exhausted, err = r.Group.Reclaim(request); err != nil {
			return after, false, 0, err
		}
		r.Group.Read(&after)
		asked += request
		set(asked)
		// The kernel may take more than was requested, and v1 takes everything at once.
		now, known := after.Memory.Current.Value()
		enough := known && int64(start)-int64(now) >= int64(goal) || !r.Group.CanReclaimBytes()
		exhausted = exhausted && !enough
		if enough || exhausted {
			break
		}
	}
	took = time.Since(began)
	r.Group.Read(&after)
	return after, exhausted, took, ctx.Err()
}
