package target

import (
	"cmp"
	"errors"
	"fmt"
	"maps"
	"slices"
	"time"

	"haltscope/cgroupfs"
	"haltscope/cgroupfs/figure"
	"haltscope/cgroupfs/proc"
	"haltscope/compare/rules/prediction"
	"haltscope/compare/value"
	"haltscope/dockercli"
)

// ReadFacts reads what the kernel says about the container now, and returns that with what Docker says.
func (s *Inspection) ReadFacts() prediction.Facts {
	f := s.facts()
	var unread error
	if f.PendingKill, unread = proc.KillPending(s.Container.State.Pid); unread != nil {
		f.Unread = append(f.Unread, unread.Error())
	}
	var r cgroupfs.Reading
	s.Group.Read(&r)
	s.readFreezer(&f, &r.Freezer)
	f.Strain = strainOf(s.Group.Strain())
	if v, ok := r.Memory.FileDirty.Value(); ok {
		f.DirtyBytes = &v
	}
	if v, ok := r.Memory.Shmem.Value(); ok {
		f.ShmemBytes = &v
	}
	members, err := s.Group.Members()
	f.Target = FindSignalTarget(s.Container.State.Pid, members)
	f.Work = readWork(f.Target.ProcessFor(f.Signal), members)
	if f.Programs, unread = programsUnder(&f.Target, members, f.Signal); unread != nil {
		f.Unread = append(f.Unread, unread.Error())
	}
	if f.Unsignaled, unread = unsignaled(&f.Target, members, proc.ReadStat); err == nil {
		err = unread
	}
	if f.Target.ToAll(f.Signal) != nil {
		f.Unsignaled, f.InTurn = nil, f.Unsignaled
	}
	if err != nil {
		f.UnsignaledError = err.Error()
	}
	f.OverHigh = s.overHigh(&r)
	if f.Tasks, unread = s.tasks(members, &r); unread != nil {
		f.Unread = append(f.Unread, unread.Error())
	}
	if f.Target.First.NamespaceInit {
		sharers, err := s.Sharing.Of(s.Container.State.Pid, s.Container.ID, members)
		if f.Sharers = sharers; err != nil {
			f.SharersError = err.Error()
		}
	}
	// A frozen task of v1 shows D as well.
	frozen := f.Frozen != nil && *f.Frozen
	freezing := r.Freezer.Requested.Is(1)
	if !frozen && !(freezing && s.Version == 1) {
		if f.Stuck, unread = stuck(members); unread != nil {
			f.Unread = append(f.Unread, unread.Error())
		}
	}
	return f
}

// readFreezer adds what the freezer says of the container's own cgroup, of those above it and of those below it.
func (s *Inspection) readFreezer(f *prediction.Facts, freezer *cgroupfs.Freezer) {
	f.Requested, f.Frozen, f.FrozenBy = requestedFor(s.Group.Path, freezer), freezer.Frozen.Bool(), freezer.By
	below, err := s.Group.FrozenBelow()
	if err != nil {
		f.FrozenError = err.Error()
	}
	for _, b := range below {
		f.FrozenBelow = append(f.FrozenBelow, prediction.FrozenBelow{Path: b.Path, Members: b.Members})
	}
}

// requestedFor reports whether a freeze is requested for a cgroup itself, and not only for one above it; nil if that is not known.
func requestedFor(path string, freezer *cgroupfs.Freezer) *bool {
	requested := freezer.Requested.Bool()
	if requested != nil && *requested && freezer.By != path {
		*requested = false
	}
	return requested
}

// tasks returns how many tasks count against the pids limit and, where they fill it, what fills it. The error says why zombies among
// them are not known.
func (s *Inspection) tasks(members []int, r *cgroupfs.Reading) (t prediction.Tasks, unread error) {
	limit, limited := s.Group.PidsLimit().Effective.Value()
	current, known := r.Pids.Value()
	if known {
		t.Current = &current
	}
	if limited {
		t.Limit = &limit
	}
	if !known || !limited || current < limit {
		return t, nil
	}
	zombies, err := proc.Zombies(members)
	if err != nil {
		return t, err // that the limit is reached is known all the same
	}
	for _, pid := range slices.Sorted(maps.Keys(zombies)) {
		name := fmt.Sprintf("process %d", pid)
		if stat, err := proc.ReadStat(pid); err == nil {
			name = value.Clean(stat.Comm)
		}
		t.Zombies = append(t.Zombies, prediction.Zombie{ParentPID: pid, Parent: name, Count: zombies[pid]})
	}
	return t, nil
}

// overHigh returns that more is charged than memory.high allows; nil if it is not, or that is not known.
func (s *Inspection) overHigh(r *cgroupfs.Reading) *prediction.OverHigh {
	limit := s.Group.MemoryHigh()
	high, limited := limit.Effective.Value()
	current, known := r.Memory.Current.Value()
	if !limited || !known || current < high {
		return nil
	}
	return &prediction.OverHigh{Current: current, High: high, By: limit.By}
}

// swarmTask is the label of the containers of a swarm's services.
const swarmTask = "com.docker.swarm.task.id"

