package target

import (
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
)

// ReadFacts reads what the kernel says about the container now, and returns that with what Docker says.
func (s *Inspection) ReadFacts() prediction.Facts {
	f := s.facts()
	f.PendingKill = proc.KillPending(s.Container.State.Pid)
	var r cgroupfs.Reading
	s.Group.Read(&r)
	f.Strain = strainOf(s.Group.Strain(), &r)
	f.Requested, f.Frozen = r.Freezer.Requested.Bool(), r.Freezer.Frozen.Bool()
	if v, ok := r.Memory.FileDirty.Value(); ok {
		f.DirtyBytes = &v
	}
	if v, ok := r.Memory.Shmem.Value(); ok {
		f.ShmemBytes = &v
	}
	members, err := s.Group.Members()
	f.Target = FindSignalTarget(s.Container.State.Pid, members)
	var unread error
	if f.Unsignaled, unread = unsignaled(&f.Target, members, proc.ReadStat); err == nil {
		err = unread
	}
	if err != nil {
		f.UnsignaledError = err.Error()
	}
	// A frozen task of v1 shows D as well.
	frozen := f.Frozen != nil && *f.Frozen
	freezing := f.Requested != nil && *f.Requested
	if !frozen && !(freezing && s.Version == 1) {
		f.Stuck = stuck(members)
	}
	return f
}

// facts returns what Docker says.
func (s *Inspection) facts() prediction.Facts {
	config, host := &s.Container.Config, &s.Container.HostConfig
	f := prediction.Facts{CgroupVersion: s.Version, Paused: s.Container.State.Paused, PIDMode: host.PidMode,
		RestartPolicy: host.RestartPolicy.Name, AutoRemove: host.AutoRemove,
		StopSignalSet: config.StopSignal != "", SignalText: value.Clean(config.StopSignal),
		OOMKillDisable: host.OomKillDisable != nil && *host.OomKillDisable}
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

// stuck returns the threads that are in the same uninterruptible sleep in each of three readings: for a moment, many are in one.
func stuck(members []int) (all []prediction.Stuck) {
	var before map[int]figure.Figure
	for try := range 3 {
		if try > 0 {
			time.Sleep(50 * time.Millisecond)
		}
		var now []prediction.Stuck
		sleeps := map[int]figure.Figure{}
		for _, pid := range members {
			for _, wait := range proc.UninterruptibleWaits(pid) {
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
				now = append(now, prediction.Stuck{PID: pid, TID: wait.TID, Name: value.Clean(stat.Comm), Wchan: wait.Wchan})
			}
		}
		if all, before = now, sleeps; len(all) == 0 {
			break
		}
	}
	return all
}

// unsignaled returns the processes that no signal of Docker's goes to. dumb-init forwards signals to its child's whole session.
// The error says why one could not be read. Processes that have ended are left out.
func unsignaled(r *prediction.SignalTarget, members []int, read readStat) (all []prediction.UnsignaledProcess, unread error) {
	if r.Init == "dumb-init" {
		return nil, nil
	}
	for _, pid := range members {
		if pid == r.First.PID || r.Child != nil && pid == r.Child.PID {
			continue
		}
		stat, err := read(pid)
		switch {
		case errors.Is(err, proc.ErrNoProcess):
		case err != nil:
			unread = err
		case stat.State != 'Z':
			all = append(all, prediction.UnsignaledProcess{PID: pid, Name: value.Clean(stat.Comm)})
		}
	}
	return all, unread
}
