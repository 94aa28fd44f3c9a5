package experiment

import (
	"context"
	"errors"
	"sync"

	"haltscope/compare/fault"
	"haltscope/compare/twin"
	"haltscope/dockercli"
)

// leftovers is what an experiment has made and opened so far.
type leftovers struct {
	load    *load    // nil without --during
	settled []string // the twins' ids, once it is known that none is paused
	network string   // made for the twins; "" for none

	mu      sync.Mutex // for the fields below
	made    []string   // the ids of all twins
	givenUp bool       // a `docker run` timed out: the daemon may still make its twin
	closers []func()
}

// add notes the result of a `docker run`.
func (l *leftovers) add(id string, err error) {
	l.mu.Lock()
	defer l.mu.Unlock()
	if id != "" {
		l.made = append(l.made, id)
	}
	l.givenUp = l.givenUp || errors.Is(err, dockercli.ErrTimeout)
}

// atEnd registers a function to call after the twins are removed. The last one is called first.
func (l *leftovers) atEnd(release func()) {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.closers = append(l.closers, release)
}

func (l *leftovers) close() {
	for i := len(l.closers) - 1; i >= 0; i-- {
		l.closers[i]()
	}
}

// cleanUp removes the twins and their network, and closes what was opened. An interruption does not stop it.
func (x *experiment) cleanUp() error {
	l := &x.leftovers
	loadErr := l.load.end()
	done := x.progress.Step("removing the twins", 0)
	err := errors.Join(loadErr, twin.RemoveRun(x.docker, x.kernel, x.run, l.settled, l.made, l.givenUp), x.removeNetwork())
	done()
	l.close()
	return err
}

// removeNetwork removes the network that was made for the twins.
func (x *experiment) removeNetwork() error {
	if x.leftovers.network == "" {
		return nil
	}
	ctx, cancel := context.WithTimeout(context.Background(), twin.CleanUpLimit)
	defer cancel()
	if err := x.docker.RemoveNetworks(ctx, x.leftovers.network); err != nil {
		return fault.WithHint(err, "remove it with: haltscope clean")
	}
	return nil
}
