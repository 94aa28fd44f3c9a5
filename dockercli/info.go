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
	CgroupDriver, CgroupVersion       string // the driver is "none" if a rootless engine has none
	OperatingSystem, Name, InitBinary string
	SecurityOptions                   []string
	ServerErrors                      []string // why the client knows of no server
	ClientInfo                        struct{ Version, Context string }
	Engine                            Engine `json:"-"`
}

// Rootless reports whether the engine runs without root, so that its containers' cgroups belong to a user.
func (i Info) Rootless() bool {
	for _, o := range i.SecurityOptions {
		if strings.HasPrefix(o, "name=rootless") {
			return true
		}
	}
	return false
}

// Info asks the daemon about itself. The error is [ErrNoDaemon] if no daemon answers. The client's version needs a second call
// with clients before 23.0.
func (c *Client) Info(ctx context.Context) (Info, error) {
	call, err := c.run(ctx, "info", "--format", "{{json .}}")
	info, parseErr := parseInfo(call.Stdout)
	if parseErr == nil {
		info.Engine = c.engine.settle(func() Engine { return info.Engine })
	}
	switch {
	case parseErr == nil && info.ServerVersion == "":
		return info, fmt.Errorf("%w: %w", ErrNoDaemon, noServer(&info, err))
	case err != nil:
		return info, fmt.Errorf("reading the daemon's information: %w", err)
	case parseErr != nil:
		return info, fmt.Errorf("docker info did not print the requested JSON: %w", parseErr)
	}
	if info.ClientInfo.Version == "" {
		v, err := c.version(ctx, "Client.Version")
		if err != nil {
			return info, fmt.Errorf("reading the docker client's version: %w", err)
		}
		if v == "" || v == "null" || v == "<no value>" {
			return info, fmt.Errorf("docker version printed %q, which is not a client version", v)
		}
		info.ClientInfo.Version = v
	}
	return info, nil
}

// noServer says why the client knows of no server. The client says it in the document (26.1), or on standard error, with exit
// code 1 (28.2): that is err.
func noServer(info *Info, err error) error {
	switch {
	case len(info.ServerErrors) > 0:
		return errors.New(value.Clean(strings.Join(info.ServerErrors, "; ")))
	case err != nil:
		return err
	default:
		return errors.New("docker info reports neither a server version nor an error")
	}
}

// parseInfo parses the output of docker info or podman info.
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
