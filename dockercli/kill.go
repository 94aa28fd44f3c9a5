package dockercli

import "context"

// Kill sends a signal ("" for docker's default, SIGKILL) to the first process of a container.
func (c *Client) Kill(ctx context.Context, id, signal string) (Call, error) {
	args := []string{"kill"}
	if signal != "" {
		args = append(args, "--signal", signal)
	}
	return c.run(ctx, engineWait, nil, append(args, "--", id)...)
}
