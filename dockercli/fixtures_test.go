package dockercli

import (
	"os"
	"path/filepath"
	"testing"
	"time"
)

// fixtures calls test for each recorded engine and client: testdata/docker-ENGINE-client-CLIENT, made by scripts/record
// of a container of nginx (STOPSIGNAL SIGQUIT, --memory 64m) that ran, was paused and unpaused, and was stopped. Those with 29.7.2 were
// made in the same way with an engine and a client built from source.
func fixtures(t *testing.T, test func(t *testing.T, read func(name string) []byte)) {
	t.Helper()
	recorded(t, "testdata/docker-*", 6, "scripts/record", test)
}

// podmanFixtures calls test for each recorded podman: testdata/podman-VERSION, made by scripts/record of a container of nginx
// that ran, was paused and unpaused, was stopped, started and killed.
func podmanFixtures(t *testing.T, test func(t *testing.T, read func(name string) []byte)) {
	t.Helper()
	recorded(t, "testdata/podman-*", 2, "scripts/record podman podman-lab", test)
}

// recorded calls test for each recording that is there: there must be some, at the least.
func recorded(t *testing.T, pattern string, least int, again string, test func(t *testing.T, read func(name string) []byte)) {
	t.Helper()
	dirs, _ := filepath.Glob(pattern)
	if len(dirs) < least {
		t.Fatalf("only %d of %s: run %s", len(dirs), pattern, again)
	}
	for _, dir := range dirs {
		t.Run(filepath.Base(dir), func(t *testing.T) {
			test(t, func(name string) []byte {
				data, err := os.ReadFile(filepath.Join(dir, name))
				if err != nil {
					t.Fatal(err)
				}
				return data
			})
		})
	}
}

// fake makes a docker that is a shell script, for faults that a real one cannot be made to show on demand.
func fake(t *testing.T, script string) *Client {
	t.Helper()
	path := filepath.Join(t.TempDir(), "docker")
	if err := os.WriteFile(path, []byte("#!/bin/sh\n"+script), 0o755); err != nil {
		t.Fatal(err)
	}
	return New(Options{Path: path, Timeout: 10 * time.Second, Engine: Docker})
}
