package experiment

import (
	"context"
	"time"

	"haltscope/cgroupfs"
	"haltscope/cgroupfs/figure"
	"haltscope/cgroupfs/proc"
	"haltscope/compare/action"
	"haltscope/compare/rules/proof"
	"haltscope/compare/value"
	"haltscope/dockercli"
)

// proveStop stops the twin that docker start has brought back, and measures what the host gets back.
func (x *experiment) proveStop(ctx context.Context, a *arm) value.Maybe[proof.Stop] {
	if why := a.unusable(); why != "" {
		return value.Absent[proof.Stop](value.NotMeasured, why)
	}
	found, err := x.docker.Inspect(ctx, a.id)
	if err != nil {
		return failedStep[proof.Stop](a, err)
	}
	pid := found[a.id].State.Pid
	if pid == 0 {
		return value.Absent[proof.Stop](value.Vanished, "the twin that was started again has ended")
	}
	group, err := x.kernel.Locate(pid, a.id)
	if err != nil {
		return failedStep[proof.Stop](a, err)
	}
	defer group.Close()
	// A docker logs that follows the twin would end with it, and give memory of its own back.
	for _, log := range []*workloadLog{a.log, a.resumed.log} {
		if log != nil {
			log.quit()
		}
	}
	done := x.progress.Grace("proving: docker stop again", a.grace)
	defer done()
	s := proof.Stop{DyingBefore: dyingSiblings(group)}
	limit, enough := context.WithTimeout(ctx, x.docker.Timeout+a.performed.Expected()+action.EffectLimit)
	defer enough()
	moments := make(chan []proof.Moment, 1)
	go func() { moments <- watchAvailable(limit, group) }()
	if err = wait(ctx, 2*momentsKept*momentInterval); err == nil {
		_, err = x.docker.Do(ctx, a.id, dockercli.Stop{Grace: a.action.Grace, Expected: a.performed.Expected()})
	}
	if err != nil {
		enough()
		<-moments
		return failedStep[proof.Stop](a, err)
	}
	time.AfterFunc(action.EffectLimit, enough)
	s.Moments, s.Gone = <-moments, !group.Exists()
	s.DyingAfter = dyingSiblings(group)
	return value.Known(s)
}

const (
	// momentInterval is the time between two readings of MemAvailable. The closer they are to the end of the cgroup, the
	// less of the change is caused by other programs.
	momentInterval = 10 * time.Millisecond
	// momentsKept is how many readings from before the end are kept at least. Earlier ones are of no use.
	momentsKept = 50
	// momentsAfter is how many readings are taken after the end.
	momentsAfter = 20
)

// watchAvailable reads MemAvailable and a cgroup, until shortly after the cgroup is gone.
func watchAvailable(ctx context.Context, group *cgroupfs.Group) (all []proof.Moment) {
	for left := momentsAfter; left > 0; {
		if len(all) == 20*momentsKept {
			all = append(all[:0], all[len(all)-momentsKept:]...)
		}
		host := proc.ReadMeminfo()
		m := proof.Moment{Available: host.MemAvailable, PerCPU: proc.ReadPagesets(), Programs: host.AnonPages.Plus(host.Shmem)}
		group.Read(&m.Group)
		all = append(all, m)
		if m.Group.Freezer.Frozen.State() == figure.Vanished {
			left--
		}
		if wait(ctx, momentInterval) != nil {
			break
		}
	}
	return all
}

// dyingSiblings is how many cgroups below the parent were removed and still have something charged. It can be read when the
// group itself is gone.
func dyingSiblings(group *cgroupfs.Group) figure.Figure {
	if group.Version == 1 {
		return figure.Without(figure.Unsupported)
	}
	return group.Details().V2.ParentCgroup.NrDyingDescendants
}
