package dockercli

import (
	"context"
	"fmt"
	"os"
	"slices"
	"strings"

	"haltscope/compare/value"
)

// Run starts a container in the background and returns its full id. flags are those of `docker run`. The image must be on this
// host.
func (c *Client) Run(ctx context.Context, flags []string, image string, command ...string) (string, error) {
	return c.RunLike(ctx, Environment{}, flags, image, command...)
}

// RunLike is [Client.Run] with an environment.
func (c *Client) RunLike(ctx context.Context, env Environment, flags []string, image string, command ...string) (string, error) {
	return c.create(ctx, []string{"run", "--detach"}, env, flags, image, command)
}

// CreateLike is [Client.RunLike] without the start: `docker create`.
func (c *Client) CreateLike(ctx context.Context, env Environment, flags []string, image string, command ...string) (string, error) {
	return c.create(ctx, []string{"create"}, env, flags, image, command)
}

// create creates a container, and starts it if the verb does, and returns its full id. The variables of the user come last: they
// win over those of another container.
func (c *Client) create(ctx context.Context, verb []string, env Environment, flags []string, image string, command []string) (string,
	error) {
	with := *c
	if !env.empty() {
		with.redact = env.redact
	}
	var file []string
	if len(env.lines) > 0 {
		f, err := env.file()
		if err != nil {
			return "", err
		}
		defer f.Close()
		with.extraFiles = []*os.File{f}
		file = []string{"--env-file", "/dev/fd/3"} // the first of the extra files is descriptor 3 of the docker process
	}
	args := slices.Concat(verb, []string{"--pull", "never"}, file, flags, env.flags(), []string{"--", image}, command)
	call, err := with.run(ctx, args...)
	if err != nil {
		doing := "starting"
		if verb[0] == "create" {
			doing = "creating"
		}
		return "", fmt.Errorf("%s a container of %s: %w", doing, value.Clean(image), err)
	}
	id := strings.TrimSpace(string(call.Stdout))
	if len(id) != 64 {
		return "", fmt.Errorf("docker %s printed %q, not a container id", verb[0], value.Clean(id))
	}
	return id, nil
}
