package dockercli

import (
	"context"
	"fmt"
	"strings"
)

// Port returns the address at which a TCP port of a container is published; "" if it is not.
func (c *Client) Port(ctx context.Context, id string, port int) (string, error) {
	call, err := c.run(ctx, "port", "--", id)
	if err != nil {
		return "", fmt.Errorf("listing the published ports: %w", err)
	}
	return parsePort(string(call.Stdout), port), nil
}

// parsePort finds a port in lines such as
//
//	8080/tcp -> 127.0.0.1:32768
func parsePort(text string, port int) string {
	for line := range strings.Lines(text) {
		if address, ok := strings.CutPrefix(strings.TrimSpace(line), fmt.Sprintf("%d/tcp -> ", port)); ok {
			return address
		}
	}
	return ""
}
