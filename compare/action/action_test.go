package action

import (
	"path/filepath"
	"testing"
	"time"

	"haltscope/compare/target"
	"haltscope/compare/value"
	"haltscope/dockercli"
)

// silent shows no progress.
type silent struct{}

func (silent) Step(string, time.Duration) func()  { return func() {} }
func (silent) Grace(string, time.Duration) func() { return func() {} }

// TestRunWithoutDocker checks that containers that cannot be looked for are an error, whether they were named or selected.
func TestRunWithoutDocker(t *testing.T) {
	docker := dockercli.New(dockercli.Options{Path: filepath.Join(t.TempDir(), "docker")})
	for name, which := range map[string]target.Selection{"named": target.Named("web"), "selected": {States: []string{"running"}}} {
		if doc, err := Run(t.Context(), docker, which, Options{Verb: value.Stop}, silent{}); doc != nil || err == nil {
			t.Errorf("%s: %v, %v", name, doc, err)
		}
	}
}
