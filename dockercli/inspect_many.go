package dockercli

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"sync"
	"time"
)

// Inspections is what docker inspect said of several containers.
type Inspections struct {
	Found  map[string]Container // by full id
	Failed map[string]error     // by the name or id that was asked for: why docker gave no answer about it
}

// Err joins the errors of those that docker gave no answer about; nil if there are none. The same error is not repeated.
func (i Inspections) Err() error {
	var all []error
	said := map[string]bool{}
	for _, err := range i.Failed {
		if text := err.Error(); !said[text] {
			said[text] = true
			all = append(all, err)
		}
	}
	return errors.Join(all...)
}

// InspectMany inspects containers by id or name. A container that docker cannot inspect, or never answers about, is in
// Failed and costs no other its answer; one that does not exist is in neither map. A second docker call for each container
// is made only if the first, for all of them, fails. At most it takes 5/3 of the client's Timeout: a half for the first call,
// a sixth for the daemon's version, and a whole one for the calls for each container.
func (c *Client) InspectMany(ctx context.Context, names ...string) Inspections {
	all := Inspections{Found: map[string]Container{}, Failed: map[string]error{}}
	c.InspectEach(ctx, names, func(name string, found *Container, err error) {
		switch {
		case err != nil:
			all.Failed[name] = err
		case found != nil:
			all.Found[found.ID] = *found
		}
	})
	return all
}

// InspectEach is like [Client.InspectMany], but reports each container as soon as it is known: got is called once per name,
// never concurrently, with nil and nil for a container that does not exist. A container that hangs is the last to be reported.
func (c *Client) InspectEach(ctx context.Context, names []string, got func(name string, found *Container, err error)) {
	if len(names) == 0 {
		return
	}
	if len(names) == 1 {
		found, err := c.inspectOne(ctx, names[0], c.Timeout)
		got(names[0], found, err)
		return
	}
	found, err := c.inspectTogether(ctx, names)
	var left []string
	for _, name := range names {
		if one, ok := pick(found, name); ok {
			got(name, &one, nil)
		} else {
			left = append(left, name)
		}
	}
	switch {
	case len(left) == 0:
		return
	case err == nil || saysNotFound(err) == len(left):
		for _, name := range left {
			got(name, nil, nil)
		}
		return
	case errors.Is(err, ErrNoBinary) || ctx.Err() != nil || len(left) == len(names) && !c.Answers(ctx, c.Timeout/6):
		// Asking for each by itself would fail for each by itself.
		for _, name := range left {
			got(name, nil, err)
		}
		return
	}
	c.inspectApart(ctx, left, got)
}

// Limits on the calls of InspectEach, for a Timeout of 30 s: the call for all gets 5 s and 20 ms a container, at most 15 s;
// each call for one 10 s, and all of those together 30 s.
const (
	apartAtOnce  = 8 // calls for one container that run at the same time
	perContainer = 20 * time.Millisecond
)

// inspectTogether asks for all in one call. What was found is returned also with an error.
func (c *Client) inspectTogether(ctx context.Context, names []string) (map[string]Container, error) {
	limit := min(c.Timeout/6+time.Duration(len(names))*perContainer, c.Timeout/2)
	ctx, cancel := withShare(ctx, limit, fmt.Sprintf("about %d containers", len(names)))
	defer cancel()
	call, err := c.run(ctx, 0, nil, append([]string{"inspect", "--type", "container", "--"}, names...)...)
	found, parseErr := parseInspect(c.inspected(call.Stdout))
	if err == nil {
		err = parseErr
	}
	if err != nil {
		err = fmt.Errorf("inspecting the containers: %w", err)
	}
	byID := make(map[string]Container, len(found))
	for _, container := range found {
		byID[container.ID] = container
	}
	return byID, err
}

// inspectApart asks for each in a call of its own.
func (c *Client) inspectApart(ctx context.Context, names []string, got func(string, *Container, error)) {
	ctx, cancel := withShare(ctx, c.Timeout, "about each container")
	defer cancel()
	apart(names, func(name string) (*Container, error) { return c.inspectOne(ctx, name, c.Timeout/3) }, got)
}

// apart asks about each container in a call of its own, some at a time. Answers are passed on one after the other.
func apart[T any](names []string, ask func(string) (T, error), got func(string, T, error)) {
	turns := make(chan struct{}, apartAtOnce)
	var passing sync.Mutex
	var wait sync.WaitGroup
	for _, name := range names {
		wait.Go(func() {
			turns <- struct{}{}
			defer func() { <-turns }()
			answer, err := ask(name)
			passing.Lock()
			defer passing.Unlock()
			got(name, answer, err)
		})
	}
	wait.Wait()
}

// inspectOne asks about one container; nil and nil if there is no such container.
func (c *Client) inspectOne(ctx context.Context, name string, limit time.Duration) (*Container, error) {
	ctx, cancel := withShare(ctx, limit, "about the container")
	defer cancel()
	found, err := c.Inspect(ctx, name)
	if err != nil {
		return nil, err
	}
	if one, ok := pick(found, name); ok {
		return &one, nil
	}
	return nil, nil
}

// withShare limits a call to a share of the client's Timeout.
func withShare(ctx context.Context, limit time.Duration, about string) (context.Context, context.CancelFunc) {
	return context.WithTimeoutCause(ctx, limit, fmt.Errorf("%w %s within %s (a share of --timeout)", ErrTimeout, about, limit))
}

// Answers reports whether the daemon tells its version within limit. It is true for podman, which has no daemon.
func (c *Client) Answers(ctx context.Context, limit time.Duration) bool {
	if c.podman {
		return true
	}
	ctx, cancel := withShare(ctx, limit, "about the daemon's version")
	defer cancel()
	_, err := c.run(ctx, 0, nil, "version", "--format", "{{.Server.Version}}")
	return err == nil
}

// saysNotFound counts the containers of which docker says in an error that they do not exist.
func saysNotFound(err error) int {
	var call *CallError
	if !errors.As(err, &call) {
		return 0
	}
	said := strings.ToLower(call.Stderr)
	return strings.Count(said, "no such container") + strings.Count(said, "no such object")
}
