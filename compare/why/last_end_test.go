package why

import (
	"context"
	"errors"
	"fmt"
	"testing"
	"time"

	"haltscope/compare/value"
	"haltscope/dockercli"
)

// fakeEvents is a daemon that is not here, with a history of events.
type fakeEvents struct {
	history dockercli.History
	err     error
}

func (*fakeEvents) Endpoint(context.Context) (dockercli.Endpoint, error) {
	return dockercli.Endpoint{}, errors.New("a daemon of a test")
}

func (*fakeEvents) CallTimeout() time.Duration { return time.Second }

func (f *fakeEvents) EventHistory(context.Context) (dockercli.History, error) {
	return f.history, f.err
}

// TestLastEnds: how the last run ended, by docker inspect and the events; what is not known has a reason.
func TestLastEnds(t *testing.T) {
	exited := func(code int) dockercli.Container {
		c := dockercli.Container{ID: "c0ffee", Name: "/web"}
		c.State = dockercli.State{Status: "exited", ExitCode: code, StartedAt: after(10), FinishedAt: after(20)}
		c.Config.Cmd = []string{"app"}
		return c
	}
	failed := exited(127)
	failed.State = dockercli.State{Status: "created", ExitCode: 127, Error: "no such file"}
	again := exited(3)
	again.State.Error = "port is in use"
	for name, c := range map[string]struct {
		container dockercli.Container
		events    string
		err       error
		want      string
	}{
		"killed":                 {exited(137), "create@1 start@10 kill:9@19 die:137@20", nil, "killed certain 137 "},
		"failed":                 {exited(3), "create@1 start@10 die:3@20", nil, "crashed certain 3 "},
		"its events are gone":    {exited(3), "create@200", nil, "inconclusive unknown 3 "},
		"events cannot be read":  {exited(3), "", errors.New("denied"), "inconclusive unknown 3 "},
		"never started":          {failed, "create@1", nil, "  - no such file"},
		"did not start again":    {again, "create@1 start@10 die:3@20", nil, "crashed certain 3 port is in use"},
		"was not asked to start": {dockercli.Container{ID: "c0ffee", State: dockercli.State{Status: "created"}}, "create@1", nil, "none"},
	} {
		history := dockercli.History{Containers: events(t, c.events), Events: 200, Oldest: after(0)}
		if len(history.Containers) > 0 {
			history.Oldest = history.Containers[0].Time
		}
		inspect := func() dockercli.Inspections {
			return dockercli.Inspections{Found: map[string]dockercli.Container{"c0ffee": c.container}}
		}
		got := "none"
		if m, ok := LastEnds(t.Context(), &fakeEvents{history, c.err}, inspect)["c0ffee"]; ok {
			end, known := m.Get()
			if !known {
				t.Fatalf("%s: %v", name, m)
			}
			code := "-"
			if n, ok := end.ExitCode.Get(); ok {
				code = fmt.Sprint(n)
			}
			got = fmt.Sprintf("%s %s %s %s", end.Verdict, end.Confidence, code, end.StartError)
		}
		if got != c.want {
			t.Errorf("%s: %q, not %q", name, got, c.want)
		}
	}
	hangs := func() dockercli.Inspections {
		return dockercli.Inspections{Failed: map[string]error{"c0ffee": errors.New("no answer")}}
	}
	if reason, detail, missing := LastEnds(t.Context(), &fakeEvents{}, hangs)["c0ffee"].Missing(); !missing || reason != value.Failed ||
		detail != "no answer" {
		t.Errorf("without an answer: %s, %s", reason, detail)
	}
}
