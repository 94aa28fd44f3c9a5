package experiment

import (
	"context"
	"errors"
	"sync"
	"time"

	"haltscope/cgroupfs"
	"haltscope/cgroupfs/figure"
	"haltscope/compare/rules/memory"
	"haltscope/compare/twin"
	"haltscope/dockercli"
)

// observe asks Docker's commands what they say of the twins now, each once for all twins where it takes several.
func (x *experiment) observe(ctx context.Context) {
	done := x.progress.Step("docker ps, top, stats and inspect", 0)
	x.ask(ctx)
	done()
}

// hold lets time pass over a twin that lives, and then takes what the kernel says of it. A twin that has ended is not
// waited for.
func (x *experiment) hold(ctx context.Context, a *arm) {
	x.findNow(a)
	if a.EffectAt == nil || a.action.Verb == "pause" || a.anew() {
		left := x.Hold - time.Since(a.Effective.At)
		done := x.progress.Step("watching the twin of docker "+a.action.String(), max(left, 0))
		select {
		case <-ctx.Done():
		case <-time.After(left):
		}
		done()
	}
	if a.Now == nil {
		a.Now = a.Group
	}
	a.Now.Read(&a.ReadAfter)
	a.details = a.Now.Details()
	a.swap = memory.Swap{Swap: a.Now.Swap(&a.details), LazyFree: a.Now.LazyFree()}
	a.noReclaim = errors.Is(a.Now.CanReclaim(), cgroupfs.ErrNoReclaim)
	a.exists = a.Now.Exists()
	a.membersAfter, a.membersErr = a.Now.Members()
	a.sampler.end()
	if a.nowRead != nil {
		a.nowRead.end()
	}
	a.OOMKills = a.oomKills()
	a.Hear()
}

func (x *experiment) ask(ctx context.Context) {
	var all sync.WaitGroup
	defer all.Wait()
	all.Go(func() {
		lines, err := x.docker.Ps(ctx, "label="+twin.RunLabel+"="+x.run)
		if err != nil {
			for _, a := range x.arms {
				a.psErr = err
				a.statsErr = err
			}
			x.fail(err)
			return
		}
		var ids []string
		for i, line := range lines {
			ids = append(ids, line.ID)
			for _, a := range x.arms {
				if a.id == line.ID {
					a.ps = &lines[i]
				}
			}
		}
		// stats tells of none if it does not know one: ask it of those that are there.
		x.askStats(ctx, ids)
	})
	all.Go(func() {
		ids := make([]string, len(x.arms))
		for i, a := range x.arms {
			ids[i] = a.id
		}
		inspected := x.docker.InspectMany(ctx, ids...)
		if err := inspected.Err(); err != nil {
			x.fail(err)
		}
		for _, a := range x.arms {
			if a.AfterErr = inspected.Failed[a.id]; a.AfterErr != nil {
				continue
			}
			if container, ok := inspected.Found[a.id]; ok {
				a.After = &container
			} else if a.action.Verb != "rm" {
				a.fail(errors.New("the twin was removed by somebody else"))
			}
		}
	})
	for _, a := range x.arms {
		all.Go(func() {
			top, err := x.docker.Top(ctx, a.id)
			if a.topErr = err; err == nil {
				a.top = &top
			} else if !dockercli.Refused(err) {
				a.fail(err)
			}
		})
	}
}

func (x *experiment) askStats(ctx context.Context, ids []string) {
	if len(ids) == 0 {
		return
	}
	all, err := x.docker.Stats(ctx, ids...)
	if err != nil {
		x.fail(err)
	}
	for _, a := range x.arms {
		if stats, ok := all[a.id]; ok {
			a.stats = &stats
		} else {
			a.statsErr = err
		}
	}
}

// held is how long the frozen twin was watched, and the CPU time that its cgroup used meanwhile.
func (a *arm) held() (time.Duration, figure.Figure) {
	return a.ReadAfter.At.Sub(a.Effective.At), difference(a.Effective.CPUUsage, a.ReadAfter.CPUUsage)
}

// difference of two readings of a counter of the same cgroup; a counter that fell was another's.
func difference(before, after figure.Figure) figure.Figure {
	b, ok := before.Value()
	if !ok {
		return before
	}
	v, ok := after.Value()
	if !ok {
		return after
	}
	if v < b {
		return figure.Without(figure.Failed)
	}
	return figure.Number(v - b)
}
