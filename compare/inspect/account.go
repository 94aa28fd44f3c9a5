package inspect

import (
	"context"
	"errors"
	"os"
	"reflect"
	"slices"
	"sync"
	"time"

	"haltscope/cgroupfs"
	"haltscope/cgroupfs/figure"
	"haltscope/cgroupfs/proc"
	"haltscope/compare/rules/drift"
	"haltscope/compare/rules/memory"
	"haltscope/compare/target"
	"haltscope/compare/value"
	"haltscope/dockercli"
)

// account is what Docker and the kernel say of one container.
type account struct {
	*target.Target
	docker   drift.Docker
	kernel   drift.Kernel
	members  []proc.Member
	tmpfs    []proc.Tmpfs
	tmpfsErr error
	swap     memory.Swap
	failed   error // a docker call that came to no answer
	// noReclaim: this kernel cannot be asked for reclaim.
	noReclaim bool
}

// accountsOf asks Docker about containers, and the kernel right before and right behind. Those whose cgroup cannot be
// found have no account; the error tells of them.
func accountsOf(ctx context.Context, docker *dockercli.Client, kernel *cgroupfs.Host, subjects []*target.Target) ([]*account, error) {
	var all []*account
	var running []*account
	var lost error
	for _, s := range subjects {
		if err := s.Locate(kernel); err != nil {
			lost = errors.Join(lost, err)
			continue
		}
		a := &account{Target: s}
		all = append(all, a)
		a.kernel.Version = kernel.Version
		if a.kernel.Exists = s.Group != nil; a.kernel.Exists {
			a.kernel.Path, a.kernel.Sources = s.Group.Path, s.Group.Sources()
			s.Group.Read(&a.kernel.Before)
			var err error
			if a.kernel.MembersBefore, err = s.Group.Members(); err != nil {
				a.kernel.MembersError = err.Error()
			}
			running = append(running, a)
		} else {
			a.vanish()
		}
	}
	err := askDocker(ctx, docker, all, running)
	online := cgroupfs.ReadOnlineCPUs()
	for _, a := range running {
		a.readKernel(online)
	}
	return all, errors.Join(lost, err)
}

// vanish makes it the account of a container that has no cgroup: its absence is one.
func (a *account) vanish() {
	k := &a.kernel
	k.Exists, k.MembersAfter, a.members = false, nil, nil
	k.Before, _ = cgroupfs.Gone()
	k.After, k.Details = cgroupfs.Gone()
}

// topsAtOnce bounds how many docker top run side by side: each has the daemon run a ps.
const topsAtOnce = 8

// askDocker asks what Docker says of them now: inspect and stats in one call each, top of each by itself.
func askDocker(ctx context.Context, docker *dockercli.Client, all, running []*account) error {
	var wait sync.WaitGroup
	var stats map[string]dockercli.Stats
	var statsErr error
	if len(running) > 0 {
		ids := make([]string, len(running))
		for i, a := range running {
			ids[i] = a.Container.ID
		}
		wait.Go(func() { stats, statsErr = docker.Stats(ctx, ids...) })
	}
	turns := make(chan struct{}, topsAtOnce)
	for _, a := range running {
		wait.Go(func() {
			turns <- struct{}{}
			defer func() { <-turns }()
			top, err := docker.Top(ctx, a.Container.ID)
			if err == nil {
				a.docker.Processes, err = top.PIDs()
			}
			if err == nil {
				return
			}
			a.docker.ProcessesError = dockercli.Cause(err)
			if !dockercli.Refused(err) {
				a.failed = err
			}
		})
	}
	wait.Wait()
	if dockercli.Refused(statsErr) {
		statsErr = nil // one of them ended meanwhile: no figures, then
	}
	for _, a := range all {
		c := &a.Container
		d := &a.docker
		d.Podman = docker.Engine() == dockercli.Podman
		d.Status, d.Running, d.Paused, d.OOMKilled = value.Clean(c.State.Status), c.State.Running, c.State.Paused, c.State.OOMKilled
		d.MemoryLimit, d.MemorySwap, d.Cpuset = c.HostConfig.Memory, c.HostConfig.MemorySwap, c.HostConfig.CpusetCpus
		d.CPULimit = float64(c.HostConfig.NanoCpus) / 1e9
		if quota := c.HostConfig.CpuQuota; d.CPULimit == 0 && quota > 0 {
			period := c.HostConfig.CpuPeriod
			if period == 0 {
				period = 100_000
			}
			d.CPULimit = float64(quota) / float64(period)
		}
		if limit := c.HostConfig.PidsLimit; limit != nil {
			d.PidsLimit = *limit
		}
		if s, ok := stats[c.ID]; ok {
			d.StatsCPU, d.StatsMemory = s.CPUPercent, s.MemoryBytes
		}
		statsErr = errors.Join(statsErr, a.failed)
	}
	return statsErr
}

// readKernel takes the second reading, and what is read once.
func (a *account) readKernel(online figure.CPUList) {
	k := &a.kernel
	k.Online, k.Cpuset = online, a.Group.CPUs()
	k.Batch = memory.Batch(max(len(online.List), 1), os.Getpagesize())
	pids, err := a.Group.Members()
	if k.MembersAfter = pids; err != nil {
		k.MembersError = err.Error()
	}
	for _, pid := range pids {
		m, err := proc.ReadMember(pid)
		if err != nil {
			continue // it ended meanwhile
		}
		m.Comm = value.Clean(m.Comm)
		a.members = append(a.members, m)
	}
	k.Details = a.Group.Details()
	a.Group.Read(&k.After)
	if f := k.After.Freezer; f.Requested.Is(1) && f.Frozen.Is(0) {
		for i := range a.members {
			m := &a.members[i]
			for _, wait := range proc.UninterruptibleWaits(m.PID) {
				k.Waiting = append(k.Waiting, drift.Wait{PID: m.PID, TID: wait.TID, Command: m.Comm, Wchan: wait.Wchan})
			}
		}
	}
	a.swap = memory.Swap{Swap: a.Group.Swap(&k.Details), LazyFree: proc.LazyFree(a.members)}
	// Docker's pid may be another's by now, or of another PID namespace: whose mounts they are is for the cgroup to say.
	if pid := a.Container.State.Pid; slices.Contains(pids, pid) {
		a.tmpfs, a.tmpfsErr = proc.TmpfsMounts(pid)
	}
	a.noReclaim = errors.Is(a.Group.CanReclaim(), cgroupfs.ErrNoReclaim)
	if !a.Group.Exists() {
		a.vanish() // it went while it was read
	}
}

// window is the time between the two readings.
func (a *account) window() time.Duration { return a.kernel.After.At.Sub(a.kernel.Before.At) }

// same reports whether Docker's account of a container did not change while it was taken: its state, or its limits, which
// docker update sets.
func same(before, after dockercli.Container) bool {
	b, a := before.State, after.State
	return b.Status == a.Status && b.Paused == a.Paused && b.OOMKilled == a.OOMKilled && b.Pid == a.Pid && b.StartedAt.Equal(a.StartedAt) &&
		reflect.DeepEqual(before.HostConfig, after.HostConfig)
}
