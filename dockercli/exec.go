package dockercli

import "context"

// Exec runs a program in a container and waits for it to end.
func (c *Client) Exec(ctx context.Context, id string, program ...string) error {
	_, err := c.run(ctx, append([]string{"exec", "--", id}, program...)...)
	return err
}

// ExecDetached starts a program in a container, and does not wait for it.
func (c *Client) ExecDetached(ctx context.Context, id string, program ...string) error {
	_, err := c.run(ctx, append([]string{"exec", "--detach", "--", id}, program...)...)
	return err
}
