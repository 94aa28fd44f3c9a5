package action

import (
	"strings"
	"testing"
	"time"

	"haltscope/compare/value"
	"haltscope/dockercli"
)

// Only events that Docker is known to send are waited for: the wait for one that never comes would last until the deadline.
func TestExpectedEvents(t *testing.T) {
	now := time.Now()
	for _, c := range []struct {
		name    string
		verb    value.Verb
		before  dockercli.Container
		result  Result
		running bool
		want    string
	}{
		{"kill", value.Kill, container(), Result{EffectAt: &now}, true, "kill die"},
		{"kill, outlived", value.Kill, container(), Result{}, true, "kill"},
		{"kill of what has ended", value.Kill, container(), Result{CommandErr: errDocker}, false, ""},
		{"stop", value.Stop, container(), Result{EffectAt: &now}, true, "die stop"},
		{"stop of what has ended", value.Stop, container(), Result{EffectAt: &now}, false, ""},
		{"stop that failed", value.Stop, container(), Result{CommandErr: errDocker}, true, ""},
		{"stop that failed, and it ended", value.Stop, container(), Result{EffectAt: &now, CommandErr: errDocker}, true, "die"},
		{"stop, --rm", value.Stop, container(autoRemove), Result{EffectAt: &now}, true, "die stop destroy"},
		{"kill, --rm, outlived", value.Kill, container(autoRemove), Result{}, true, "kill"},
		{"restart", value.Restart, container(), Result{EffectAt: &now}, true, "die start restart"},
		{"restart, --rm", value.Restart, container(autoRemove), Result{EffectAt: &now}, true, "die start restart"},
		{"restart of what has ended", value.Restart, container(), Result{}, false, "restart"},
		{"rm", value.Remove, container(), Result{EffectAt: &now}, true, "die destroy"},
		{"rm of what has ended", value.Remove, container(), Result{}, false, ""},
		{"kill, it starts again", value.Kill, container(policy), Result{EffectAt: &now}, true, "kill die"},
		{"pause", value.Pause, container(), Result{EffectAt: &now}, true, "pause"},
		{"pause that failed", value.Pause, container(), Result{EffectAt: &now, CommandErr: errDocker}, true, ""},
		{"start", value.Start, container(), Result{}, false, "start"},
		{"start of what runs", value.Start, container(), Result{}, true, ""},
	} {
		got := strings.Join(expectedEvents(dockercli.Docker, &Request{Verb: c.verb}, &c.before, &c.result, c.running), " ")
		if got != c.want {
			t.Errorf("%s: %q, wanted %q", c.name, got, c.want)
		}
	}
}
