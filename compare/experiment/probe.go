package experiment

import (
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"time"

	"haltscope/compare/document"
	"haltscope/compare/twin"
	"haltscope/compare/value"
	"haltscope/dockercli"
)

const (
	// workloadPort is the port that the embedded workload listens on.
	workloadPort = 8080
	// mountedProgram is where docker exec finds this executable in the twins of an image.
	mountedProgram = "/haltscope-probe"
	// hangAfter is how long a request over the network may take before it counts as hanging. A request that took long before
	// the action may take slowdown times that.
	hangAfter = 3 * time.Second
	slowdown  = 10
)

// probePlan is what --probe can try on the twins. Its zero value tries nothing.
type probePlan struct {
	port      int      // that the twins listen on; 0: see noPort
	noPort    string   // why no request can be made
	arguments []string // of the embedded workload, so that it listens
	network   string   // made for the twins; "" for none
	program
}

// program is what docker exec runs in the twins.
type program struct {
	path   string // in the twin; "": see noExec
	mount  string // where it is on this host, to be mounted; "" if it is in the image
	noExec string // why no program can be run
}

// portPlanner is what planProbes asks Docker.
type portPlanner interface {
	ImageInspect(ctx context.Context, ref string) (dockercli.Image, error)
	CreateNetwork(ctx context.Context, name string, labels ...string) error
}

// planProbes finds out what can be tried on the twins. It makes a network for them: a port can only be published on a bridge.
func (x *experiment) planProbes(ctx context.Context, docker portPlanner) (probePlan, error) {
	if !x.Probe {
		return probePlan{}, nil
	}
	done := x.progress.Step("creating a network for the twins", 0)
	defer done()
	p := probePlan{port: workloadPort, program: program{path: "/haltscope"}}
	if !x.image.embedded {
		p.program = mountable()
		image, err := docker.ImageInspect(ctx, x.image.reference)
		if err != nil {
			return p, err
		}
		ports := image.ExposedTCP()
		if len(ports) == 0 {
			p.port, p.noPort = 0, "the image exposes no TCP port"
			return p, nil
		}
		p.port = ports[0]
	}
	name := twin.NetworkName(x.run)
	labels := []string{twin.RunLabel + "=" + x.run, twin.OwnerLabel + "=" + x.owner.String()}
	if err := docker.CreateNetwork(context.WithoutCancel(ctx), name, labels...); err != nil {
		p.port, p.noPort = 0, "docker network create failed: "+dockercli.Cause(err)
		return p, ctx.Err()
	}
	x.leftovers.network, p.network = name, name
	if x.image.embedded {
		p.arguments = []string{"--listen", strconv.Itoa(workloadPort)}
	}
	return p, ctx.Err()
}

// mountable is this executable, which docker exec can run in any image.
func mountable() program {
	path, err := ownExecutable()
	if err != nil {
		return program{noExec: err.Error()}
	}
	return program{path: mountedProgram, mount: path}
}

func ownExecutable() (string, error) {
	path, err := os.Executable()
	if err == nil {
		path, err = filepath.EvalSymlinks(path)
	}
	if err != nil {
		return "", fmt.Errorf("finding haltscope's own executable: %w", err)
	}
	file, err := os.Open(path)
	if err != nil {
		return "", err
	}
	defer file.Close()
	if twin.MustBeStatic(file) != nil || strings.ContainsAny(path, ":,") {
		return "", errors.New("this haltscope is dynamically linked, or is at a path that docker cannot mount")
	}
	return path, nil
}

// flags are the flags of docker run for twins that are probed.
func (p probePlan) flags() (flags []string) {
	if p.mount != "" {
		flags = append(flags, "--volume", p.mount+":"+mountedProgram+":ro")
	}
	if p.network != "" {
		flags = append(flags, "--publish", "127.0.0.1::"+strconv.Itoa(p.port))
	}
	return flags
}

// published is where a twin's port can be reached.
type published struct {
	address string
	err     error
}

func (x *experiment) published(ctx context.Context, p probePlan, id string) (at published) {
	if p.port > 0 {
		at.address, at.err = x.docker.Port(ctx, id, p.port)
	}
	return at
}

// firstProbes is what worked on a twin before the action.
type firstProbes struct {
	all         []document.Probe
	published   published
	requestTook time.Duration // a request over the network; 0 if there was no answer
}

// probeBefore tries everything on the running twins: what fails then says nothing after the action.
func (x *experiment) probeBefore(ctx context.Context, twins []*runningTwin, plan probePlan) ([]firstProbes, error) {
	if !x.Probe {
		return make([]firstProbes, len(twins)), nil
	}
	done := x.progress.Step("probing the running twins", 0)
	defer done()
	all := each(twins, func(_ int, t *runningTwin) firstProbes {
		first := firstProbes{published: x.published(ctx, plan, t.id)}
		attempts := x.try(ctx, plan, t, first.published, "before")
		attempts.settle(ctx, x.docker.Timeout, func(*attempt) time.Duration { return x.docker.Timeout })
		attempts.end()
		for _, one := range attempts.all {
			p := one.report("before")
			first.all = append(first.all, p)
			if took, ok := p.DurationMs.Get(); ok && one.name == "port" {
				first.requestTook = time.Duration(took * float64(time.Millisecond))
			}
		}
		return first
	})
	return all, ctx.Err()
}

// probeAfter tries everything on a twin in the state after the action. What hangs goes on until the twin was brought back.
// The result is nil if nothing is tried.
func (x *experiment) probeAfter(ctx context.Context, plan probePlan, t *preparedTwin, a aftermath) *attempts {
	if !x.Probe || ctx.Err() != nil {
		return nil
	}
	done := x.progress.Step("probing the twin after docker "+t.action.String(), 0)
	defer done()
	at := t.probed.published
	if a.restarted { // docker restart publishes the port at another address
		at = x.published(ctx, plan, t.id)
	}
	open := x.try(ctx, plan, t.runningTwin, at, "after")
	x.leftovers.atEnd(open.end)
	open.settle(ctx, x.docker.Timeout, func(one *attempt) time.Duration {
		if one.name == "port" {
			return max(hangAfter, slowdown*t.probed.requestTook)
		}
		return x.docker.Timeout
	})
	return open
}

// probeResumed finds out what became of the attempts that hung, once the twin is back, and ends those that still hang.
func (x *experiment) probeResumed(ctx context.Context, open *attempts, b resumed) (probes []document.Probe) {
	if open == nil {
		return nil
	}
	thawed := b.command == "unpause" && b.err == nil
	if thawed {
		open.settle(ctx, x.docker.Timeout, func(*attempt) time.Duration { return x.docker.Timeout })
	}
	open.end()
	for _, one := range open.all {
		p := one.report("after")
		if thawed && p.Outcome == value.Known(document.Hung) {
			p.AfterUnpause = one.afterUnpause(b.began)
		}
		probes = append(probes, p)
	}
	return probes
}
