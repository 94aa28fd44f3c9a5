package dockercli

import (
	"haltscope/compare/value"
)

// Pasteable writes a call so that it can be pasted into a shell.
func (c *Client) Pasteable(args []string) string {
	return value.Paste(append([]string{c.Path}, args...))
}
