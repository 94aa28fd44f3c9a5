package dockercli

import (
	"context"
	"fmt"
	"os"
	"strings"

	"haltscope/compare/value"
)

// Run starts a container in the background and returns its full id. flags are those of `docker run`. The image must be on this
// host.
func (c *Client) Run(ctx context.Context, flags []string, image string, command ...string) (string, error) {
	args := append([]string{"run", "--detach", "--pull", "never"}, flags...)
	args = append(append(args, "--", image), command...)
	call, err := c.run(ctx, args...)
	if err != nil {
		return "", fmt.Errorf("starting a container of %s: %w", value.Clean(image), err)
	}
	id := strings.TrimSpace(string(call.Stdout))
	if len(id) != 64 {
		return "", fmt.Errorf("docker run printed %q, not a container id", value.Clean(id))
	}
	return id, nil
}

// RunLike is [Client.Run] with the environment of another container.
func (c *Client) RunLike(ctx context.Context, env Environment, flags []string, image string, command ...string) (string, error) {
	if len(env.lines) == 0 {
		return c.Run(ctx, flags, image, command...)
	}
	f, err := env.file()
	if err != nil {
		return "", err
	}
	defer f.Close()
	with := *c
	with.extraFiles = []*os.File{f}
	with.redact = env.redact
	// The first of the extra files is descriptor 3 of the docker process.
	return with.Run(ctx, append([]string{"--env-file", "/dev/fd/3"}, flags...), image, command...)
}
