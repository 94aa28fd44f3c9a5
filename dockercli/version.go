package dockercli

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"time"

	"golang.org/x/mod/semver"

	"haltscope/compare/value"
)

// Versions is what haltscope needs of `docker version`. Source: cli, command/system/version.go.
type Versions struct {
	Client struct {
		Version           string
		APIVersion        string `json:"ApiVersion"` // that it asks with: agreed with the daemon, or the newest it has
		DefaultAPIVersion string // the newest it has
	}
	Server *ServerVersion // nil if the daemon gave no answer
}

// ServerVersion is what a daemon says about itself, to docker version and to GET /version.
type ServerVersion struct {
	Version       string
	APIVersion    string `json:"ApiVersion"` // the newest it has
	MinAPIVersion string // the oldest it takes; engines have it since 1.13
	Components    []Component
}

// Component is a program that the engine consists of: Engine, containerd, runc, docker-init.
type Component struct{ Name, Version string }

// Component returns the version of a component, such as 1.1.5 for runc; "" if the daemon does not report it.
func (s *ServerVersion) Component(name string) string {
	if s == nil {
		return ""
	}
	for _, c := range s.Components {
		if c.Name == name {
			return c.Version
		}
	}
	return ""
}

// Versions returns the versions of the client and of the daemon. What the client says of itself is returned also if the daemon does
// not answer or refuses it, with the error.
func (c *Client) Versions(ctx context.Context) (Versions, error) {
	call, err := c.run(ctx, "version", "--format", "{{json .}}")
	v, parseErr := parseVersions(call.Stdout)
	switch {
	case err != nil:
		return v, fmt.Errorf("reading the versions: %w", err)
	case parseErr != nil:
		return v, fmt.Errorf("docker version did not print the requested JSON: %w", parseErr)
	}
	return v, nil
}

// parseVersions parses the output of docker version.
//
//	{"Client":{"Version":"28.2.2","ApiVersion":"1.41","DefaultAPIVersion":"1.50", …},
//	 "Server":{"Version":"20.10.24","ApiVersion":"1.41","MinAPIVersion":"1.12","Components":[{"Name":"runc","Version":"1.1.5", …}, …], …}}
func parseVersions(data []byte) (v Versions, err error) {
	if err = decode(data, &v); err == nil && v.Client.Version == "" {
		err = errors.New("docker version printed no client version")
	}
	return v, err
}

// APIVersion returns the version of the API that the client and the daemon have agreed on, such as 1.41.
func (c *Client) APIVersion(ctx context.Context) (string, error) {
	text, err := c.version(ctx, "Client.APIVersion")
	if err != nil {
		return "", fmt.Errorf("reading the API version: %w", err)
	}
	if semver.MajorMinor("v"+text) != "v"+text {
		return "", fmt.Errorf("docker version printed %q, which is not an API version", value.Clean(text))
	}
	return text, nil
}

// Answers reports whether the daemon returns its version within limit. It is true for podman, which has no daemon.
func (c *Client) Answers(ctx context.Context, limit time.Duration) bool {
	if c.isPodman(ctx) {
		return true
	}
	ctx, cancel := withShare(ctx, limit, "about the daemon's version")
	defer cancel()
	_, err := c.version(ctx, "Server.Version")
	return err == nil
}

// version returns a field of docker version.
func (c *Client) version(ctx context.Context, field string) (string, error) {
	call, err := c.run(ctx, "version", "--format", "{{."+field+"}}")
	return strings.TrimSpace(string(call.Stdout)), err
}
