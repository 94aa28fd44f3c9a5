package target

import (
	"context"
	"errors"
	"strconv"
	"testing"
	"time"

	"haltscope/dockercli"
)

// A policy is off if a signal since the last start has turned it off.
func TestPoliciesOff(t *testing.T) {
	start := time.Date(2026, 5, 20, 12, 0, 0, 0, time.UTC)
	for _, c := range []struct {
		name, policy, stopSignal string
		label                    bool // that hides the number
		kills                    []string
		after                    time.Duration // of the signals, since the start
		off                      string        // the signal; "" for none
	}{
		{"always, no stop signal", "always", "", false, []string{"23", "10"}, time.Second, "23"},
		{"always, another stop signal", "always", "SIGTERM", false, []string{"23", "15"}, time.Second, "15"},
		{"unless-stopped", "unless-stopped", "SIGTERM", false, []string{"23"}, time.Second, "23"},
		{"before the last start", "always", "", false, []string{"23"}, -time.Second, ""},
		{"none", "no", "", false, []string{"23"}, time.Second, ""},
		{"hidden, and any would do", "always", "", true, []string{"23"}, time.Second, "0"},
		{"hidden, and not any would do", "always", "SIGTERM", true, []string{"15"}, time.Second, ""},
	} {
		t.Run(c.name, func(t *testing.T) {
			one := dockercli.Container{ID: "c0ffee"}
			one.State.StartedAt, one.HostConfig.RestartPolicy.Name, one.Config.StopSignal = start, c.policy, c.stopSignal
			if one.Config.Labels = (dockercli.Keys{}); c.label {
				one.Config.Labels["signal"] = ""
			}
			kills := []dockercli.Event{{Action: "kill", ID: "beef", Time: start.Add(c.after), Signal: "9"}}
			for _, signal := range c.kills {
				kills = append(kills, dockercli.Event{Action: "kill", ID: "c0ffee", Time: start.Add(c.after), Signal: signal})
			}
			off := policiesOff(map[string]*dockercli.Container{"c0ffee": &one}, kills)
			got := off["c0ffee"]
			if (got != nil) != (c.off != "") || got != nil && (strconv.Itoa(int(got.Signal)) != c.off || got.Policy != c.policy) {
				t.Errorf("%+v, wanted %q", got, c.off)
			}
		})
	}
}

// pastOf is an engine with a history of events. It counts how often that is asked for.
type pastOf struct {
	engine dockercli.Engine
	past   dockercli.History
	err    error
	asked  int
}

func (p *pastOf) Engine() dockercli.Engine { return p.engine }

func (p *pastOf) EventHistory(context.Context) (dockercli.History, error) {
	p.asked++
	return p.past, p.err
}

// TestPoliciesOffAsks checks that the history is asked for only if it can matter, and that one that cannot be read is an error.
func TestPoliciesOffAsks(t *testing.T) {
	start := time.Date(2026, 5, 20, 12, 0, 0, 0, time.UTC)
	past := dockercli.History{Oldest: start, Containers: []dockercli.Event{
		{Action: "kill", ID: "c0ffee", Time: start.Add(time.Second), Signal: "9"},
	}}
	for _, c := range []struct {
		name, policy string
		ended        bool
		docker       pastOf
		asked        int
		off          bool
	}{
		{name: "a policy", policy: "always", docker: pastOf{engine: dockercli.Docker, past: past}, asked: 1, off: true},
		{name: "no policy", policy: "no", docker: pastOf{engine: dockercli.Docker, past: past}},
		{name: "ended", policy: "always", ended: true, docker: pastOf{engine: dockercli.Docker, past: past}},
		{name: "podman", policy: "always", docker: pastOf{engine: dockercli.Podman, past: past}},
		{name: "no history", policy: "always", docker: pastOf{engine: dockercli.Docker, err: dockercli.ErrTimeout}, asked: 1},
	} {
		one := dockercli.Container{ID: "c0ffee"}
		one.State.Running, one.State.StartedAt, one.HostConfig.RestartPolicy.Name = !c.ended, start, c.policy
		off, since, err := PoliciesOff(t.Context(), &c.docker, []dockercli.Container{one})
		if !errors.Is(err, c.docker.err) || c.docker.asked != c.asked || (off["c0ffee"] != nil) != c.off || since.Equal(start) != c.off {
			t.Errorf("%s: asked %d times; %+v, %v", c.name, c.docker.asked, off, err)
		}
	}
}
