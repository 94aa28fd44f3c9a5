// Package predict answers what docker stop, kill and pause would do to running containers. It changes nothing.
package predict

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"time"

	"haltscope/cgroupfs"
	"haltscope/cgroupfs/proc"
	"haltscope/compare/document"
	"haltscope/compare/fault"
	"haltscope/compare/host"
	"haltscope/compare/rules/prediction"
	"haltscope/compare/target"
	"haltscope/compare/value"
	"haltscope/dockercli"
)

// Progress shows the steps that take time. A step is over when done is called.
type Progress interface {
	// Step begins a step; expect is how long it takes by design, or 0.
	Step(text string, expect time.Duration) (done func())
}

// Run predicts for all containers. It may return both a document and an error, if only some failed.
func Run(ctx context.Context, docker *dockercli.Client, names []string, progress Progress) (*document.Predict, error) {
	kernel, here, err := host.Check(ctx, docker)
	if err == nil {
		err = host.DockerOnly(here, "predict", target.PredictDockerOnly)
	}
	if err != nil {
		return nil, err
	}
	done := progress.Step("docker inspect and /proc", 0)
	defer done()
	found, failed := docker.Find(ctx, names...)
	failed = target.OrImage(ctx, docker, failed, "haltscope predict --image")
	sharing := target.NewSharing(ctx, docker, kernel)
	doc := &document.Predict{Schema: document.PredictSchema, Host: here, Containers: []document.Predicted{}}
	off, offErr := target.PoliciesOff(ctx, docker, found)
	for _, c := range found {
		policy := policy{off: off[c.ID]}
		if offErr != nil && target.HasPolicy(&c) {
			policy.err = offErr
		}
		predicted, err := predictOne(ctx, docker, kernel, sharing, here.EngineVersion, c, policy)
		if err != nil {
			failed = errors.Join(failed, err)
			continue
		}
		doc.Containers = append(doc.Containers, predicted)
	}
	if len(doc.Containers) == 0 {
		return nil, failed
	}
	doc.Notes = document.Notes(doc)
	return doc, failed
}

// policy is what is known of a container's restart policy.
type policy struct {
	off *prediction.PolicyOff
	err error // why off is not known
}

func predictOne(ctx context.Context, docker *dockercli.Client, kernel *cgroupfs.Host, sharing *target.Sharing,
	engine string, c dockercli.Container, policy policy) (document.Predicted, error) {
	name := c.DisplayName()
	t := target.Target{Container: c}
	if err := t.Locate(kernel); err != nil {
		return document.Predicted{}, err
	}
	if c.State.Pid == 0 {
		defer t.Close()
		return document.Predicted{}, notRunning(&t)
	}
	if t.Group == nil {
		return document.Predicted{}, fmt.Errorf("container %s: its first process, %d, has just ended: %w", name, c.State.Pid, proc.ErrNoProcess)
	}
	defer t.Close()
	inspection := target.Inspect(ctx, docker, engine, c, t.Group)
	inspection.Sharing = sharing
	inspection.PolicyOff, inspection.PolicyOffErr = policy.off, policy.err
	facts := inspection.ReadFacts()
	predicted := prediction.Predict(facts)
	return target.Predicted(c, &facts, &predicted), nil
}

// notRunning returns the error for a container of which Docker says that it does not run. Its program may run all the same.
func notRunning(t *target.Target) error {
	name, status := t.Name(), value.Clean(t.Container.State.Status)
	if t.Group != nil {
		if left, err := t.Group.Members(); err == nil && len(left) > 0 {
			return fault.WithHint(fmt.Errorf("container %s is not running (%s), Docker says, but its cgroup still has %s: %s: nothing of Docker's "+
				"reaches what runs there", name, status, value.Count(len(left), "process", "processes"), strings.Trim(fmt.Sprint(left), "[]")),
				"see how to end it: haltscope inspect "+name)
		}
	}
	return fault.WithHint(fmt.Errorf("container %s is not running (%s): it has no process to read", name, status),
		"try a twin of it: haltscope predict --verify --like "+name)
}
