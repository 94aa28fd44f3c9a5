package dockercli

import (
	"context"
	"time"
)

// Action is a docker command that changes the state of one container: [Kill], [Stop], [Restart], [Pause], [Unpause], [Start]
// or [Remove].
type Action interface {
	// Args returns docker's arguments for a container, the verb first. They are what [Client.Do] runs, and can be shown.
	Args(container string) []string
	// do runs the command.
	do(ctx context.Context, c *Client, container string) (Call, error)
}

// Do runs an action on a container and waits for docker to return.
func (c *Client) Do(ctx context.Context, container string, a Action) (Call, error) {
	return a.do(ctx, c, container)
}

// act runs an action in one call. expected is how long it takes by design.
func (c *Client) act(ctx context.Context, expected time.Duration, args []string) (Call, error) {
	return c.do(ctx, request{args: args, extra: expected + engineWait})
}
