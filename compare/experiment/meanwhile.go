package experiment

import (
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"time"

	"haltscope/compare/document"
	"haltscope/compare/fault"
	"haltscope/compare/twin"
	"haltscope/compare/value"
	"haltscope/dockercli"
)

const (
	// probePort is what the embedded workload listens on.
	probePort = 8080
	// probeProgram is where an image of one's own finds the program that is run in it by docker exec: this executable.
	probeProgram = "/haltscope-probe"
	// probePatience is what a request over the network may take at the least before it counts as hanging; one that took
	// long before the action may take probeSlower times that.
	probePatience = 3 * time.Second
	probeSlower   = 10
)

// probing is what --probe needs to know of all twins.
type probing struct {
	port    int    // that the twins listen on; 0: see noPort
	noPort  string // why no request can be made
	program string // that docker exec runs; "": see noExec
	mount   string // where that program is on this host, to be mounted; "" for in the image
	noExec  string // why no program can be run
	network string // made for the twins, and to be removed; "" for none
}

// prepareProbes finds out what the twins can be asked, and makes a network for them: a port is published on a bridge only.
func (x *experiment) prepareProbes(ctx context.Context) error {
	if !x.Probe {
		return nil
	}
	done := x.progress.Step("a network for the twins", 0)
	defer done()
	p := &x.probes
	if err := x.findProgram(); err != nil {
		p.noExec = err.Error()
	}
	if x.embedded {
		p.port = probePort
	} else {
		ports, err := x.docker.ExposedPorts(ctx, x.Image)
		if err != nil {
			return err
		}
		if len(ports) == 0 {
			p.noPort = "the image exposes no TCP port"
			return nil
		}
		p.port = ports[0]
	}
	name := twin.NetworkName(x.run)
	err := x.docker.CreateNetwork(context.WithoutCancel(ctx), name, twin.RunLabel+"="+x.run, twin.OwnerLabel+"="+x.owner.String())
	if err != nil {
		p.port, p.noPort = 0, "docker network create failed: "+dockercli.Cause(err)
		return ctx.Err()
	}
	p.network, x.Network = name, name
	if x.embedded {
		x.Command = append(slices.Clone(x.Command), "--listen", strconv.Itoa(probePort))
	}
	return ctx.Err()
}

// findProgram finds a program that docker exec can run in any image.
func (x *experiment) findProgram() error {
	if x.embedded {
		x.probes.program = "/haltscope"
		return nil
	}
	path, err := os.Executable()
	if err == nil {
		path, err = filepath.EvalSymlinks(path)
	}
	if err != nil {
		return fmt.Errorf("finding haltscope's own executable: %w", err)
	}
	exe, err := os.Open(path)
	if err != nil {
		return err
	}
	defer exe.Close()
	if twin.MustBeStatic(exe) != nil || strings.ContainsAny(path, ":,") {
		return errors.New("this haltscope is linked dynamically, or lies at a path that docker cannot mount")
	}
	x.probes.program = probeProgram
	x.probes.mount = path
	return nil
}

// probeFlags are the flags of docker run for a twin that is probed.
func (x *experiment) probeFlags() (flags []string) {
	if x.probes.mount != "" {
		flags = append(flags, "--volume", x.probes.mount+":"+probeProgram+":ro")
	}
	if x.probes.network != "" {
		flags = append(flags, "--publish", "127.0.0.1::"+strconv.Itoa(x.probes.port))
	}
	return flags
}

// removeNetwork removes what was made for the twins. It outlives an interruption, as their removal does.
func (x *experiment) removeNetwork() error {
	if x.probes.network == "" {
		return nil
	}
	ctx, cancel := context.WithTimeout(context.Background(), twin.CleanUpLimit)
	defer cancel()
	if err := x.docker.RemoveNetworks(ctx, x.probes.network); err != nil {
		return fault.WithHint(err, "remove it with: haltscope clean")
	}
	return nil
}

// probeBefore tries all on the running twins: what fails then says nothing afterwards.
func (x *experiment) probeBefore(ctx context.Context) error {
	if !x.Probe {
		return nil
	}
	done := x.progress.Step("what works on the running twins", 0)
	defer done()
	x.each(func(a *arm) {
		if x.probes.port > 0 {
			a.address, a.addressErr = x.docker.Port(ctx, a.id, x.probes.port)
		}
		all := x.try(ctx, a, "before")
		all.settle(ctx, x.docker.Timeout, func(*attempt) time.Duration { return x.docker.Timeout })
		all.end()
		for _, t := range all.all {
			p := t.report("before")
			a.probed = append(a.probed, p)
			if took, ok := p.DurationMs.Get(); ok && t.name == "port" {
				a.portTook = time.Duration(took * float64(time.Millisecond))
			}
		}
	})
	return ctx.Err()
}

// probeAfter tries all on a twin in the state that the action has left. What hangs is left hanging until resumed.
func (x *experiment) probeAfter(ctx context.Context, a *arm) {
	if !x.Probe || ctx.Err() != nil {
		return
	}
	done := x.progress.Step("what works after docker "+a.action.String(), 0)
	defer done()
	if a.anew() && x.probes.port > 0 { // docker restart publishes it anew, at another address
		a.address, a.addressErr = x.docker.Port(ctx, a.id, x.probes.port)
	}
	a.hanging = x.try(ctx, a, "after")
	a.hanging.settle(ctx, x.docker.Timeout, func(t *attempt) time.Duration {
		if t.name == "port" {
			return max(probePatience, probeSlower*a.portTook)
		}
		return x.docker.Timeout
	})
}

// probeResumed sees what became of those that hung, once the twin is back, and ends those that hang still.
func (x *experiment) probeResumed(ctx context.Context, a *arm) {
	if a.hanging == nil {
		return
	}
	thawed := a.resumeCommand == "unpause" && a.resumeErr == nil
	if thawed {
		a.hanging.settle(ctx, x.docker.Timeout, func(*attempt) time.Duration { return x.docker.Timeout })
	}
	a.hanging.end()
	for _, t := range a.hanging.all {
		p := t.report("after")
		if thawed && p.Outcome == value.Known(document.Hung) {
			p.AfterUnpause = t.late(a.resumeBegan)
		}
		a.probed = append(a.probed, p)
	}
}
