package dockercli

import (
	"context"
	"fmt"
	"strings"

	"haltscope/compare/value"
)

// Run starts a container in the background and returns its full id. flags are `docker run`'s; the image must be on
// this host.
func (c *Client) Run(ctx context.Context, flags []string, image string, command ...string) (string, error) {
	args := append([]string{"run", "--detach", "--pull", "never"}, flags...)
	args = append(append(args, "--", image), command...)
	call, err := c.run(ctx, 0, nil, args...)
	if err != nil {
		return "", fmt.Errorf("starting a container of %s: %w", value.Clean(image), err)
	}
	id := strings.TrimSpace(string(call.Stdout))
	if len(id) != 64 {
		return "", fmt.Errorf("docker run printed %q, not a container id", value.Clean(id))
	}
	return id, nil
}
