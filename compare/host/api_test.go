package host

import (
	"context"
	"errors"
	"fmt"
	"net"
	"net/http"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"haltscope/compare/fault"
	"haltscope/dockercli"
)

func TestMismatch(t *testing.T) {
	for _, c := range []struct {
		name      string
		api       API
		what, fix string // parts; "" for no mismatch
	}{
		{"client 28.2.2, engine 20.10.24", API{Asked: "1.41", Client: "1.50", Server: "1.41", ServerOldest: "1.12",
			ClientVersion: "28.2.2"}, "", ""},
		{"client 29.7.2, engine 20.10.24", API{Asked: "1.41", Client: "1.55", Server: "1.41", ServerOldest: "1.12",
			ClientVersion: "29.7.2"}, "", ""},
		{"client 29.0.4, engine 20.10.24", API{Asked: "1.41", Client: "1.52", Server: "1.41", ServerOldest: "1.12",
			ClientVersion: "29.0.4"}, "", ""},
		{"client 20.10.24, engine 29.7.2", API{Asked: "1.41", Client: "1.41", Server: "1.55", ServerOldest: "1.40",
			ClientVersion: "20.10.24"}, "", ""},
		{"client 29.1.0, engine 20.10.24", API{Asked: "1.52", Client: "1.52", Server: "1.41", ServerOldest: "1.12", ClientVersion: "29.1.0",
			EngineVersion: "20.10.24"}, "the daemon (20.10.24) is too old: it has API versions up to 1.41, and the docker client (29.1.0) takes " +
			"none before 1.44", "update Docker Engine to 25.0 or later, which has API 1.44 (package docker-ce or docker.io)|" +
			"or update the docker client to 29.3 or later, which takes daemons from API 1.40 on"},
		{"client 29.7.2, engine 18.09.9", API{Asked: "1.55", Client: "1.55", Server: "1.39", ServerOldest: "1.12", ClientVersion: "29.7.2"},
			"takes none before 1.40", "update Docker Engine to 19.03 or later, which has API 1.40 (package docker-ce or docker.io)"},
		{"client 29.1.0, engine 18.09.9", API{Asked: "1.52", Client: "1.52", Server: "1.39", ServerOldest: "1.12", ClientVersion: "29.1.0"},
			"takes none before 1.44", "update Docker Engine to 25.0 or later, which has API 1.44 (package docker-ce or docker.io)"},
		{"client 20.10.24, engine 29.0.0", API{Asked: "1.41", Client: "1.41", Server: "1.52", ServerOldest: "1.44", ClientVersion: "20.10.24",
			EngineVersion: "29.0.0"}, "the docker client (20.10.24) is too old: it has API versions up to 1.41, and the daemon (29.0.0) takes " +
			"none before 1.44", "update the docker client to 25.0 or later, which has API 1.44 (package docker-ce-cli, docker-cli or docker.io)|" +
			`or let the daemon take older clients: "min-api-version": "1.41" in /etc/docker/daemon.json, then systemctl restart docker`},
		{"releases to come", API{Asked: "1.99", Client: "1.99", Server: "2.3", ServerOldest: "2.0", ClientVersion: "40.0"},
			"takes none before 2.0", "update the docker client to a release that has API 2.0"},
		{"a client of an unreadable version", API{Asked: "1.60", Client: "1.60", Server: "1.55", ServerOldest: "1.40", ClientVersion: "dev"},
			"asks for API 1.60", "update Docker Engine to a release that has API 1.60"},
		{"too high a variable", API{Asked: "1.52", Client: "1.50", Server: "1.41", ServerOldest: "1.12", Forced: "1.52",
			EngineVersion: "20.10.24"},
			"DOCKER_API_VERSION=1.52 asks for an API that the daemon (20.10.24) does not have: it has 1.12 to 1.41", "unset DOCKER_API_VERSION"},
		{"too low a variable", API{Asked: "1.30", Client: "1.50", Server: "1.55", ServerOldest: "1.40", Forced: "1.30"},
			"DOCKER_API_VERSION=1.30", "unset DOCKER_API_VERSION"},
		{"a variable that fits", API{Asked: "1.41", Client: "1.50", Server: "1.41", ServerOldest: "1.12", Forced: "1.41"}, "", ""},
		{"no daemon", API{Asked: "1.50", Client: "1.50", ClientVersion: "28.2.2"}, "", ""},
		{"no client", API{Server: "1.41"}, "", ""},
		{"not versions", API{Asked: "new", Client: "new", Server: "old", ServerOldest: "older"}, "", ""},
	} {
		m := c.api.Mismatch()
		if (m != nil) != (c.what != "") {
			t.Errorf("%s: %+v", c.name, m)
			continue
		}
		if m != nil && (!strings.Contains(m.What, c.what) || !strings.HasPrefix(strings.Join(m.Fix, "|"), c.fix)) {
			t.Errorf("%s: %q", c.name, m)
		}
	}
}

