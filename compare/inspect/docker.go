package inspect

import (
	"context"
	"errors"
	"sync"

	"haltscope/compare/rules/drift"
	"haltscope/compare/rules/prediction"
	"haltscope/compare/target"
	"haltscope/compare/value"
	"haltscope/dockercli"
)

// topLimit bounds how many docker top run at once: each makes the daemon run a ps.
const topLimit = 8

// engine is what askDocker asks Docker.
type engine interface {
	Engine() dockercli.Engine
	EventHistory(ctx context.Context) (dockercli.History, error)
	Stats(ctx context.Context, ids ...string) (map[string]dockercli.Stats, error)
	Top(ctx context.Context, id string) (dockercli.Top, error)
}

// askDocker returns what Docker says about each container now. It calls docker stats once, and docker top for each container that has
// a cgroup. Docker's inspection is the target's. That the daemon's event history cannot be read is no error: one answer is unknown then.
func askDocker(ctx context.Context, docker engine, accounts []*account) ([]drift.Docker, error) {
	var wait sync.WaitGroup
	var stats map[string]dockercli.Stats
	var statsErr error
	if ids := running(accounts); len(ids) > 0 {
		wait.Go(func() { stats, statsErr = docker.Stats(ctx, ids...) })
	}
	containers := make([]dockercli.Container, len(accounts))
	for i, a := range accounts {
		containers[i] = a.Container
	}
	var off map[string]*prediction.PolicyOff
	var offErr error
	wait.Go(func() { off, _, offErr = target.PoliciesOff(ctx, docker, containers) })
	answers := make([]drift.Docker, len(accounts))
	errs := make([]error, len(accounts))
	slots := make(chan struct{}, topLimit)
	for i, a := range accounts {
		answers[i] = inspected(&a.Container, docker.Engine() == dockercli.Podman)
		if a.Group == nil {
			continue
		}
		wait.Go(func() {
			slots <- struct{}{}
			defer func() { <-slots }()
			answers[i].Processes, errs[i] = top(ctx, docker, a.Container.ID)
		})
	}
	wait.Wait()
	for i, a := range accounts {
		if errs[i] != nil {
			answers[i].ProcessesError = dockercli.Cause(errs[i])
		}
		if dockercli.Refused(errs[i]) {
			errs[i] = nil // an answer, too
		}
		if policy := off[a.Container.ID]; policy != nil {
			answers[i].PolicyOff = policy.String()
		}
		if offErr != nil && a.Container.State.Running && target.HasPolicy(&a.Container) {
			answers[i].Policy, answers[i].PolicyOffError = value.Clean(a.Container.HostConfig.RestartPolicy.Name), offErr.Error()
		}
		if s, ok := stats[a.Container.ID]; ok {
			answers[i].StatsCPU, answers[i].StatsMemory = s.CPUPercent, s.MemoryBytes
		}
	}
	if dockercli.Refused(statsErr) {
		statsErr = nil // a container ended meanwhile, so there are no figures
	}
	return answers, errors.Join(append([]error{statsErr}, errs...)...)
}

// running returns the ids of the containers that have a cgroup.
func running(accounts []*account) (ids []string) {
	for _, a := range accounts {
		if a.Group != nil {
			ids = append(ids, a.Container.ID)
		}
	}
	return ids
}

func top(ctx context.Context, docker engine, id string) ([]int, error) {
	top, err := docker.Top(ctx, id)
	if err != nil {
		return nil, err
	}
	return top.PIDs()
}

// inspected returns what docker inspect says about a container.
func inspected(c *dockercli.Container, podman bool) drift.Docker {
	d := drift.Docker{Podman: podman, Status: value.Clean(c.State.Status), Running: c.State.Running, Paused: c.State.Paused,
		OOMKilled:   c.State.OOMKilled,
		MemoryLimit: c.HostConfig.Memory, MemorySwap: c.HostConfig.MemorySwap, Cpuset: c.HostConfig.CpusetCpus, CPULimit: cpuLimit(c)}
	if limit := c.HostConfig.PidsLimit; limit != nil {
		d.PidsLimit = *limit
	}
	return d
}

// cpuLimit returns the limit of CPU time in cores, or 0 for none. It may be set in either of two ways.
func cpuLimit(c *dockercli.Container) float64 {
	quota, period := c.HostConfig.CPUQuota, c.HostConfig.CPUPeriod
	switch {
	case c.HostConfig.NanoCpus != 0:
		return float64(c.HostConfig.NanoCpus) / 1e9
	case quota <= 0:
		return 0
	case period == 0:
		period = 100_000 // the kernel's default, in microseconds
	}
	return float64(quota) / float64(period)
}
