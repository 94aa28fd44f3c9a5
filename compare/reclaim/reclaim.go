package reclaim

import (
	"context"
	"errors"
	"fmt"
	"time"

	"haltscope/cgroupfs"
	"haltscope/cgroupfs/figure"
	"haltscope/compare/document"
	"haltscope/compare/fault"
	"haltscope/compare/figures"
	"haltscope/compare/rules/memory"
	"haltscope/compare/target"
	"haltscope/compare/value"
	"haltscope/dockercli"
)

// Options says how much of a container's memory is to be given back.
type Options struct {
	Bytes   uint64 // 0 for all that the kernel can take
	DryRun  bool   // only tell what could be had
	Running bool   // of containers that are not frozen, too
}

// reclaimStep is how much is asked for at a time: a large reclaim can be watched, and interrupted in between.
const reclaimStep = 64 << 20

// Run gives memory of containers back to the host. It is the only thing of this room that changes a container, which
// stays as it is but for where its pages are. The report is there also beside an error that concerns some of them only.
func Run(ctx context.Context, docker *dockercli.Client, names []string, o Options, progress Progress) (*document.Reclaim, error) {
	done := progress.Step("finding the containers", 0)
	kernel, here, subjects, failed := target.FindContainers(ctx, docker, names)
	done()
	if kernel != nil && kernel.Version == 1 && o.Bytes > 0 {
		return nil, &fault.UsageError{Text: "--bytes: cgroup v1 can be asked for all or nothing (memory.force_empty)", Next: "leave it out, or use --all"}
	}
	if len(subjects) == 0 {
		return nil, failed
	}
	doc := &document.Reclaim{Schema: document.ReclaimSchema, Host: here, DryRun: o.DryRun, Containers: []document.Reclaimed{}}
	for _, s := range subjects {
		r := &reclaim{Target: s, options: o, log: docker}
		one, err := r.run(ctx, kernel, progress)
		failed = errors.Join(failed, err)
		if one != nil {
			doc.Containers = append(doc.Containers, *one)
		}
		s.Close()
		if ctx.Err() != nil {
			return nil, errors.Join(ctx.Err(), failed)
		}
	}
	if len(doc.Containers) == 0 {
		return nil, failed
	}
	doc.Notes = document.Notes(doc)
	return doc, failed
}

// reclaim is the reclaim from one container.
type reclaim struct {
	*target.Target
	options       Options
	log           *dockercli.Client
	before, after cgroupfs.Reading
	swap          memory.Swap
	exhausted     bool
	took          time.Duration
}

func (r *reclaim) run(ctx context.Context, kernel *cgroupfs.Host, progress Progress) (*document.Reclaimed, error) {
	if err := r.Locate(kernel); err != nil {
		return nil, err
	}
	if r.Group == nil {
		return nil, fault.WithHint(fmt.Errorf("container %s does not run (%s): nothing is charged to it that could be reclaimed", r.Name(), value.Clean(r.Container.State.Status)),
			"see: haltscope ps --all")
	}
	r.Group.Read(&r.before)
	if !r.before.Freezer.Frozen.Is(1) && !r.options.Running {
		return nil, fault.WithHint(fmt.Errorf("container %s is not frozen (%s), and will take back what it needs", r.Name(), value.Clean(r.Container.State.Status)),
			"pause it first: docker pause "+r.Name()+"; or reclaim from it as it runs: --running")
	}
	if err := r.Group.CanReclaim(); err != nil {
		return nil, r.refused(err)
	}
	details := r.Group.Details()
	r.swap = memory.Swap{Swap: r.Group.Swap(&details), LazyFree: r.Group.LazyFree()}
	r.after = r.before
	if !r.options.DryRun {
		r.foretell()
		began := time.Now()
		err := r.reclaim(ctx, progress)
		r.took = time.Since(began)
		r.Group.Read(&r.after)
		if err != nil {
			return nil, r.refused(err)
		}
	}
	return r.document(), nil
}

// refused says what then, where the kernel does not do it.
func (r *reclaim) refused(err error) error {
	if errors.Is(err, cgroupfs.ErrNoReclaim) {
		err = fault.WithHint(err, "it takes Linux 5.19, or cgroup v1; docker stop ends it, and gives back all but page cache")
	}
	return fmt.Errorf("container %s: %w", r.Name(), err)
}

