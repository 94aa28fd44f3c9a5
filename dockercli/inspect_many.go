package dockercli

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"sync"
	"time"
)

// Inspections is what docker inspect said about several containers.
type Inspections struct {
	Found  map[string]Container // by full id
	Failed map[string]error     // by the name or id that was asked for: why docker gave no answer about it
}

// Err joins the errors in Failed, without repeating the same text; nil if there are none.
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
// Failed and does not affect the others. One that does not exist is in neither map. Docker is called once for each container
// only if the first call, for all of them, fails, and the list of the containers does not explain why. It takes at most 5/3 of the
// client's Timeout: 1/2 for the first call, 1/6 for the list or for the daemon's version, and 1 for all calls about single
// containers.
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

// InspectEach is like [Client.InspectMany], but reports each container as soon as it is known. got is called once for each
// name, never concurrently, with nil and nil for a container that does not exist. A container that hangs is reported last.
func (c *Client) InspectEach(ctx context.Context, names []string, got func(name string, found *Container, err error)) {
	if len(names) == 0 {
		return
	}
	if len(names) == 1 {
		found, err := c.inspectOne(ctx, 2, names[0], c.Timeout)
		got(names[0], found, err)
		return
	}
	found, err := c.inspectTogether(ctx, names)
	for _, name := range names {
		if one, ok := pick(found, name); ok {
			got(name, &one, nil)
		}
	}
	left := notIn(found, names)
	absent, answers := c.absentNow(ctx, err, left)
	left = slices.DeleteFunc(left, func(name string) bool {
		gone := err == nil || absent[name]
		if gone {
			got(name, nil, nil)
		}
		return gone
	})
	switch {
	case len(left) == 0:
		return
	case errors.Is(err, ErrNoBinary) || ctx.Err() != nil || len(left) == len(names) && !answers():
		// A call for each container would fail in the same way.
		for _, name := range left {
			got(name, nil, err)
		}
		return
	}
	c.inspectApart(ctx, left, got)
}

// InspectEachWithin is [Client.InspectEach] with another limit than the client's Timeout.
func (c *Client) InspectEachWithin(ctx context.Context, limit time.Duration, names []string,
	got func(name string, found *Container, err error)) {
	c.WithTimeout(limit).InspectEach(ctx, names, got)
}

// absentNow returns those of the names that no container has, after a call about them that failed with err, and a function that
// reports whether the daemon answers. Only a call that docker refused can have failed because of a name.
func (c *Client) absentNow(ctx context.Context, err error, names []string) (absent map[string]bool, answers func() bool) {
	if !Refused(err) {
		return nil, func() bool { return c.Answers(ctx, c.Timeout/6) }
	}
	ctx, cancel := withShare(ctx, c.Timeout/6, "about the list of containers")
	defer cancel()
	absent, listErr := c.absentContainers(ctx, names)
	return absent, func() bool { return listErr == nil }
}

// The limits on the calls of InspectEach, for a Timeout of 30 s: the call for all gets 5 s and 20 ms a container, at most 15 s.
// Each call for one container gets 10 s, and all of those together 30 s.
const (
	apartAtOnce  = 8 // calls for one container that run at the same time
	perContainer = 20 * time.Millisecond
)

// inspectTogether asks about all containers in one call. It returns what was found even if it returns an error.
func (c *Client) inspectTogether(ctx context.Context, names []string) (map[string]Container, error) {
	limit := min(c.Timeout/6+time.Duration(len(names))*perContainer, c.Timeout/2)
	ctx, cancel := withShare(ctx, limit, fmt.Sprintf("about %d containers", len(names)))
	defer cancel()
	return c.inspect(ctx, names)
}

// inspectApart asks about each container in a call of its own.
func (c *Client) inspectApart(ctx context.Context, names []string, got func(string, *Container, error)) {
	ctx, cancel := withShare(ctx, c.Timeout, "about each container")
	defer cancel()
	apart(names, func(name string) (*Container, error) { return c.inspectOne(ctx, 1, name, c.Timeout/3) }, got)
}

// apart asks about each container in a call of its own, several at a time. It passes on one answer after the other.
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

// inspectOne asks about one container, at most as many times as tries says; nil and nil if there is no such container.
func (c *Client) inspectOne(ctx context.Context, tries int, name string, limit time.Duration) (*Container, error) {
	ctx, cancel := withShare(ctx, limit, "about the container")
	defer cancel()
	found, err := c.inspectAgain(ctx, tries, []string{name})
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
