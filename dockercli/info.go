package dockercli

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"strings"

	"haltscope/compare/value"
)

// Info is what haltscope needs of `docker info`.
type Info struct {
	ServerVersion, KernelVersion      string
	CgroupDriver, CgroupVersion       string // the driver is "none" for a rootless engine without one
	OperatingSystem, Name, InitBinary string
	SecurityOptions                   []string
	ServerErrors                      []string // why there is no server to tell of
	ClientInfo                        struct{ Version, Context string }
	Engine                            string `json:"-"` // [Docker] or [Podman]
}

// Rootless reports whether the engine runs without root: its containers' cgroups are a user's.
func (i Info) Rootless() bool {
	for _, o := range i.SecurityOptions {
		if strings.HasPrefix(o, "name=rootless") {
			return true
		}
	}
	return false
}

// ErrNoDaemon means that the docker binary ran, and no daemon answered it.
var ErrNoDaemon = errors.New("no docker daemon answers")

// Info asks the daemon about itself. Clients before 23.0 do not tell their version there: a second call asks.
func (c *Client) Info(ctx context.Context) (Info, error) {
	call, err := c.run(ctx, 0, nil, "info", "--format", "{{json .}}")
	info, parseErr := parseInfo(call.Stdout)
	c.is(info.Engine)
	switch {
	case parseErr == nil && info.ServerVersion == "":
		// The client has told of itself, and why it cannot tell of a server: in the document and with exit code 0 (26.1), or
		// on standard error with exit code 1 (28.2).
		switch {
		case err != nil:
		case len(info.ServerErrors) > 0:
			err = errors.New(value.Clean(strings.Join(info.ServerErrors, "; ")))
		default:
			err = errors.New("docker info names no version of a server, and does not say why")
		}
		return info, fmt.Errorf("%w: %w", ErrNoDaemon, err)
	case err != nil:
		return info, fmt.Errorf("asking the daemon about itself: %w", err)
	case parseErr != nil:
		return info, fmt.Errorf("docker info printed what is not the JSON asked for: %w", parseErr)
	}
	if info.ClientInfo.Version == "" {
		call, err := c.run(ctx, 0, nil, "version", "--format", "{{.Client.Version}}")
		if err != nil {
			return info, fmt.Errorf("asking the client for its version: %w", err)
		}
		info.ClientInfo.Version = strings.TrimSpace(string(call.Stdout))
		if v := info.ClientInfo.Version; v == "" || v == "null" || v == "<no value>" {
			return info, fmt.Errorf("docker version printed %q, which is no version of a client", v)
		}
	}
	return info, nil
}

func parseInfo(data []byte) (Info, error) {
	var podman podmanInfo
	if json.Unmarshal(data, &podman) == nil {
		if info, ok := podman.info(); ok {
			return info, nil
		}
	}
	info := Info{Engine: Docker}
	err := decode(data, &info)
	return info, err
}
