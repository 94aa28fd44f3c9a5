package host

import (
	"bufio"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"os"
	"strings"

	"haltscope/compare/value"
	"haltscope/dockercli"
)

// API is which versions of Docker's API the client and the daemon have. A field is "" where it is not known.
type API struct {
	Asked        string // that the client asks with: agreed with the daemon, or what it insists on
	Client       string // the newest of the client
	Server       string // the newest of the daemon
	ServerOldest string // the oldest that the daemon takes
	Forced       string // by the environment variable DOCKER_API_VERSION

	ClientVersion, EngineVersion string
}

// AskAPI asks for the versions. It returns an error if the client cannot be run, or if nobody answers as a daemon does.
//
// A daemon refuses a client whose API it does not have. Docker's words for it are all that the client then prints, and they look like
// any other failure. So the daemon is asked itself, at its local socket.
func AskAPI(ctx context.Context, docker Versions) (API, dockercli.Versions, error) {
	v, err := docker.Versions(ctx)
	if v.Server == nil && dockercli.Refused(err) {
		if server, ownErr := askDaemon(ctx, docker); ownErr == nil {
			v.Server, err = &server, nil
		}
	}
	a := API{Asked: v.Client.APIVersion, Client: v.Client.DefaultAPIVersion, Forced: os.Getenv("DOCKER_API_VERSION"),
		ClientVersion: value.Clean(v.Client.Version)}
	if v.Server != nil {
		a.Server, a.ServerOldest, a.EngineVersion = v.Server.APIVersion, v.Server.MinAPIVersion, value.Clean(v.Server.Version)
	}
	return a, v, err
}

// askDaemon asks the daemon at docker's local socket for its version. A request without a version in its path is answered whatever
// API the daemon takes (moby, daemon/server/middleware/version.go). An http.Transport would do the same, and add 2 % to the program.
func askDaemon(ctx context.Context, docker Socket) (s dockercli.ServerVersion, err error) {
	path, err := LocalSocket(ctx, docker)
	if err != nil {
		return s, err
	}
	ctx, cancel := context.WithTimeout(ctx, docker.CallTimeout())
	defer cancel()
	defer func() {
		if err != nil && ctx.Err() != nil { // the connection was closed, which leaves all sorts of errors
			err = fmt.Errorf("asking the daemon at %s for its version: %w", path, ctx.Err())
		}
	}()
	conn, err := (&net.Dialer{}).DialContext(ctx, "unix", path)
	if err != nil {
		return s, err
	}
	defer context.AfterFunc(ctx, func() { conn.Close() })() // ends what waits for the daemon
	defer conn.Close()
	ask, err := http.NewRequestWithContext(ctx, http.MethodGet, "http://docker/version", http.NoBody)
	if err != nil {
		return s, err
	}
	ask.Close = true
	if err := ask.Write(conn); err != nil {
		return s, err
	}
	answer, err := http.ReadResponse(bufio.NewReader(conn), ask)
	if err != nil {
		return s, err
	}
	defer answer.Body.Close()
	if answer.StatusCode != http.StatusOK {
		return s, fmt.Errorf("%s answers %s to GET /version", path, answer.Status)
	}
	if err := json.NewDecoder(io.LimitReader(answer.Body, 1<<20)).Decode(&s); err != nil {
		return s, err
	}
	if s.APIVersion == "" {
		return s, fmt.Errorf("%s answers GET /version without an API version", path)
	}
	return s, nil
}

// LocalSocket returns the path of docker's local socket.
func LocalSocket(ctx context.Context, docker Socket) (string, error) {
	endpoint, err := docker.Endpoint(ctx)
	if err != nil {
		return "", err
	}
	path, local := strings.CutPrefix(endpoint.Host, "unix://")
	if !local {
		return "", errors.New("the daemon's address is not a local socket")
	}
	return path, nil
}

// Mismatch is why a client and a daemon have no version of the API in common, and what to do about it.
type Mismatch struct {
	What string
	Fix  []string // commands for a shell, or prose; at least one
}

