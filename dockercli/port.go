package dockercli

import (
	"context"
	"fmt"
	"strings"
)

// Port is the address at which a TCP port of a container is published; "" for none.
func (c *Client) Port(ctx context.Context, id string, port int) (string, error) {
	call, err := c.run(ctx, 0, nil, "port", "--", id)
	if err != nil {
		return "", fmt.Errorf("asking for the published ports: %w", err)
	}
	return parsePort(string(call.Stdout), port), nil
}

// parsePort finds a port in lines such as
//
//	8080/tcp -> 127.0.0.1:32768
func parsePort(text string, port int) string {
	for line := range strings.Lines(text) {
		if at, ok := strings.CutPrefix(strings.TrimSpace(line), fmt.Sprintf("%d/tcp -> ", port)); ok {
			return at
		}
	}
	return ""
}
