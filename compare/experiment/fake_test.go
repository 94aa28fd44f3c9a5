package experiment

import (
	"cmp"
	"context"
	"errors"
	"slices"
	"strings"
	"time"

	"haltscope/dockercli"
)

// errDocker is an error of Docker's that says nothing about the container.
var errDocker = errors.New("docker: no answer")

// fakeDocker answers what a test has set. It can show faults and orders that a real engine shows rarely.
type fakeDocker struct {
	containers map[string]dockercli.Container
	inspectErr error

	psLines  []dockercli.PsLine
	psErr    error
	stats    map[string]dockercli.Stats
	statsErr error
	asked    []string         // the ids of docker stats
	failed   map[string]error // by docker inspect, by id
	topErr   map[string]error

	sequence  []dockercli.Container // of the container id, one after the other; the last one stays. It replaces containers
	logLines  []string
	logErr    error
	logEnds   bool // ends after its lines; otherwise it continues
	followErr error

	runErr     map[string]error // of docker run, by the twin's name
	image      dockercli.Image
	imageErr   error
	networkErr error

	calls []string
}

func (d *fakeDocker) Inspect(_ context.Context, names ...string) (map[string]dockercli.Container, error) {
	if len(d.sequence) == 0 {
		return d.containers, d.inspectErr
	}
	container := d.sequence[0]
	if len(d.sequence) > 1 {
		d.sequence = d.sequence[1:]
	}
	if container.ID == "" {
		return nil, nil // it is gone
	}
	return map[string]dockercli.Container{container.ID: container}, d.inspectErr
}

func (d *fakeDocker) LastLogLine(context.Context, string) (string, error) { return "last words", nil }

func (d *fakeDocker) Ps(context.Context, bool, dockercli.Filter) ([]dockercli.PsLine, error) {
	return d.psLines, d.psErr
}

func (d *fakeDocker) Stats(_ context.Context, ids ...string) (map[string]dockercli.Stats, error) {
	d.asked = ids
	return d.stats, d.statsErr
}

func (d *fakeDocker) InspectMany(context.Context, ...string) dockercli.Inspections {
	return dockercli.Inspections{Found: d.containers, Failed: d.failed}
}

func (d *fakeDocker) Top(_ context.Context, id string) (dockercli.Top, error) {
	return dockercli.Top{}, d.topErr[id]
}

func (d *fakeDocker) FollowLogs(ctx context.Context, _ string, _ dockercli.LogOptions, line func([]byte), end func(error)) error {
	if d.followErr != nil {
		return d.followErr
	}
	go func() {
		for _, text := range d.logLines {
			line([]byte(text))
		}
		if !d.logEnds {
			<-ctx.Done()
		}
		end(d.logErr)
	}()
	return nil
}

// RunLike starts a twin. Its id is its name with the prefix id-. It may be called concurrently.
func (d *fakeDocker) RunLike(ctx context.Context, _ dockercli.Environment, flags []string, _ string, _ ...string) (string, error) {
	name := flags[slices.Index(flags, "--name")+1]
	if err := cmp.Or(ctx.Err(), d.runErr[name]); err != nil {
		return "", err
	}
	return "id-" + name, nil
}

// CreateLike creates a twin as RunLike starts one.
func (d *fakeDocker) CreateLike(ctx context.Context, env dockercli.Environment, flags []string, image string, command ...string) (string,
	error) {
	return d.RunLike(ctx, env, flags, image, command...)
}

func (d *fakeDocker) ImageInspect(context.Context, string) (dockercli.Image, error) {
	return d.image, d.imageErr
}

func (d *fakeDocker) CreateNetwork(_ context.Context, name string, _ ...string) error {
	d.call("network create " + name)
	return d.networkErr
}

func (d *fakeDocker) call(name string) (dockercli.Call, error) {
	d.calls = append(d.calls, name)
	return dockercli.Call{}, nil
}

func (d *fakeDocker) Do(_ context.Context, id string, a dockercli.Action) (dockercli.Call, error) {
	return d.call(strings.Join(a.Args(id), " "))
}

// inState is a container in a state.
func inState(s dockercli.State) dockercli.Container {
	return dockercli.Container{ID: "id", State: s}
}

// noProgress shows nothing.
type noProgress struct{ steps *[]string }

func (p noProgress) Step(text string, _ time.Duration) func() {
	if p.steps != nil {
		*p.steps = append(*p.steps, text)
	}
	return func() {}
}

func (p noProgress) Grace(text string, _ time.Duration) func() { return p.Step(text, 0) }
