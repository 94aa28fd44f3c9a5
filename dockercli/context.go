package dockercli

import (
	"context"
	"errors"
	"fmt"
	"sync"

	"haltscope/compare/value"
)

// Endpoint is where the client looks for its daemon.
type Endpoint struct {
	Context string // the name of docker's context
	Host    string // unix:///var/run/docker.sock, tcp://…, ssh://…; "" if the client does not say
}

// endpoint is the endpoint of a client, once it is known. It never changes.
type endpoint struct {
	mu    sync.Mutex
	found Endpoint // Context is "" as long as it is not known
}

// Endpoint asks the client where it looks for its daemon, given DOCKER_HOST, DOCKER_CONTEXT and docker's own flags. The daemon
// is not asked, and docker only once.
func (c *Client) Endpoint(ctx context.Context) (Endpoint, error) {
	c.endpoint.mu.Lock()
	defer c.endpoint.mu.Unlock()
	if c.endpoint.found.Context != "" {
		return c.endpoint.found, nil
	}
	found, err := c.askEndpoint(ctx)
	if err == nil {
		c.endpoint.found = found
	}
	return found, err
}

func (c *Client) askEndpoint(ctx context.Context) (Endpoint, error) {
	call, err := c.run(ctx, "context", "inspect", "--format", `{"Context":{{json .Name}},"Host":{{json .Endpoints.docker.Host}}}`)
	if err != nil {
		return Endpoint{}, fmt.Errorf("asking docker where its daemon is: %w", err)
	}
	return parseEndpoint(call.Stdout)
}

// parseEndpoint parses the output of the template in Endpoint:
//
//	{"Context":"default","Host":"unix:///var/run/docker.sock"}
func parseEndpoint(data []byte) (Endpoint, error) {
	var e Endpoint
	if err := decode(data, &e); err != nil {
		return e, fmt.Errorf("docker context inspect did not print the requested JSON: %w", err)
	}
	if e.Context == "" {
		return e, errors.New("docker context inspect printed no context name")
	}
	return Endpoint{value.Clean(e.Context), value.Clean(e.Host)}, nil
}
