package experiment

import (
	"context"
	"sync"

	"haltscope/compare/twin"
	"haltscope/dockercli"
)

// answers is what Docker's commands say of one twin after the action.
type answers struct {
	ps       *dockercli.PsLine // nil: see psErr, or docker ps does not list it
	psErr    error
	top      *dockercli.Top // nil: see topErr
	topErr   error
	stats    *dockercli.Stats // nil: see statsErr, or docker stats does not list it
	statsErr error
	after    *dockercli.Container // docker inspect; nil: see afterErr, or there is no such container
	afterErr error
}

// observe runs docker ps, top, stats and inspect on the twins: once for all of them where the command takes several.
func (x *experiment) observe(ctx context.Context, twins []*preparedTwin) []answers {
	done := x.progress.Step("docker ps, top, stats and inspect", 0)
	defer done()
	ids := make([]string, len(twins))
	for i, t := range twins {
		ids[i] = t.id
	}
	all, failed := ask(ctx, x.docker, twin.OfRun(x.run), ids)
	for _, err := range failed {
		x.failures.add(err)
	}
	for i, t := range twins {
		a := all[i]
		if a.topErr != nil && !dockercli.Refused(a.topErr) {
			t.failures.add(a.topErr)
		}
	}
	return all
}

// observer is what ask asks Docker.
type observer interface {
	Ps(ctx context.Context, all bool, filter dockercli.Filter) ([]dockercli.PsLine, error)
	Stats(ctx context.Context, ids ...string) (map[string]dockercli.Stats, error)
	InspectMany(ctx context.Context, names ...string) dockercli.Inspections
	Top(ctx context.Context, id string) (dockercli.Top, error)
}

// ask asks Docker about containers. It returns the answers in the order of ids, and the errors of the calls for all of them.
func ask(ctx context.Context, docker observer, filter dockercli.Filter, ids []string) (all []answers, failed []error) {
	var lines map[string]dockercli.PsLine
	var stats map[string]dockercli.Stats
	var psErr, statsErr error
	var inspected dockercli.Inspections
	var calls sync.WaitGroup
	calls.Go(func() { lines, stats, psErr, statsErr = list(ctx, docker, filter) })
	calls.Go(func() { inspected = docker.InspectMany(ctx, ids...) })
	all = each(ids, func(_ int, id string) (a answers) {
		top, err := docker.Top(ctx, id)
		if a.topErr = err; err == nil {
			a.top = &top
		}
		return a
	})
	calls.Wait()
	for i, id := range ids {
		a := &all[i]
		a.psErr = psErr
		if line, ok := lines[id]; ok {
			a.ps = &line
		}
		if one, ok := stats[id]; ok {
			a.stats = &one
		} else {
			a.statsErr = statsErr
		}
		if a.afterErr = inspected.Failed[id]; a.afterErr != nil {
			continue
		}
		if container, ok := inspected.Found[id]; ok {
			a.after = &container
		}
	}
	if psErr != nil {
		failed = append(failed, psErr)
	} else if statsErr != nil {
		failed = append(failed, statsErr)
	}
	if err := inspected.Err(); err != nil {
		failed = append(failed, err)
	}
	return all, failed
}

// list runs docker ps, and docker stats on what that lists: stats fails altogether if one container is gone. If ps fails,
// its error is that of both.
func list(ctx context.Context, docker observer, filter dockercli.Filter) (map[string]dockercli.PsLine, map[string]dockercli.Stats,
	error, error) {
	listed, err := docker.Ps(ctx, true, filter)
	if err != nil || len(listed) == 0 {
		return nil, nil, err, err
	}
	lines := map[string]dockercli.PsLine{}
	ids := make([]string, len(listed))
	for i, line := range listed {
		lines[line.ID], ids[i] = line, line.ID
	}
	stats, err := docker.Stats(ctx, ids...)
	return lines, stats, nil, err
}
