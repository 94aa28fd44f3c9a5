package dockercli

import (
	"context"
	"fmt"
	"strings"
	"time"

	"golang.org/x/mod/semver"

	"haltscope/compare/value"
)

// ActArgs are the arguments of an action verb on one container, as they are passed to docker.
func ActArgs(verb string, flags []string, id string) []string {
	return append(append([]string{verb}, flags...), "--", id)
}

// Act runs an action verb on one container: kill, stop, pause, unpause, start, restart or rm. wait is how long it may take
// by design.
func (c *Client) Act(ctx context.Context, verb string, flags []string, id string, wait time.Duration) (Call, error) {
	if verb == "pause" && len(flags) == 0 {
		return c.Pause(ctx, id)
	}
	return c.run(ctx, wait+engineWait, nil, ActArgs(verb, flags, id)...)
}

// APIVersion returns the version of the API that client and daemon have agreed on, such as 1.41.
func (c *Client) APIVersion(ctx context.Context) (string, error) {
	call, err := c.run(ctx, 0, nil, "version", "--format", "{{.Client.APIVersion}}")
	if err != nil {
		return "", fmt.Errorf("asking for the version of the API: %w", err)
	}
	text := strings.TrimSpace(string(call.Stdout))
	if semver.MajorMinor("v"+text) != "v"+text {
		return "", fmt.Errorf("docker version printed %q, which is no version of the API", value.Clean(text))
	}
	return text, nil
}
