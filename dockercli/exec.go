package dockercli

import "context"

// Exec runs a program in a container and waits for its end.
func (c *Client) Exec(ctx context.Context, id string, program ...string) (Call, error) {
	return c.run(ctx, 0, nil, append([]string{"exec", "--", id}, program...)...)
}
