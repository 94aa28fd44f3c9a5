package inspect

import (
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/rs/zerolog"

	"haltscope/compare/target"
	"haltscope/dockercli"
)

// TestHistoryUnread checks that a history that cannot be read leaves one answer about a container with a restart policy unknown, and is
// no error of the whole.
func TestHistoryUnread(t *testing.T) {
	path := filepath.Join(t.TempDir(), "docker")
	if err := os.WriteFile(path, []byte("#!/bin/sh\necho Error response from daemon: no history >&2\nexit 1\n"), 0o700); err != nil {
		t.Fatal(err)
	}
	docker := dockercli.New(dockercli.Options{Path: path, Timeout: 10 * time.Second, Log: zerolog.Nop(), Engine: dockercli.Docker})
	for _, c := range []struct {
		name, policy string
		running      bool
		unknown      bool
	}{{"runs", "always", true, true}, {"without a policy", "no", true, false}, {"ended", "always", false, false}} {
		asked := &account{Target: &target.Target{}}
		asked.Container.ID, asked.Container.State.Running, asked.Container.HostConfig.RestartPolicy.Name = "a", c.running, c.policy
		other := &account{Target: &target.Target{}} // whose question makes the history be read
		other.Container.ID, other.Container.State.Running, other.Container.HostConfig.RestartPolicy.Name = "b", true, "always"
		answers, err := askDocker(t.Context(), docker, []*account{asked, other})
		if err != nil {
			t.Fatalf("%s: %v", c.name, err)
		}
		d := answers[0]
		if strings.Contains(d.PolicyOffError, "no history") != c.unknown || c.unknown && d.Policy != c.policy {
			t.Errorf("%s: %q, %q", c.name, d.Policy, d.PolicyOffError)
		}
	}
}
