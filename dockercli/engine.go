package dockercli

import (
	"bytes"
	"context"
	"sync"

	"haltscope/compare/value"
)

// Engine is a container engine that takes docker's commands.
type Engine string

// The engines that a [Client] can drive. Podman has been tried in versions 4.3.1 and 5.4.2.
const (
	Docker Engine = "docker"
	Podman Engine = "podman"
)

// engine is the engine of a client, once it is known. It is set once and never changes.
type engine struct {
	mu   sync.Mutex
	name Engine // "" as long as it is not known
}

// settle returns the engine. If it is not known yet, find decides.
func (e *engine) settle(find func() Engine) Engine {
	e.mu.Lock()
	defer e.mu.Unlock()
	if e.name == "" {
		e.name = find()
	}
	return e.name
}

// known returns the engine if it is known; "" if not.
func (e *engine) known() Engine {
	e.mu.Lock()
	defer e.mu.Unlock()
	return e.name
}

// Engine returns the engine behind the binary. It is found once for each client, and never changes afterwards: by the first
// answer to docker info or to docker ps, which costs no call of its own, or by docker --version if something else is asked
// first, or if ps lists nothing. A binary that cannot be run counts as docker.
func (c *Client) Engine() Engine { return c.engineBy(context.Background()) }

// engineBy is Engine with a context for the call that it may make.
func (c *Client) engineBy(ctx context.Context) Engine {
	return c.engine.settle(func() Engine {
		// "podman version 4.3.1", "Docker version 28.2.2, build e6534b4": no daemon is asked.
		if call, err := c.run(ctx, "--version"); err == nil && bytes.HasPrefix(call.Stdout, []byte("podman ")) {
			return Podman
		}
		return Docker
	})
}

func (c *Client) isPodman(ctx context.Context) bool { return c.engineBy(ctx) == Podman }

// EventsLack says what the engine's events never report about a docker verb; "" if they report everything.
//
// Podman has no event for the signals of a stop. Its stop event is missing if the cleanup that conmon starts came first
// (libpod/container_internal.go, stop). The event of a kill does not name the signal.
func (e Engine) EventsLack(verb value.Verb) string {
	if e == Podman && (verb.Stops()) {
		return "podman has no events for the signals of a stop"
	}
	return ""
}

// EndEvents returns the events that follow a docker kill or stop that ended the container. restarts says whether its restart
// policy starts it again.
//
// Podman removes the cgroup after its died event, in a process started by conmon, which ends with a cleanup event.
func (e Engine) EndEvents(verb value.Verb, restarts bool) []string {
	switch {
	case e == Podman && !restarts:
		return []string{"die", "cleanup"}
	case e == Docker && verb == value.Stop:
		return []string{"die", "stop"} // engines differ in the order
	}
	return []string{"die"}
}
