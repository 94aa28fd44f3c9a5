package dockercli

import (
	"context"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"time"

	"haltscope/compare/value"
)

// unknown is a fake whose engine is not known, and a function that returns the calls made so far.
func unknown(t *testing.T, script string) (*Client, func() []string) {
	t.Helper()
	calls := filepath.Join(t.TempDir(), "calls")
	c := fake(t, `echo "$*" >>`+calls+"\n"+script)
	c.engine = new(engine)
	return c, func() []string {
		data, err := os.ReadFile(calls)
		if err != nil {
			t.Fatal(err)
		}
		return strings.Split(strings.TrimSpace(string(data)), "\n")
	}
}

// Podman is known by its version. Docker is known by the lines of its ps, and not asked for its version.
func TestEngineOfPs(t *testing.T) {
	podman, _ := unknown(t, `case "$*" in
--version) echo podman version 4.3.1 ;;
*'--format json --all') echo '[{"Id":"a","Names":["w"],"State":"paused","Status":"Paused"},
	{"Id":"b","State":"exited","Status":"Exited (0)"},{"Id":"c","State":"stopping","Status":"Up"}]' ;;
esac`)
	// Its ps leaves out paused containers.
	lines, err := podman.Ps(context.Background(), false, Filter{})
	if err != nil || len(lines) != 2 || lines[0].State != "paused" || lines[1].State != "running" || podman.Engine() != Podman {
		t.Errorf("%+v, %v", lines, err)
	}
	if lines, err := podman.Ps(context.Background(), true, Filter{}); err != nil || len(lines) != 3 {
		t.Errorf("%+v, %v", lines, err)
	}
	docker, calls := unknown(t, `echo '{"ID":"a","Name":"w","State":"paused","Status":"Up (Paused)","By":"*formatter.ContainerContext"}'`)
	if lines, err := docker.Ps(context.Background(), false, Filter{}); err != nil || len(lines) != 1 || docker.Engine() != Docker {
		t.Errorf("%+v, %v", lines, err)
	}
	if got := calls(); len(got) != 1 {
		t.Errorf("%q", got)
	}
}

// docker info shows which engine it is, without another call.
func TestEngineOfInfo(t *testing.T) {
	ctx := context.Background()
	podman, calls := unknown(t, `echo '{"host":{"kernel":"6.1"},"version":{"Version":"4.3.1"}}'`)
	if info, err := podman.Info(ctx); err != nil || info.Engine != Podman || podman.Engine() != Podman || !podman.Answers(ctx, time.Second) {
		t.Errorf("%+v, %v", info, err)
	}
	if got := calls(); len(got) != 1 {
		t.Errorf("%q", got)
	}
}

// The engine is found once, whoever asks first, and never changes.
func TestEngineOnce(t *testing.T) {
	docker, calls := unknown(t, `case $1 in
--version) sleep 0.1; echo Docker version 28.2.2, build e6534b4 ;;
info) echo '{"host":{"kernel":"6.1"},"version":{"Version":"4.3.1"}}' ;;
stats) echo '{"ID":"a","CPUPerc":"1%","MemUsage":"1B / 2B"}' ;;
esac`)
	var all sync.WaitGroup
	for range 4 {
		all.Go(func() {
			if _, err := docker.WithTimeout(time.Minute).Stats(context.Background(), "a"); err != nil {
				t.Error(err)
			}
		})
	}
	all.Wait()
	if n := strings.Count(strings.Join(calls(), "\n"), "--version"); n != 1 {
		t.Errorf("asked %d times", n)
	}
	if info, err := docker.Info(context.Background()); err != nil || info.Engine != Docker || docker.Engine() != Docker {
		t.Errorf("%+v, %v", info, err)
	}
	missing := New(Options{Path: "/no/such/docker", Timeout: time.Second})
	if missing.Engine() != Docker {
		t.Error("a binary that cannot be run does not count as docker")
	}
}

func TestEndEvents(t *testing.T) {
	for _, c := range []struct {
		engine   Engine
		verb     value.Verb
		restarts bool
		want     string
	}{
		{Docker, "kill", false, "die"},
		{Docker, "stop", false, "die stop"},
		{Docker, "stop", true, "die stop"},
		{Podman, "kill", false, "die cleanup"},
		{Podman, "stop", false, "die cleanup"},
		{Podman, "stop", true, "die"},
	} {
		if got := strings.Join(c.engine.EndEvents(c.verb, c.restarts), " "); got != c.want {
			t.Errorf("%s %s, %t: %s, wanted %s", c.engine, c.verb, c.restarts, got, c.want)
		}
	}
	if Docker.EventsLack("stop") != "" || Podman.EventsLack("stop") == "" || Podman.EventsLack("kill") != "" {
		t.Error("what the events lack")
	}
}