// foretell says before anything is tried what cannot be had.
func (r *reclaim) foretell() {
	line := r.log.Log.Info().Str("container", r.Name())
	for _, k := range r.cannot() {
		if v, ok := k.Bytes.Get(); ok && v > 0 {
			line = line.Int64(k.Kind+"_bytes", v)
		}
	}
	line.Msg("reclaiming at most " + value.Bytes(r.atMost()) + ", and what the kernel charges ahead; the rest cannot be had, as listed: " + r.swap.Text())
}

// reclaim asks step by step, until it has what was asked for, there is no more to take, or ctx ends.
func (r *reclaim) reclaim(ctx context.Context, progress Progress) error {
	charged := func(reading *cgroupfs.Reading) uint64 {
		v, _ := reading.Memory.Current.Value()
		return v
	}
	start := charged(&r.before)
	target := r.options.Bytes
	if target == 0 {
		target = start
	}
	var now cgroupfs.Reading
	set, done := progress.Measure("reclaiming from "+r.Name()+", of "+value.Bytes(target), target)
	defer done()
	for asked := uint64(0); asked < target && ctx.Err() == nil; {
		step := min(reclaimStep, target-asked)
		less, err := r.Group.Reclaim(step)
		if err != nil {
			return err
		}
		r.Group.Read(&now)
		asked += step
		set(asked)
		// The kernel may take more than it was asked for, and v1 takes all at once.
		if freed := int64(start) - int64(charged(&now)); freed >= int64(target) || !r.Group.CanReclaimBytes() {
			return nil
		}
		if less {
			r.exhausted = true
			return nil
		}
	}
	return ctx.Err()
}

// atMost is what reclaim could give back, but for what the kernel has charged ahead of use, which comes back with it.
func (r *reclaim) atMost() uint64 {
	a := memory.Facts{Now: memory.Split(&r.before, r.Group.Version), Swap: r.swap, Unevictable: memory.Unevictable(&r.before, r.Group.Version)}
	return uint64(max(0, a.Reclaimable()))
}

// cannot lists what reclaim leaves, and why.
func (r *reclaim) cannot() []document.Kept {
	room, _ := r.swap.Room()
	all := []document.Kept{}
	kernel, pages := int64(0), int64(0)
	given := r.swap.GivenUp(1 << 62)
	for _, row := range memory.Split(&r.before, r.Group.Version) {
		v, ok := row.Bytes.Get()
		if !ok || v <= 0 {
			continue
		}
		switch row.Group {
		case memory.File:
			continue
		case memory.Anon, memory.Shmem:
			if dropped := min(v, given); row.Group == memory.Anon {
				given -= dropped
				v -= dropped
			}
			if taken := min(v, int64(min(room, 1<<62))); taken > 0 {
				room -= uint64(taken)
				v -= taken
			}
			if v > 0 {
				pages += v
				all = append(all, document.Kept{Kind: row.Kind, Bytes: value.Known(v), Reason: r.swap.Text()})
			}
		case memory.Sock, memory.Hugetlb:
			all = append(all, document.Kept{Kind: row.Kind, Bytes: row.Bytes, Reason: memory.RuleOf(row.Kind, r.swap).KeptBecause})
		case memory.Kernel:
			if row.Kind != memory.SlabReclaimable {
				kernel += v
			}
		}
	}
	// Locked pages may be among those listed already: what is sure to come on top.
	if locked, ok := memory.Unevictable(&r.before, r.Group.Version).Value(); ok && int64(min(locked, 1<<62)) > pages {
		all = append(all, document.Kept{Kind: "unevictable", Bytes: value.Known(int64(locked) - pages), Reason: "locked in memory, by mlock or the like: swap or not, the kernel never takes it"})
	}
	if kernel > 0 {
		why := memory.RuleOf(memory.Kernel, r.swap).KeptBecause
		if r.Group.Version == 1 {
			why += "; its reclaimable slab can be had, and v1 does not tell how much that is"
		}
		all = append(all, document.Kept{Kind: memory.Kernel, Bytes: value.Known(kernel), Reason: why})
	}
	return all
}

