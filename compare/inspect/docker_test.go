package inspect

import (
	"context"
	"errors"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/rs/zerolog"

	"haltscope/cgroupfs"
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

// fakeDocker answers what a test has set.
type fakeDocker struct {
	stats     map[string]dockercli.Stats
	statsErr  error
	tops      map[string]dockercli.Top
	topErr    map[string]error
	inspected dockercli.Inspections

	mu    sync.Mutex
	asked []string
}

func (*fakeDocker) Engine() dockercli.Engine { return dockercli.Docker }

func (*fakeDocker) EventHistory(context.Context) (dockercli.History, error) {
	return dockercli.History{}, nil
}

func (d *fakeDocker) Stats(_ context.Context, ids ...string) (map[string]dockercli.Stats, error) {
	d.call("stats " + strings.Join(ids, " "))
	return d.stats, d.statsErr
}

func (d *fakeDocker) Top(_ context.Context, id string) (dockercli.Top, error) {
	d.call("top " + id)
	return d.tops[id], d.topErr[id]
}

func (d *fakeDocker) InspectMany(context.Context, ...string) dockercli.Inspections {
	return d.inspected
}

func (d *fakeDocker) call(line string) {
	d.mu.Lock()
	defer d.mu.Unlock()
	d.asked = append(d.asked, line)
}

// refused is an answer of docker's that is an error: the container has ended.
var refused = &dockercli.CallError{Argv: []string{"docker"}, ExitCode: 1, Stderr: "not running"}

// TestAskDocker checks which questions docker is asked, and that an error of one answer leaves the others.
func TestAskDocker(t *testing.T) {
	half, mega := 0.5, float64(1<<20)
	stats := map[string]dockercli.Stats{"a": {ID: "a", CPUPercent: &half, MemoryBytes: &mega}}
	top := dockercli.Top{Titles: []string{"UID", "PID"}, Processes: [][]string{{"root", "17"}, {"root", "18"}}}
	for _, c := range []struct {
		name           string
		docker         *fakeDocker
		withoutGroup   bool
		asked          []string
		pids           []int
		processesError string
		memory         *float64
		err            error
	}{
		{name: "answers", docker: &fakeDocker{stats: stats, tops: map[string]dockercli.Top{"a": top}}, asked: []string{"stats a", "top a"},
			pids: []int{17, 18}, memory: &mega},
		{name: "without a cgroup", docker: &fakeDocker{stats: stats}, withoutGroup: true},
		{name: "top is refused, which is an answer", docker: &fakeDocker{stats: stats, topErr: map[string]error{"a": refused}},
			asked: []string{"stats a", "top a"}, processesError: "not running", memory: &mega},
		{name: "top hangs", docker: &fakeDocker{stats: stats, topErr: map[string]error{"a": dockercli.ErrTimeout}},
			asked: []string{"stats a", "top a"}, processesError: "no answer", memory: &mega, err: dockercli.ErrTimeout},
		{name: "it ended before stats", docker: &fakeDocker{statsErr: refused, tops: map[string]dockercli.Top{"a": top}},
			asked: []string{"stats a", "top a"}, pids: []int{17, 18}},
		{name: "stats hang", docker: &fakeDocker{statsErr: dockercli.ErrTimeout, tops: map[string]dockercli.Top{"a": top}},
			asked: []string{"stats a", "top a"}, pids: []int{17, 18}, err: dockercli.ErrTimeout},
	} {
		t.Run(c.name, func(t *testing.T) {
			a := &account{Target: &target.Target{}}
			if a.Container.ID = "a"; !c.withoutGroup {
				a.Group = &cgroupfs.Group{}
			}
			answers, err := askDocker(t.Context(), c.docker, []*account{a})
			if !errors.Is(err, c.err) || (err != nil) != (c.err != nil) {
				t.Errorf("error %v, wanted %v", err, c.err)
			}
			slices.Sort(c.docker.asked)
			d := answers[0]
			if !slices.Equal(c.docker.asked, c.asked) || !slices.Equal(d.Processes, c.pids) || d.ProcessesError != c.processesError ||
				d.StatsMemory != c.memory {
				t.Errorf("asked %q; %+v", c.docker.asked, d)
			}
		})
	}
}

// TestInspectAgain checks what becomes of containers that change, end or are removed during the inspection, and of those about which
// docker no longer answers.
func TestInspectAgain(t *testing.T) {
	paused := dockercli.Container{ID: "a"}
	paused.State.Paused = true
	for _, c := range []struct {
		name      string
		now       dockercli.Inspections
		left      bool
		changed   bool
		gone, err error
	}{
		{name: "the same", now: dockercli.Inspections{Found: map[string]dockercli.Container{"a": {ID: "a"}}}, left: true},
		{name: "paused meanwhile", now: dockercli.Inspections{Found: map[string]dockercli.Container{"a": paused}}, left: true, changed: true},
		{name: "removed meanwhile", changed: true, gone: dockercli.ErrNotFound},
		{name: "docker hangs", now: dockercli.Inspections{Failed: map[string]error{"a": dockercli.ErrTimeout}}, left: true,
			err: dockercli.ErrTimeout},
	} {
		one := &target.Target{Container: dockercli.Container{ID: "a"}}
		left, changed, gone, err := inspectAgain(t.Context(), &fakeDocker{inspected: c.now}, []*target.Target{one})
		if (len(left) == 1) != c.left || changed != c.changed || !errors.Is(gone, c.gone) || !errors.Is(err, c.err) {
			t.Errorf("%s: %d left, changed %t, gone %v, error %v", c.name, len(left), changed, gone, err)
		}
		if one.Container.State.Paused != (c.changed && c.left) {
			t.Errorf("%s: %+v", c.name, one.Container.State)
		}
	}
}
