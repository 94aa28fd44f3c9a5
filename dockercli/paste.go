package dockercli

import "haltscope/compare/value"

// Pasteable returns a docker call in a form that can be pasted into a shell. args are docker's arguments.
func (c *Client) Pasteable(args []string) string {
	return value.Paste(append([]string{c.Path}, args...))
}
