package dockercli

import (
	"context"
	"fmt"
	"strings"
	"time"

	"golang.org/x/mod/semver"

	"haltscope/compare/value"
)

// APIVersion returns the version of the API that the client and the daemon have agreed on, such as 1.41.
func (c *Client) APIVersion(ctx context.Context) (string, error) {
	text, err := c.version(ctx, "Client.APIVersion")
	if err != nil {
		return "", fmt.Errorf("reading the API version: %w", err)
	}
	if semver.MajorMinor("v"+text) != "v"+text {
		return "", fmt.Errorf("docker version printed %q, which is not an API version", value.Clean(text))
	}
	return text, nil
}

// Answers reports whether the daemon tells its version within limit. It is true for podman, which has no daemon.
func (c *Client) Answers(ctx context.Context, limit time.Duration) bool {
	if c.isPodman(ctx) {
		return true
	}
	ctx, cancel := withShare(ctx, limit, "about the daemon's version")
	defer cancel()
	_, err := c.version(ctx, "Server.Version")
	return err == nil
}

// version returns a field of docker version.
func (c *Client) version(ctx context.Context, field string) (string, error) {
	call, err := c.run(ctx, "version", "--format", "{{."+field+"}}")
	return strings.TrimSpace(string(call.Stdout)), err
}