// RestartFacts returns what Docker says of whether it starts a container again.
func RestartFacts(c *dockercli.Container) prediction.Facts {
	policy := c.HostConfig.RestartPolicy
	f := prediction.Facts{RestartPolicy: policy.Name, MaxRetries: policy.MaximumRetryCount, Restarts: c.RestartCount,
		SwarmTask: c.Config.Labels.Has(swarmTask), AutoRemove: c.HostConfig.AutoRemove}
	if policy.Name == "unless-stopped" {
		if stopped, err := manuallyStopped(c); err == nil { // without the file, Docker's events tell
			f.ManuallyStopped = &stopped
		}
	}
	return f
}

// facts returns what Docker says.
func (s *Inspection) facts() prediction.Facts {
	config, host := &s.Container.Config, &s.Container.HostConfig
	f := RestartFacts(&s.Container)
	f.CgroupVersion, f.Paused, f.PIDMode = s.Version, s.Container.State.Paused, host.PidMode
	f.StopSignalSet, f.SignalText = config.StopSignal != "", value.Clean(config.StopSignal)
	f.OOMKillDisable = host.OomKillDisable != nil && *host.OomKillDisable
	f.PolicyOffSince = s.PolicyOffSince
	if f.PolicyOff = s.PolicyOff; s.PolicyOffErr != nil {
		f.PolicyOffError = s.PolicyOffErr.Error()
	}
	f.Signal, f.SignalFrom = s.stopSignal()
	f.Grace, f.GraceFrom = s.grace()
	if n, err := value.ParseSignal(config.StopSignal); err == nil {
		f.ConfiguredSignal = n
	}
	if h := s.Container.State.Health; h != nil && h.Status != "none" {
		f.Health = value.Clean(h.Status)
	}
	for _, at := range slices.Sorted(maps.Keys(host.Tmpfs)) {
		f.Tmpfs = append(f.Tmpfs, value.Clean(at))
	}
	for _, m := range s.Container.Mounts {
		switch {
		case m.Type == "tmpfs":
			f.Tmpfs = append(f.Tmpfs, value.Clean(m.Destination))
		case m.Anonymous():
			f.AnonymousVolumes = append(f.AnonymousVolumes, value.Clean(m.Destination))
		}
	}
	return f
}

// overHigh is the kernel function in which a task sleeps that is above memory.high, in state D: for up to 2 s, and SIGKILL ends it.
// Source: mm/memcontrol.c.
const overHigh = "mem_cgroup_handle_over_high"

// stuck returns the threads that are in the same uninterruptible sleep in each of three readings: for a moment, many are in one.
// The error says which could not be read.
func stuck(members []int) (all []prediction.Stuck, unread error) {
	var before map[int]figure.Figure
	for try := range 3 {
		if try > 0 {
			time.Sleep(50 * time.Millisecond)
		}
		var now []prediction.Stuck
		sleeps := map[int]figure.Figure{}
		for _, pid := range members {
			waits, err := proc.UninterruptibleWaits(pid)
			if err != nil {
				unread = err
			}
			for _, wait := range waits {
				if wait.Wchan == overHigh {
					continue
				}
				stat, err := proc.ReadStat(pid)
				switch {
				case errors.Is(err, proc.ErrNoProcess):
					continue // it has ended
				case err != nil:
					stat.Comm = fmt.Sprintf("process %d", pid) // its name could not be read
				}
				if sleeps[wait.TID] = wait.VoluntarySwitches; try > 0 && before[wait.TID] != wait.VoluntarySwitches {
					continue
				}
				now = append(now, prediction.Stuck{PID: pid, TID: wait.TID, Name: value.Clean(stat.Comm), Wchan: wait.Wchan, Fuse: wait.Fuse})
			}
		}
		if all, before = now, sleeps; len(all) == 0 {
			break
		}
	}
	if !slices.ContainsFunc(all, func(s prediction.Stuck) bool { return s.Fuse }) {
		return all, unread
	}
	server, err := proc.FuseServer(members)
	for n := range all {
		if all[n].Fuse {
			all[n].Server = server
		}
	}
	return all, cmp.Or(unread, err)
}

// unsignaled returns the processes that no signal of Docker's goes to: not the signal target, nor what is between it and Docker, nor
// a process group that those signal. The error says why one could not be read. Processes that have ended are left out.
func unsignaled(r *prediction.SignalTarget, members []int, read readStat) (all []prediction.UnsignaledProcess, unread error) {
	group := 0 // the process group of the signal target
	if p := r.Process(); p != nil && len(r.Forwarders) > 0 {
		stat, err := read(p.PID)
		if err != nil && !errors.Is(err, proc.ErrNoProcess) {
			unread = err
		}
		group = stat.PGRP
	}
	for _, pid := range members {
		if isSignaled(r, pid) {
			continue
		}
		stat, err := read(pid)
		switch {
		case errors.Is(err, proc.ErrNoProcess):
		case err != nil:
			unread = err
		case !stat.Ended():
			all = append(all, prediction.UnsignaledProcess{PID: pid, Name: value.Clean(stat.Comm), Apart: group != 0 && stat.PGRP != group})
		}
	}
	return all, unread
}

// isSignaled reports whether a process gets the signal, or is an init or a wrapper on the way.
func isSignaled(r *prediction.SignalTarget, pid int) bool {
	return pid == r.First.PID || r.Child != nil && pid == r.Child.PID ||
		slices.ContainsFunc(r.Forwarders, func(w prediction.Forwarder) bool { return w.Process.PID == pid }) ||
		slices.ContainsFunc(r.Group, func(m prediction.Member) bool { return m.PID == pid })
}
