package target

import (
	"context"
	"time"

	"golang.org/x/sys/unix"

	"haltscope/compare/rules/prediction"
	"haltscope/compare/value"
	"haltscope/dockercli"
)

// history is what PoliciesOff asks Docker.
type history interface {
	Engine() dockercli.Engine
	EventHistory(ctx context.Context) (dockercli.History, error)
}

// PoliciesOff returns, by the containers' ids, the restart policies that a signal of docker kill has turned off. docker inspect does not
// show that. Docker's events do, as long as the daemon has them in its history: since is the time of the oldest. It asks Docker only if
// one of the containers has a policy; with podman, it asks nothing.
func PoliciesOff(ctx context.Context, docker history, containers []dockercli.Container) (off map[string]*prediction.PolicyOff,
	since time.Time, err error) {
	byID := map[string]*dockercli.Container{}
	for i := range containers {
		c := &containers[i]
		if c.State.Running && HasPolicy(c) {
			byID[c.ID] = c
		}
	}
	if len(byID) == 0 || docker.Engine() != dockercli.Docker {
		return nil, since, nil
	}
	past, err := docker.EventHistory(ctx)
	if err != nil {
		return nil, since, err
	}
	return policiesOff(byID, past.Kills()), past.Oldest, nil
}

// policiesOff finds the first signal since each container's start that turned its policy off.
func policiesOff(containers map[string]*dockercli.Container, kills []dockercli.Event) map[string]*prediction.PolicyOff {
	off := map[string]*prediction.PolicyOff{}
	for _, e := range kills {
		c := containers[e.ID]
		if c == nil || off[e.ID] != nil || e.Time.Before(c.State.StartedAt) {
			continue
		}
		signal := unix.Signal(0)
		if n, ok := e.SignalNumber(); ok && !c.Config.Labels.Has("signal") { // a label replaces the number
			signal = unix.Signal(n)
		}
		policy := prediction.DisabledPolicy(c.HostConfig.RestartPolicy.Name, c.Config.StopSignal, signal)
		if policy != "" {
			off[e.ID] = &prediction.PolicyOff{Policy: value.Clean(policy), Signal: signal, At: e.Time}
		}
	}
	return off
}

// HasPolicy reports whether a container has a restart policy that a signal can turn off: SIGKILL turns any off.
func HasPolicy(c *dockercli.Container) bool {
	return prediction.DisabledPolicy(c.HostConfig.RestartPolicy.Name, c.Config.StopSignal, unix.SIGKILL) != ""
}
