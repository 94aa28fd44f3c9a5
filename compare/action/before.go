package action

import (
	"context"
	"errors"
	"time"

	"haltscope/cgroupfs/proc"
	"haltscope/compare/rules/prediction"
	"haltscope/compare/target"
	"haltscope/compare/value"
	"haltscope/dockercli"
)

// expectation is what the rules of predict say about the action, before it is performed.
type expectation struct {
	noRules      bool                // predict has no rules for this engine
	facts        *prediction.Facts   // nil where there are no rules, or the container was not running
	outcome      *prediction.Outcome // nil where there are no rules
	consequences []prediction.Evidence
}

// expect asks the rules of predict.
func (j *job) expect() expectation {
	if j.docker.Engine() != dockercli.Docker {
		return expectation{noRules: true}
	}
	c := &j.target.Container
	if j.target.Group == nil {
		idle := prediction.Idle{Status: value.Clean(c.State.Status), RestartPolicy: value.Clean(c.HostConfig.RestartPolicy.Name)}
		if c.Config.StopSignal != "" {
			idle.ConfiguredSignal = SignalNumber(value.Stop, "", c.Config.StopSignal)
		}
		o := prediction.PredictIdle(idle, j.action)
		return expectation{outcome: &o}
	}
	inspection := j.inspector.Inspect(*c, j.target.Group)
	inspection.Sharing = j.sharing
	facts := inspection.ReadFacts()
	o := prediction.PredictAction(facts, j.action)
	e := expectation{outcome: &o}
	if j.action.Verb.Ends() {
		e.consequences = prediction.Predict(facts).Consequences
	}
	facts = facts.WithFlags(j.action)
	e.facts = &facts
	return e
}

// members are the processes of a cgroup.
type members struct {
	pids []int
	err  error // why they may be incomplete
}

// initial is [Initial], and what only the report needs.
type initial struct {
	Initial
	members     members
	killPending string // the kernel file in which the first process has a SIGKILL pending; "" for none
}

// before opens the container's processes, and reads what the kernel says about it right before the action.
func (j *job) before(r *Request) (b initial) {
	c := j.target.Container
	b.Initial = Initial{Before: c, Group: j.target.Group, EventsFrom: j.followed}
	if b.Group == nil {
		return b
	}
	b.members.pids, b.members.err = b.Group.Members()
	var err error
	b.Process, err = proc.OpenProcess(c.State.Pid)
	ended := errors.Is(err, proc.ErrNoProcess)
	if err != nil {
		b.Process, b.NoHandle = nil, !ended
	}
	if b.NoHandle {
		j.log.Warn().Err(err).Str("container",
			j.target.Name()).Msg("cannot open a pidfd for its first process; only Docker reports how it ends")
	}
	if r.Ends() && !ended {
		if b.Shim, err = target.OpenShim(c.State.Pid); err != nil {
			logShim(j.log, j.target.Name(), err)
		}
		b.Dispositions = target.ReadDispositions(c.State.Pid, b.members.pids)
		b.Target = b.Dispositions.For(r.Signal)
	}
	b.killPending = j.killPending(c.State.Pid)
	b.Group.Read(&b.ReadBefore)
	return b
}

// awaitEmpty begins to wait for the end of all processes of the cgroup: those of a container that shares another's PID namespace
// may outlive its first. The function returned waits on if the first process has ended, and returns when the cgroup was empty.
func awaitEmpty(ctx context.Context, r *Request, before *Initial) (wait func(ended bool) *time.Time) {
	if !r.Ends() || before.Group == nil || before.Process == nil {
		return func(bool) *time.Time { return nil }
	}
	ctx, cancel := context.WithCancel(ctx)
	empty := make(chan time.Time, 1)
	go func() {
		defer close(empty)
		if _, err := before.Process.AwaitEnd(ctx); err != nil {
			return
		}
		if at, err := before.Group.AwaitEmpty(ctx); err == nil {
			empty <- at
		}
	}()
	return func(ended bool) *time.Time {
		defer cancel()
		if !ended {
			cancel()
		}
		return receive(empty, EffectLimit, cancel)
	}
}
