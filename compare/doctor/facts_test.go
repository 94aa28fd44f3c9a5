package doctor

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"testing"
	"time"

	"haltscope/cgroupfs"
	"haltscope/cgroupfs/figure"
	"haltscope/compare/document"
	"haltscope/dockercli"
)

// fakeDocker answers what a test has set.
type fakeDocker struct {
	engine // nil: what is not defined below must not be asked

	name        dockercli.Engine
	info        dockercli.Info
	infoErr     error
	endpoint    dockercli.Endpoint
	endpointErr error
	versions    dockercli.Versions
	versionsErr error
	psErr       error

	asked []string
}

func (d *fakeDocker) Binary() string { return "/no/such/docker" }

func (d *fakeDocker) Engine() dockercli.Engine { return d.name }

func (d *fakeDocker) CallTimeout() time.Duration { return time.Second }

func (d *fakeDocker) Info(context.Context) (dockercli.Info, error) {
	d.asked = append(d.asked, "info")
	return d.info, d.infoErr
}

func (d *fakeDocker) Endpoint(context.Context) (dockercli.Endpoint, error) {
	d.asked = append(d.asked, "endpoint")
	return d.endpoint, d.endpointErr
}

func (d *fakeDocker) Versions(context.Context) (dockercli.Versions, error) {
	d.asked = append(d.asked, "versions")
	return d.versions, d.versionsErr
}

func (d *fakeDocker) Ps(context.Context, bool, dockercli.Filter) ([]dockercli.PsLine, error) {
	d.asked = append(d.asked, "ps")
	return nil, d.psErr
}

// TestDockerFacts checks what is asked of an engine that does not answer, or not everything, and what the conditions then say.
func TestDockerFacts(t *testing.T) {
	remote := dockercli.Endpoint{Context: "far", Host: "tcp://far:2376"}
	noDaemon := fmt.Errorf("docker info: %w", dockercli.ErrNoDaemon)
	var client, both dockercli.Versions
	client.Client.Version, client.Client.APIVersion, client.Client.DefaultAPIVersion = "29.1.0", "1.52", "1.52"
	both = client
	both.Server = &dockercli.ServerVersion{Version: "24.0.7", APIVersion: "1.43", MinAPIVersion: "1.12"}
	answers := good().Info
	for _, c := range []struct {
		name   string
		docker fakeDocker
		asked  string
		want   map[string]string // by condition: state and words of what was found
	}{
		{"no client", fakeDocker{name: dockercli.Docker, infoErr: fmt.Errorf("%w: not found", dockercli.ErrNoBinary)}, "info",
			map[string]string{"docker client": "unfit cannot be run", "docker daemon": "unknown not asked"}},
		{"the daemon does not answer", fakeDocker{name: dockercli.Docker, infoErr: dockercli.ErrTimeout, endpoint: remote}, "info endpoint",
			map[string]string{"docker daemon": "unfit does not answer at tcp://far:2376", "docker API": "unknown ",
				"daemon is here": "unknown no daemon answers"}},
		{"no daemon", fakeDocker{name: dockercli.Docker, infoErr: noDaemon, endpoint: remote, versions: client, versionsErr: noDaemon},
			"info endpoint versions",
			map[string]string{"docker daemon": "unfit cannot be reached at tcp://far:2376", "docker client": "ok 29.1.0", "docker API": "unknown "}},
		{"no daemon, at an unknown address", fakeDocker{name: dockercli.Docker, infoErr: noDaemon, endpointErr: errors.New("no context"),
			versionsErr: noDaemon}, "info endpoint versions", map[string]string{"docker daemon": "unfit at an unknown address"}},
		{"the daemon refuses the client", fakeDocker{name: dockercli.Docker, infoErr: noDaemon, endpoint: remote, versions: both},
			"info endpoint versions",
			map[string]string{"docker daemon": "ok 24.0.7", "docker API": "unfit is too old",
				"daemon is here": "unknown refuses this docker client"}},
		{"podman", fakeDocker{name: dockercli.Podman, info: answers, endpoint: remote}, "info endpoint ps",
			map[string]string{"docker daemon": "ok 26.1.5"}},
		{"docker ps fails", fakeDocker{name: dockercli.Docker, info: answers, endpoint: remote, versions: both, psErr: dockercli.ErrTimeout},
			"info endpoint versions ps", map[string]string{"docker daemon": "ok 26.1.5", "daemon is here": "unknown no answer"}},
	} {
		t.Run(c.name, func(t *testing.T) {
			f := good()
			f.DockerFacts = gatherDocker(t.Context(), &c.docker, figure.Number(1), &cgroupfs.Host{})
			if got := strings.Join(c.docker.asked, " "); got != c.asked {
				t.Errorf("asked %s, want %s", got, c.asked)
			}
			found := map[string]document.Condition{}
			for _, one := range Judge(&f) {
				found[one.Name] = one
			}
			for name, want := range c.want {
				state, words, _ := strings.Cut(want, " ")
				if one := found[name]; string(one.State) != state || !strings.Contains(one.Found, words) {
					t.Errorf("%s: %+v, want %s", name, one, want)
				}
			}
		})
	}
}