// Mismatch compares the versions; nil if they have one in common, or if too little is known.
func (a *API) Mismatch() *Mismatch {
	client, daemon := "the docker client ("+a.ClientVersion+")", "the daemon ("+a.EngineVersion+")"
	oldest := oldestOf(a.ClientVersion)
	switch {
	case a.Server == "" || a.Client == "":
		return nil
	case a.Forced != "" && (before(a.Server, a.Forced) || before(a.Forced, a.ServerOldest)):
		return &Mismatch{fmt.Sprintf("DOCKER_API_VERSION=%s asks for an API that %s does not have: it has %s to %s",
			value.Clean(a.Forced), daemon, a.ServerOldest, a.Server), []string{"unset DOCKER_API_VERSION"}}
	case before(a.Client, a.ServerOldest):
		return &Mismatch{fmt.Sprintf("%s is too old: it has API versions up to %s, and %s takes none before %s", client, a.Client, daemon,
			a.ServerOldest), []string{UpdateClient(a.ServerOldest), fmt.Sprintf("or let the daemon take older clients: "+
			`"min-api-version": "%s" in /etc/docker/daemon.json, then systemctl restart docker`, a.Client)}}
	case !before(a.Server, a.Asked):
		return nil
	case oldest == "":
		return &Mismatch{fmt.Sprintf("%s asks for API %s, and %s has API versions up to %s", client, a.Asked, daemon, a.Server),
			[]string{UpdateEngine(a.Asked)}}
	}
	m := &Mismatch{fmt.Sprintf("%s is too old: it has API versions up to %s, and %s takes none before %s", daemon, a.Server, client, oldest),
		[]string{UpdateEngine(oldest)}}
	if before(clientFloor, oldest) && !before(a.Server, clientFloor) {
		m.Fix = append(m.Fix, "or update the docker client to 29.3 or later, which takes daemons from API "+clientFloor+" on")
	}
	return m
}

// before reports whether one version of the API is older than another. It is false if one of them is no version.
func before(api, other string) bool {
	atLeast, known := value.VersionAtLeast(api, other)
	_, otherKnown := value.VersionAtLeast(other, other)
	return known && otherKnown && !atLeast
}

// clientFloor is the oldest API of clients from 29.3 on.
const clientFloor = "1.40"

// oldestOf returns the oldest API of a client that has raised it; "" for any other client. Source: moby, client/client.go,
// MinAPIVersion: 1.44 in client modules of docker 29.1 and 29.2, 1.40 from 29.3 on.
func oldestOf(clientVersion string) string {
	if newer, _ := value.VersionAtLeast(clientVersion, "29.3"); newer {
		return clientFloor
	}
	if newer, _ := value.VersionAtLeast(clientVersion, "29.1"); newer {
		return "1.44"
	}
	return ""
}

// releases are the first releases of Docker with a version of the API, newest first. Source: the tags of moby, api/common.go, and
// client/client.go from 29.0 on.
var releases = []struct{ api, docker string }{{"1.55", "29.6"}, {"1.54", "29.3"}, {"1.53", "29.2"}, {"1.52", "29.0"}, {"1.51", "28.3"},
	{"1.50", "28.2"}, {"1.49", "28.1"}, {"1.48", "28.0"}, {"1.47", "27.2"}, {"1.46", "27.0"}, {"1.45", "26.0"}, {"1.44", "25.0"},
	{"1.43", "24.0"}, {"1.42", "23.0"}, {"1.41", "20.10"}, {"1.40", "19.03"}}

// release returns the first release of Docker that has a version of the API, in words.
func release(api string) string {
	for _, r := range releases {
		if r.api == api {
			return r.docker + " or later, which has API " + api
		}
	}
	return "a release that has API " + api
}

// UpdateClient advises to get a docker client that has a version of the API.
func UpdateClient(api string) string {
	return "update the docker client to " + release(api) + " (package docker-ce-cli, docker-cli or docker.io)"
}

// UpdateEngine advises to get an engine that has a version of the API.
func UpdateEngine(api string) string {
	return "update Docker Engine to " + release(api) + " (package docker-ce or docker.io)"
}
