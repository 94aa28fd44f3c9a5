package experiment

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"time"

	"golang.org/x/sys/unix"

	"haltscope/cgroupfs"
	"haltscope/cgroupfs/proc"
	"haltscope/compare/fault"
	"haltscope/compare/host"
	"haltscope/compare/target"
	"haltscope/compare/value"
	"haltscope/dockercli"
)

// runningTwin is a twin, tied to its cgroup and its first process.
type runningTwin struct {
	startedTwin
	container dockercli.Container // docker inspect
	group     *cgroupfs.Group
	process   *proc.Process
	signal    unix.Signal   // that the action begins with; 0 if it cannot be parsed
	grace     time.Duration // of a stop
}

// find ties each twin to its cgroup and its first process.
func (x *experiment) find(ctx context.Context, started []startedTwin) ([]*runningTwin, error) {
	ids := make([]string, len(started))
	for i, t := range started {
		ids[i] = t.id
	}
	found, err := x.docker.Inspect(ctx, ids...)
	if err != nil {
		return nil, err
	}
	daemon, err := target.DaemonGrace(ctx, x.docker, x.host.EngineVersion)
	if err != nil {
		// Docker's own default is the best guess. A prediction says that it is one.
		x.docker.Log.Debug().Err(err).Msg("cannot read the daemon's default grace")
	}
	var twins []*runningTwin
	for _, t := range started {
		container, ok := found[t.id]
		if !ok {
			return nil, fmt.Errorf("twin %s: %w", t.name, removedTwin(nil))
		}
		r := &runningTwin{startedTwin: t, container: container, signal: t.action.signal(container.Config.StopSignal),
			grace: t.action.grace(cmp.Or(container.Config.StopTimeout, daemon.Seconds))}
		if r.group, r.process, err = x.locate(container.State.Pid, t.id); err != nil {
			return nil, explainNotFound(ctx, x.twins(), x.image, t.id, container.State, err)
		}
		twins = append(twins, r)
	}
	return twins, nil
}

// locate opens the cgroup and the first process of a container, until the clean-up.
func (x *experiment) locate(pid int, id string) (*cgroupfs.Group, *proc.Process, error) {
	if pid == 0 {
		return nil, nil, proc.ErrNoProcess
	}
	group, err := x.kernel.Locate(pid, id)
	if err != nil {
		return nil, nil, err
	}
	x.leftovers.atEnd(group.Close)
	process, err := proc.OpenProcess(pid)
	if err != nil {
		return nil, nil, err
	}
	x.leftovers.atEnd(process.Close)
	return group, process, nil
}

// inspector is what Docker is asked about a twin that may have ended.
type inspector interface {
	Inspect(ctx context.Context, names ...string) (map[string]dockercli.Container, error)
	LastLogLine(ctx context.Context, id string) (string, error)
}

// twins is what can be asked about the twins, without the values of their variables: a program may print them.
func (x *experiment) twins() logFollower { return withoutSecrets{x.docker, x.environment()} }

// withoutSecrets hides the values of variables in the lines of logs.
type withoutSecrets struct {
	logFollower
	environment dockercli.Environment
}

func (w withoutSecrets) LastLogLine(ctx context.Context, id string) (string, error) {
	line, err := w.logFollower.LastLogLine(ctx, id)
	return w.environment.Hide(line), err
}

// lastLine returns the last line of a twin's log, to be quoted in a message; "" if there is none, or it cannot be read.
func lastLine(ctx context.Context, docker inspector, id string) string {
	line, err := docker.LastLogLine(ctx, id)
	if err != nil {
		return ""
	}
	return line
}

// explainNotFound says why a twin's first process or its cgroup was not found: the twin has ended, or it runs on another machine.
func explainNotFound(ctx context.Context, docker inspector, img image, id string, state dockercli.State, err error) error {
	var notTied *cgroupfs.NotInContainerError
	switch {
	case state.Pid == 0:
		return endedAtOnce(img, state.ExitCode, lastLine(ctx, docker, id))
	case !errors.Is(err, proc.ErrNoProcess) && !errors.As(err, &notTied):
		return host.LocateError(err)
	}
	found, inspectErr := docker.Inspect(ctx, id)
	if inspectErr != nil {
		return inspectErr
	}
	if now := found[id].State; now.Pid != state.Pid {
		return endedAtOnce(img, now.ExitCode, lastLine(ctx, docker, id))
	}
	return host.RemoteError(err)
}

// endedAtOnce is the error for an image whose process does not keep running.
func endedAtOnce(img image, exitCode int, lastWords string) error {
	words := "it wrote nothing"
	if lastWords != "" {
		words = "its last line: " + lastWords
	}
	return img.ended(fmt.Errorf("a twin of %s ended at once with exit code %d (%s): there is nothing to stop", value.Clean(img.name()),
		exitCode, words))
}

// ended adds to an error about a twin that has ended by itself what the twin may have lacked, and what to try.
func (img *image) ended(err error) error {
	switch {
	case img.embedded:
		return fault.WithHint(err, "no image was named, so the arguments are flags of the embedded workload: see haltscope workload --help")
	case img.like == nil:
		return fault.WithHint(err, "give it what it needs to run: -e NAME=VALUE, --volume SOURCE:PATH, --network NAME; or a command that keeps "+
			"running, after --: … -- COMMAND …")
	}
	if without := img.like.emptied(); without != "" {
		return fault.WithHint(fmt.Errorf("%w; %s", err, without), "if it needs that content: --copy-volumes, or --volume SOURCE:PATH for "+
			"a copy of your own")
	}
	return fault.WithHint(err, "it has neither the network nor the written files of "+img.like.name+": see --network, --volume and -e")
}

// name is that of the container that the twins are modeled on, or of the image.
func (img *image) name() string {
	if img.like != nil {
		return img.like.name
	}
	return img.reference
}
