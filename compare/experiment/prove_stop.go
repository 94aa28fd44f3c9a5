package experiment

import (
	"context"
	"time"

	"haltscope/cgroupfs"
	"haltscope/cgroupfs/figure"
	"haltscope/cgroupfs/proc"
	"haltscope/compare/rules/proof"
	"haltscope/compare/value"
)

// proveStop stops the twin that docker start has brought back, and sees what the host gets.
func (x *experiment) proveStop(ctx context.Context, a *arm) value.Maybe[proof.Stop] {
	if why := a.notBack(); why != "" {
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
	// Whoever follows its log would end with it, and give back memory of his own.
	for _, j := range []*journal{a.journal, a.again} {
		if j != nil {
			j.quit()
		}
	}
	done := x.progress.Grace("proving: docker stop, once more", a.Grace)
	defer done()
	s := proof.Stop{DyingBefore: dyingBeside(group)}
	looking, enough := context.WithTimeout(ctx, x.docker.Timeout+a.Expected()+effectLimit)
	defer enough()
	seen := make(chan []proof.Moment, 1)
	go func() { seen <- moments(looking, group) }()
	if err = wait(ctx, 2*momentsKept*momentEvery); err == nil {
		_, err = x.docker.Stop(ctx, a.id, a.action.Grace, a.Expected())
	}
	if err != nil {
		enough()
		<-seen
		return failedStep[proof.Stop](a, err)
	}
	time.AfterFunc(effectLimit, enough)
	s.Moments, s.Gone = <-seen, !group.Exists()
	s.DyingAfter = dyingBeside(group)
	return value.Known(s)
}

const (
	// momentEvery is how often MemAvailable is looked at: the closer to the end, the less of it is others' doing.
	momentEvery = 10 * time.Millisecond
	// momentsKept is how many are at least, of a stop that takes long: those before it are of no use.
	momentsKept = 50
	// momentsAfter is how many are taken behind the end of the cgroup.
	momentsAfter = 20
)

// moments looks at MemAvailable and at a cgroup, until a little after the cgroup is gone.
func moments(ctx context.Context, group *cgroupfs.Group) (all []proof.Moment) {
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
		if wait(ctx, momentEvery) != nil {
			break
		}
	}
	return all
}

// dyingBeside is how many cgroups were removed beside and below a group and still have something charged. It can be
// asked when the group itself is gone.
func dyingBeside(group *cgroupfs.Group) figure.Figure {
	if group.Version == 1 {
		return figure.Without(figure.Unsupported)
	}
	return group.Details().V2.ParentCgroup.NrDyingDescendants
}