func (r *reclaim) document() *document.Reclaimed {
	b, a := &r.before, &r.after
	doc := &document.Reclaimed{Name: r.Name(), ID: r.Container.ID, Status: value.Clean(r.Container.State.Status),
		Frozen: figures.Flag(b.Freezer.Frozen), StillFrozen: figures.Flag(a.Freezer.Frozen),
		RequestedBytes:   value.KnownOr(r.options.Bytes, r.options.Bytes > 0, value.Max, "all that the kernel can take"),
		ReclaimableBytes: r.atMost(), Kept: r.cannot(),
		BeforeBytes: figures.Number(b.Memory.Current), AfterBytes: figures.Number(a.Memory.Current),
		FreedBytes: fallen(b.Memory.Current, a.Memory.Current), SwappedBytes: fallen(a.Memory.Swap, b.Memory.Swap),
		Exhausted: r.exhausted, DurationMs: value.KnownOr(value.Milliseconds(r.took), !r.options.DryRun, value.NotMeasured, "nothing was done"),
		Ledger: []document.LedgerRow{}, Warnings: []string{}}
	if r.options.DryRun {
		unmeasured := value.Absent[int64](value.NotMeasured, "nothing was done")
		doc.FreedBytes, doc.SwappedBytes = unmeasured, unmeasured
		doc.AfterBytes = value.Absent[uint64](value.NotMeasured, "nothing was done")
		doc.StillFrozen = value.Absent[bool](value.NotMeasured, "nothing was done")
	}
	was := memory.Split(b, r.Group.Version)
	for i, row := range memory.Split(a, r.Group.Version) {
		line := document.LedgerRow{Kind: row.Kind, Group: row.Group, BeforeBytes: was[i].Bytes, Bytes: row.Bytes, Source: row.Source,
			FreedBy: memory.RuleOf(row.Kind, r.swap).FreedBy}
		if r.options.DryRun {
			line.Bytes = value.Absent[int64](value.NotMeasured, "nothing was done")
		}
		doc.Ledger = append(doc.Ledger, line)
	}
	doc.ResumeCost = r.cost()
	doc.Warnings = r.warnings()
	return doc
}

// cost says what the reclaim costs the program when it goes on.
func (r *reclaim) cost() string {
	if r.options.DryRun {
		return "what is reclaimed is read from disk again, or swapped in, page by page, when the program touches it"
	}
	file := rowFell(memory.File, &r.before, &r.after, r.Group.Version)
	swapped, _ := fallen(r.after.Memory.Swap, r.before.Memory.Swap).Get()
	text := fmt.Sprintf("when the program touches it again, up to %s of page cache is read from disk", value.Bytes(max(file, 0)))
	if swapped > 0 {
		text += fmt.Sprintf(", and %s is swapped in, a major fault for each page or group of pages", value.Bytes(swapped))
	}
	return text
}

// warnings tells of what would go wrong with what was left.
func (r *reclaim) warnings() []string {
	all := []string{}
	stays := int64(0)
	for _, k := range r.cannot() {
		v, _ := k.Bytes.Get()
		stays += v
	}
	switch {
	case r.Group.Version == 2:
		all = append(all, fmt.Sprintf("do not lower its limit to get at the rest: docker update --memory below what cannot be reclaimed (%s) kills a frozen container, and reports success", value.Bytes(stays)))
	default:
		all = append(all, fmt.Sprintf("docker update --memory below what cannot be reclaimed (%s) is refused on cgroup v1; above that, it reclaims", value.Bytes(stays)))
	}
	freed, ok := fallen(r.before.Memory.Current, r.after.Memory.Current).Get()
	if r.Group.Version == 2 && !r.options.DryRun && !r.exhausted && ok && freed <= 0 && r.atMost() > 0 {
		all = append(all, "the kernel took the request and freed nothing: some kernels without NUMA (6.17 on, until mended) ignore it, and pages in active use come back at once")
	}
	if r.before.Freezer.Frozen.Is(1) && !r.after.Freezer.Frozen.Is(1) {
		all = append(all, "it is not frozen any more: somebody resumed it meanwhile")
	}
	return all
}

// fallen is by how much a figure has gone down.
func fallen(before, after figure.Figure) value.Maybe[int64] {
	b, ok := figures.Signed(before).Get()
	if !ok {
		return figures.Signed(before)
	}
	a, ok := figures.Signed(after).Get()
	if !ok {
		return figures.Signed(after)
	}
	return value.Known(b - a)
}

func rowFell(kind string, before, after *cgroupfs.Reading, version int) int64 {
	b, _ := memory.Sum(memory.Split(before, version), kind).Get()
	a, _ := memory.Sum(memory.Split(after, version), kind).Get()
	return b - a
}
