package dockercli

import (
	"context"
	"errors"
	"strings"
	"testing"
	"time"
)

func TestPsAndInspectRecorded(t *testing.T) {
	fixtures(t, func(t *testing.T, read func(string) []byte) {
		for state, status := range map[string]string{"running": "Up ", "paused": "(Paused)", "exited": "Exited (0) "} {
			lines, err := parsePs(read("ps-" + state + ".json"))
			if err != nil {
				t.Fatal(err)
			}
			found, err := parseInspect(read("inspect-" + state + ".json"))
			if err != nil {
				t.Fatal(err)
			}
			checkRecorded(t, state, lines, found)
			c := found[0]
			if !strings.Contains(lines[0].Status, status) || c.Name != "/haltscope-record" {
				t.Errorf("%+v, %s", lines[0], c.Name)
			}
			if c.Config.StopTimeout != nil || c.Config.Labels.Has("signal") {
				t.Errorf("%+v", c.Config)
			}
			if (state == "exited") != c.State.FinishedAt.After(c.State.StartedAt) {
				t.Errorf("started %s, finished %s", c.State.StartedAt, c.State.FinishedAt)
			}
		}
	})
}

// checkRecorded checks what ps and inspect say of the recorded container in a state.
func checkRecorded(t *testing.T, state string, lines []PsLine, found []Container) {
	t.Helper()
	if len(lines) != 1 || len(found) != 1 {
		t.Fatalf("%+v, %+v", lines, found)
	}
	line, c := lines[0], found[0]
	if line.State != state || line.Name != "haltscope-record" || len(line.ID) != 64 {
		t.Errorf("%+v", line)
	}
	if c.ID != line.ID || c.Config.StopSignal != "SIGQUIT" || c.Config.Labels.Own("owner") != "recorded" {
		t.Errorf("%+v", c)
	}
	if len(c.Config.Entrypoint)+len(c.Config.Cmd) == 0 || c.HostConfig.Memory != 64<<20 || *c.HostConfig.PidsLimit != 100 {
		t.Errorf("%+v, %+v", c.Config, c.HostConfig)
	}
	s, running := c.State, state != "exited" // also while paused
	if s.Status != state || s.Running != running || s.Paused != (state == "paused") || (s.Pid > 0) != running ||
		s.OOMKilled || s.ExitCode != 0 || s.StartedAt.IsZero() {
		t.Errorf("%+v", s)
	}
}

// Whether a daemon answers is asked, and not read from docker's words, which change with its versions.
func TestPsWithoutDaemon(t *testing.T) {
	for _, c := range []struct {
		name, version, words string
		want                 bool
	}{
		{"no daemon, docker 28", "exit 1", "Cannot connect to the Docker daemon at x. Is the docker daemon running?", true},
		{"no daemon, docker 29", "exit 1", "failed to connect to the docker API at unix:///x; check if the path is correct", true},
		{"no daemon, docker 20.10", "exit 1", "Cannot connect to the Docker daemon at unix:///x. Is the docker daemon running?", true},
		{"no daemon, a docker to come", "exit 1", "there is nobody at x", true},
		{"a daemon that refuses", "echo 29.7.2; exit", "invalid filter 'Is the docker daemon running?'", false},
	} {
		script := `case $1 in --version) echo Docker; exit ;; version) ` + c.version + ` ;; esac; echo "` + c.words + `" >&2; exit 1`
		_, err := fake(t, script).Ps(context.Background(), true, Filter{})
		if errors.Is(err, ErrNoDaemon) != c.want || !strings.Contains(err.Error(), c.words) {
			t.Errorf("%s: %v", c.name, err)
		}
	}
	slow := fake(t, "exec sleep 60")
	slow.Timeout = 50 * time.Millisecond
	if _, err := slow.Ps(context.Background(), true, Filter{}); !errors.Is(err, ErrTimeout) || errors.Is(err, ErrNoDaemon) {
		t.Errorf("no answer in time: %v", err)
	}
}
