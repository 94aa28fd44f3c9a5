package experiment

import (
	"context"
	"errors"
	"regexp"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"haltscope/dockercli"
)

// shortly is a time limit for what does not become ready.
const shortly = 300 * time.Millisecond

func TestAwaitLine(t *testing.T) {
	running := map[string]dockercli.Container{"id": inState(dockercli.State{Running: true})}
	ended := map[string]dockercli.Container{"id": inState(dockercli.State{ExitCode: 3})}
	for _, c := range []struct {
		name     string
		docker   fakeDocker
		want     string // a part of the error; "" if it becomes ready
		notReady bool
	}{
		{"a line matches", fakeDocker{logLines: []string{"starting", "ready\r"}}, "", false},
		{"the last line matches, and the log ends", fakeDocker{logLines: []string{"ready"}, logEnds: true, containers: ended}, "", false},
		{"no line matches", fakeDocker{logLines: []string{"starting"}, containers: running}, "no line that matches", true},
		{"the twin ends", fakeDocker{logLines: []string{"starting"}, logEnds: true, containers: ended},
			"exit code 3 (its last line: last words)", true},
		{"the log cannot be followed", fakeDocker{followErr: errDocker}, errDocker.Error(), false},
		{"the log breaks off", fakeDocker{logErr: errDocker, logEnds: true, containers: running}, errDocker.Error(), false},
		{"the log ends, and docker gives no answer", fakeDocker{logEnds: true, inspectErr: errDocker}, errDocker.Error(), false},
		{"the twin is removed", fakeDocker{logEnds: true}, errRemoved.Error(), false},
	} {
		t.Run(c.name, inFakeTime(func(t *testing.T) {
			ctx, cancel := context.WithTimeout(context.Background(), shortly)
			defer cancel()
			err := awaitLine(ctx, &c.docker, "id", regexp.MustCompile("^ready$"), shortly)
			expect(t, err, c.want, c.notReady)
		}))
	}
}

func TestAwaitHealth(t *testing.T) {
	health := func(all ...string) (containers []dockercli.Container) {
		for _, status := range all {
			containers = append(containers, inState(dockercli.State{Running: true, Health: &dockercli.Health{Status: status}}))
		}
		return containers
	}
	gone := dockercli.Container{}
	ended := inState(dockercli.State{ExitCode: 3, Health: &dockercli.Health{Status: "unhealthy"}})
	for _, c := range []struct {
		name     string
		docker   fakeDocker
		want     string
		notReady bool
	}{
		{"it becomes healthy", fakeDocker{sequence: health("starting", "healthy")}, "", false},
		{"it stays unhealthy", fakeDocker{sequence: health("unhealthy")}, "(it reports unhealthy)", true},
		{"no health check", fakeDocker{sequence: []dockercli.Container{inState(dockercli.State{Running: true})}}, "has no health check", true},
		{"a health check that is switched off", fakeDocker{sequence: health("none")}, "has no health check", true},
		{"the twin ends", fakeDocker{sequence: append(health("starting"), ended)}, "exit code 3", true},
		{"the twin is removed", fakeDocker{}, errRemoved.Error(), false},
		{"the twin is removed in between", fakeDocker{sequence: append(health("starting"), gone)}, errRemoved.Error(), false},
		{"docker gives no answer", fakeDocker{inspectErr: errDocker}, errDocker.Error(), false},
	} {
		t.Run(c.name, inFakeTime(func(t *testing.T) {
			ctx, cancel := context.WithTimeout(context.Background(), shortly)
			defer cancel()
			expect(t, awaitHealth(ctx, &c.docker, "id", shortly), c.want, c.notReady)
		}))
	}
}

// inFakeTime runs a test in which waiting takes no time, and computing takes none of a deadline.
func inFakeTime(test func(*testing.T)) func(*testing.T) {
	return func(t *testing.T) { synctest.Test(t, test) }
}

func expect(t *testing.T, err error, want string, notReady bool) {
	t.Helper()
	var e *NotReadyError
	if (err == nil) != (want == "") || err != nil && !strings.Contains(err.Error(), want) || errors.As(err, &e) != notReady {
		t.Errorf("%v, want %q, not ready: %t", err, want, notReady)
	}
}
