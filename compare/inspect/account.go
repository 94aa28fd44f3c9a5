package inspect

import (
	"cmp"
	"context"
	"errors"
	"reflect"
	"time"

	"haltscope/cgroupfs"
	"haltscope/cgroupfs/figure"
	"haltscope/cgroupfs/proc"
	"haltscope/compare/rules/drift"
	"haltscope/compare/rules/memory"
	"haltscope/compare/target"
	"haltscope/dockercli"
)

// account is what Docker and the kernel say about one container.
type account struct {
	*target.Target
	docker drift.Docker
	kernel drift.Kernel
	held   held
	files  *fileFacts // nil if they were not asked for
	most   int        // how many files are listed
}

// held is what the kernel says about the memory of a container's processes.
type held struct {
	members    []proc.Member
	tmpfs      []proc.Tmpfs
	tmpfsErr   error
	swap       memory.Swap
	noReclaim  bool  // this kernel offers no reclaim of a cgroup
	waitsErr   error // why a thread in uninterruptible sleep may be missing
	belowErr   error // why the frozen cgroups below may be incomplete
	membersErr error // why members are missing, other than those that have ended
}

// accountsOf asks Docker about containers, and the kernel right before and right after. A container whose cgroup cannot be found has
// no account and is named in the error.
func accountsOf(ctx context.Context, docker *dockercli.Client, kernel *cgroupfs.Host, targets []*target.Target) ([]*account, error) {
	var all []*account
	var failed error
	for _, t := range targets {
		if err := t.Locate(kernel); err != nil {
			failed = errors.Join(failed, err)
			continue
		}
		all = append(all, &account{Target: t, kernel: readBefore(t, kernel.Version)})
	}
	zombiesBefore, errBefore := zombiesOf(all)
	answers, err := askDocker(ctx, docker, all)
	zombiesAfter, errAfter := zombiesOf(all)
	if uncounted := cmp.Or(errBefore, errAfter); uncounted != nil {
		docker.Log.Warn().Err(uncounted).Msg("cannot see whether processes wait for their children")
	}
	online := cgroupfs.ReadOnlineCPUs()
	for i, a := range all {
		a.docker = answers[i]
		a.kernel, a.held = readAfter(a.Target, a.kernel, online)
		a.kernel.Zombies = zombies(zombiesBefore, zombiesAfter, a.held.members)
		if a.held.membersErr != nil {
			docker.Log.Warn().Err(a.held.membersErr).Str("container", a.Name()).Msg("cannot read all of its processes")
		}
		if a.held.belowErr != nil {
			docker.Log.Warn().Err(a.held.belowErr).Str("container", a.Name()).Msg("cannot look for frozen cgroups below its own")
		}
		if a.held.waitsErr != nil {
			docker.Log.Warn().Err(a.held.waitsErr).Str("container", a.Name()).Msg("cannot see all threads that may hold up its freeze")
		}
	}
	return all, errors.Join(failed, err)
}

// gone returns the kernel's account of a container without a cgroup: each figure vanished.
func gone(version int) drift.Kernel {
	k := drift.Kernel{Version: version}
	k.Before, k.Details = cgroupfs.Gone()
	k.After = k.Before
	return k
}

// window is the time between the two readings.
func (a *account) window() time.Duration { return a.kernel.After.At.Sub(a.kernel.Before.At) }

// sameState reports whether Docker's account of a container is unchanged: its state, and its limits, which docker update sets.
func sameState(before, after dockercli.Container) bool {
	b, a := before.State, after.State
	return b.Status == a.Status && b.Paused == a.Paused && b.OOMKilled == a.OOMKilled && b.Pid == a.Pid && b.StartedAt.Equal(a.StartedAt) &&
		reflect.DeepEqual(before.HostConfig, after.HostConfig)
}

// readBefore takes the reading before Docker is asked.
func readBefore(t *target.Target, version int) drift.Kernel {
	if t.Group == nil {
		return gone(version)
	}
	k := drift.Kernel{Exists: true, Version: version, Path: t.Group.Path, Sources: t.Group.Sources()}
	t.Group.Read(&k.Before)
	pids, err := t.Group.Members()
	if k.MembersBefore = pids; err != nil {
		k.MembersError = err.Error()
	}
	return k
}

// onlyEnding reports whether a cgroup whose members were none has only processes that are ending. One may have been started since.
func onlyEnding(group interface{ Members() ([]int, error) }, populated figure.Figure) bool {
	if !populated.Is(1) {
		return false
	}
	pids, err := group.Members()
	return err == nil && len(pids) == 0
}

// readAfter completes the kernel's account after Docker was asked.
func readAfter(t *target.Target, k drift.Kernel, online figure.CPUList) (drift.Kernel, held) {
	if t.Group == nil {
		return k, held{}
	}
	k.Online, k.Cpuset = online, t.Group.CPUs()
	k.Batch = batch(online)
	pids, err := t.Group.Members()
	if k.MembersAfter = pids; err != nil {
		k.MembersError = err.Error()
	}
	members, unread := readMembers(pids, proc.ReadMember)
	k.Details = t.Group.Details()
	t.Group.Read(&k.After)
	k.Ending = len(pids) == 0 && err == nil && onlyEnding(t.Group, k.After.Populated)
	k.FirstThreadEnded = firstThreadEnded(t.Container.State.Pid, members)
	var belowErr, waitsErr error
	k.Below, belowErr = t.Group.FrozenBelow()
	if f := k.After.Freezer; f.Requested.Is(1) && f.Frozen.Is(0) {
		k.Waiting, waitsErr = waits(members)
	}
	h := readHeld(t, &k.Details, pids, members)
	h.membersErr, h.belowErr, h.waitsErr = unread, belowErr, waitsErr
	if !t.Group.Exists() { // it ended while it was read
		return gone(k.Version), held{}
	}
	return k, h
}
