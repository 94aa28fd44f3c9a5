// Package predict answers what docker stop, kill and pause would do to running containers. It changes nothing.
package predict

import (
	"context"
	"errors"
	"fmt"
	"os"
	"strings"
	"sync"
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

// atOnce bounds for how many containers facts are read at the same time. Most of that is the kernel's work, but some facts take two looks
// and a wait between them.
const atOnce = 8

// Run predicts for all containers of a selection. It may return both a document and an error, if only some failed. Of containers that were
// not named and have no process, the document says only that.
func Run(ctx context.Context, docker *dockercli.Client, which target.Selection, progress Progress) (*document.Predict, error) {
	done := progress.Step("docker inspect and /proc", 0)
	defer done()
	finding := find(ctx, docker, which)
	kernel, here, err := host.Check(ctx, docker)
	if err == nil {
		err = host.DockerOnly(here, "predict", target.PredictDockerOnly)
	}
	if err != nil {
		return nil, err
	}
	found, failed := finding()
	if len(found) == 0 && failed == nil {
		return complete(&document.Predict{Host: here, DaemonAtBoot: value.Absent[bool](value.NotMeasured, "there is no container")}), nil
	}
	failed = target.OrImage(ctx, docker, failed, "haltscope predict --image")
	p := predictor{kernel: kernel, inspector: target.NewInspector(ctx, docker, here.EngineVersion, found...),
		sharing: target.NewSharing(ctx, docker, kernel)}
	p.off, p.offSince, p.offErr = target.PoliciesOff(ctx, docker, found)
	answers := p.all(found)
	doc := &document.Predict{Host: here, DaemonAtBoot: host.DaemonAtBoot()}
	for i := range answers {
		a := &answers[i]
		switch {
		case a.err == nil:
			doc.Containers = append(doc.Containers, a.predicted)
		case !which.ByName() && (errors.Is(a.err, errNotRunning) || errors.Is(a.err, proc.ErrNoProcess)):
			doc.Unpredicted = append(doc.Unpredicted, unpredicted(&found[i], a.err))
		default:
			failed = errors.Join(failed, a.err)
		}
	}
	if len(doc.Containers) == 0 && failed != nil {
		return nil, failed
	}
	return complete(doc), failed
}

// find finds the containers while the caller does something else. The function returned waits for them. Containers that are named are found
// then, because docker inspect, unlike docker ps, does not tell which engine it is: see [dockercli.Client.Engine].
func find(ctx context.Context, docker *dockercli.Client, which target.Selection) (wait func() ([]dockercli.Container, error)) {
	if which.ByName() {
		return func() ([]dockercli.Container, error) { return which.Find(ctx, docker) }
	}
	var found []dockercli.Container
	var failed error
	var done sync.WaitGroup
	done.Go(func() { found, failed = which.Find(ctx, docker) })
	return func() ([]dockercli.Container, error) {
		done.Wait()
		return found, failed
	}
}

// complete returns the document with what belongs to every one.
func complete(d *document.Predict) *document.Predict {
	d.Schema = document.PredictSchema
	if d.Containers == nil {
		d.Containers = []document.Predicted{}
	}
	if d.Unpredicted == nil {
		d.Unpredicted = []document.Unpredicted{}
	}
	d.Notes = document.Notes(d)
	return d
}

// predictor is what the predictions for several containers share.
type predictor struct {
	kernel    *cgroupfs.Host
	inspector *target.Inspector
	sharing   *target.Sharing
	off       map[string]*prediction.PolicyOff // by container id
	offSince  time.Time                        // signals before this are not in off
	offErr    error                            // why off is not known
}

// answer is a prediction, or why there is none.
type answer struct {
	predicted document.Predicted
	err       error
}

// all predicts for the containers, several at a time.
func (p *predictor) all(containers []dockercli.Container) []answer {
	answers := make([]answer, len(containers))
	turns := make(chan struct{}, atOnce)
	var all sync.WaitGroup
	for i, c := range containers {
		all.Go(func() {
			turns <- struct{}{}
			defer func() { <-turns }()
			answers[i].predicted, answers[i].err = p.one(c)
		})
	}
	all.Wait()
	return answers
}

func (p *predictor) one(c dockercli.Container) (document.Predicted, error) {
	name := c.DisplayName()
	t := target.Target{Container: c}
	if err := t.Locate(p.kernel); err != nil {
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
	inspection := p.inspector.Inspect(c, t.Group)
	inspection.Sharing = p.sharing
	inspection.PolicyOff = p.off[c.ID]
	if p.offSince.After(c.State.StartedAt) {
		inspection.PolicyOffSince = p.offSince
	}
	if p.offErr != nil && target.HasPolicy(&c) {
		inspection.PolicyOffErr = p.offErr
	}
	facts := inspection.ReadFacts()
	predicted := prediction.Predict(facts)
	return target.Predicted(c, &facts, &predicted), nil
}

// unpredicted returns what is known of a container without a process.
func unpredicted(c *dockercli.Container, why error) document.Unpredicted {
	facts := target.RestartFacts(c)
	reboot := facts.RebootBetweenRuns(c.State.ExitCode)
	return document.Unpredicted{Name: c.DisplayName(), ID: c.ID, Status: value.Clean(c.State.Status), ExitCode: c.State.ExitCode,
		Restarts: c.RestartCount, Why: why.Error(),
		AfterReboot: document.AfterReboot{Outcome: reboot.Kind, Because: target.Evidence(reboot.Because)}}
}

// errNotRunning means that a container has no process whose signals could be read.
var errNotRunning = errors.New("it has no process to read")

// notRunning returns the error for a container of which Docker says that it does not run. Its program may run all the same.
func notRunning(t *target.Target) error {
	var left []int
	var unread error
	if t.Group != nil {
		left, unread = t.Group.Members()
	}
	return withoutProcess(t.Name(), value.Clean(t.Container.State.Status), left, unread)
}

// withoutProcess returns the error for a container of which Docker says that it does not run, given what its cgroup still has. A cgroup
// that is gone has nothing.
func withoutProcess(name, status string, left []int, unread error) error {
	switch {
	case unread != nil && !errors.Is(unread, os.ErrNotExist):
		return fault.WithHint(fmt.Errorf("container %s is not running (%s), Docker says, but it is not known whether its cgroup still has "+
			"processes: %w", name, status, unread), "see what is left of it: haltscope inspect "+name)
	case len(left) > 0:
		return fault.WithHint(fmt.Errorf("container %s is not running (%s), Docker says, but its cgroup still has %s: %s: nothing of Docker's "+
			"reaches what runs there", name, status, value.Count(len(left), "process", "processes"), strings.Trim(fmt.Sprint(left), "[]")),
			"see how to end it: haltscope inspect "+name)
	}
	return fault.WithHint(fmt.Errorf("container %s is not running (%s): %w", name, status, errNotRunning),
		"try a twin of it: haltscope predict --verify --like "+name)
}