// refusing is a docker that the daemon refuses. It prints what docker 28.2.2 prints then, but for the words.
const refusing = `#!/bin/sh
case $1 in
context) echo '{"Context":"default","Host":"unix://%s"}'; exit;;
version) echo '{"Client":{"Version":"20.10.24","ApiVersion":"1.41","DefaultAPIVersion":"1.41"},"Server":null}';;
info) echo '{"ServerVersion":""}';;
esac
echo "some words" >&2
exit 1`

// TestRefusedClient checks that a daemon that refuses the client is not taken for one that does not run.
func TestRefusedClient(t *testing.T) {
	for _, c := range []struct {
		name, answer string // "" for no daemon
		status       int
		want         string
	}{
		{"an engine of 29.0", `{"Version":"29.0.0","ApiVersion":"1.52","MinAPIVersion":"1.44","Components":[{"Name":"runc","Version":"1.3.3"}]}`,
			http.StatusOK, "the docker client (20.10.24) is too old"},
		{"an engine that takes the client", `{"Version":"29.7.2","ApiVersion":"1.55","MinAPIVersion":"1.40"}`, http.StatusOK,
			"cannot be reached"},
		{"something else", "{}", http.StatusOK, "cannot be reached"},
		{"not JSON", "<html>", http.StatusOK, "cannot be reached"},
		{"a broken engine", "{}", http.StatusInternalServerError, "cannot be reached"},
		{"no daemon", "", 0, "cannot be reached"},
	} {
		t.Run(c.name, func(t *testing.T) {
			dir := t.TempDir()
			path := filepath.Join(dir, "docker")
			if err := os.WriteFile(path, fmt.Appendf(nil, refusing, filepath.Join(dir, "sock")), 0o755); err != nil {
				t.Fatal(err)
			}
			if c.answer != "" {
				listener, err := net.Listen("unix", filepath.Join(dir, "sock"))
				if err != nil {
					t.Fatal(err)
				}
				server := &http.Server{Handler: http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
					if r.URL.Path != "/version" {
						t.Errorf("asked for %s", r.URL.Path)
					}
					w.WriteHeader(c.status)
					fmt.Fprint(w, c.answer)
				})}
				go server.Serve(listener)
				defer server.Close()
			}
			docker := dockercli.New(dockercli.Options{Path: path, Timeout: 10 * time.Second, Engine: dockercli.Docker})
			_, err := docker.Info(context.Background())
			if !errors.Is(err, dockercli.ErrNoDaemon) {
				t.Fatal(err)
			}
			err = DaemonError(context.Background(), docker, err, "docker info")
			if is, text := unfit(err); !is || !strings.Contains(text, c.want) || !strings.Contains(text, "some words") || fault.Hint(err) == "" {
				t.Errorf("%v", err)
			}
		})
	}
}
