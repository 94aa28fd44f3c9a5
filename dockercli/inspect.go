package dockercli

import (
	"context"
	"errors"
	"fmt"
	"strings"

	"haltscope/compare/value"
)

// Inspect asks about containers, by id or name, in one call. The result is by full id. A container that does not exist is
// left out, without an error. One that hangs makes the call fail for all: see [Client.InspectMany].
func (c *Client) Inspect(ctx context.Context, names ...string) (map[string]Container, error) {
	return c.inspectAgain(ctx, 2, names)
}

// inspectAgain is Inspect in so many tries: a container that is being removed may still be listed when docker no longer knows it.
func (c *Client) inspectAgain(ctx context.Context, tries int, names []string) (map[string]Container, error) {
	for try := 1; ; try++ {
		found, err := c.inspect(ctx, names)
		if err == nil {
			return found, nil
		}
		missing := notIn(found, names)
		if !Refused(err) || len(missing) == 0 {
			return nil, err
		}
		absent, listErr := c.absentContainers(ctx, missing)
		switch {
		case listErr != nil:
			return nil, err
		case len(absent) == len(missing):
			return found, nil
		case try == tries:
			return nil, err
		}
	}
}

// notIn returns the names by which none of the containers goes.
func notIn(found map[string]Container, names []string) (missing []string) {
	for _, name := range names {
		if _, ok := pick(found, name); !ok {
			missing = append(missing, name)
		}
	}
	return missing
}

// inspect makes the call. What was found is returned also with an error.
func (c *Client) inspect(ctx context.Context, names []string) (map[string]Container, error) {
	podman := c.isPodman(ctx)
	call, err := c.run(ctx, append([]string{"inspect", "--type", "container", "--"}, names...)...)
	if podman {
		call.Stdout = podmanInspect(call.Stdout)
	}
	found, parseErr := parseInspect(call.Stdout)
	byID := make(map[string]Container, len(found))
	for _, container := range found {
		byID[container.ID] = container
	}
	switch {
	case err != nil:
		return byID, fmt.Errorf("inspecting the containers: %w", err)
	case parseErr != nil:
		return nil, parseErr
	}
	return byID, nil
}

// nameForm is what docker allows as a name or id (moby, daemon/names/names.go). Anything else would become a part of the
// path that the docker client requests from the daemon.
var nameForm = value.Pattern(`^/?[a-zA-Z0-9][a-zA-Z0-9_.-]*$`)

// Find inspects containers by name or by the beginning of an id, each once, in the order given. The error names those that
// do not exist ([NotFoundError]) or could not be inspected. The others are returned with it.
func (c *Client) Find(ctx context.Context, names ...string) ([]Container, error) {
	var possible []string
	for _, name := range names {
		if nameForm().MatchString(name) {
			possible = append(possible, name)
		}
	}
	inspected := c.InspectMany(ctx, possible...)
	var all []Container
	failed := []error{inspected.Err()}
	seen := map[string]bool{}
	for _, name := range names {
		found, ok := pick(inspected.Found, name)
		switch {
		case inspected.Failed[name] != nil:
		case !ok:
			failed = append(failed, &NotFoundError{value.Clean(name), c.Pasteable([]string{"ps", "--all"})})
		case !seen[found.ID]:
			seen[found.ID] = true
			all = append(all, found)
		}
	}
	return all, errors.Join(failed...)
}

// pick finds the container that docker found by a name. As with docker, a full id or name wins over the beginning of an id.
// Nothing is found by what cannot be a name.
func pick(byID map[string]Container, name string) (Container, bool) {
	if !nameForm().MatchString(name) {
		return Container{}, false
	}
	if found, ok := byID[name]; ok {
		return found, true
	}
	for _, one := range byID {
		if strings.TrimPrefix(one.Name, "/") == strings.TrimPrefix(name, "/") {
			return one, true
		}
	}
	for id, one := range byID {
		if strings.HasPrefix(id, name) {
			return one, true
		}
	}
	return Container{}, false
}
