package dockercli

import (
	"encoding/json"
	"testing"

	"github.com/google/go-cmp/cmp"
)

// What differs in podman's inspect is put into docker's form. The rest stays as it is.
func TestPodmanInspect(t *testing.T) {
	for in, want := range map[string]string{
		`[]`:                             `[]`,
		`no json`:                        `no json`,
		`[{"Config":{"StopSignal":3}}]`:  `[{"Config":{"StopSignal":"SIGQUIT"}}]`,
		`[{"Config":{"StopSignal":40}}]`: `[{"Config":{"StopSignal":"40"}}]`,
		`[{"Config":{"StopSignal":"SIGQUIT","Entrypoint":["a b"]}}]`://
		`[{"Config":{"StopSignal":"SIGQUIT","Entrypoint":["a b"]}}]`,
		`[{"State":{"Status":"stopped","Running":false}}]`:  `[{"State":{"Status":"exited","Running":false}}]`,
		`[{"State":{"Status":"stopping","Running":false}}]`: `[{"State":{"Status":"running","Running":true}}]`,
		`[{"State":{"Status":"paused","Running":false,"Pid":9007199254740993}}]`://
		`[{"State":{"Status":"paused","Running":true,"Pid":9007199254740993}}]`,
		`[{"HostConfig":{"PidMode":"private"}},{"HostConfig":{"PidMode":"host"}}]`://
		`[{"HostConfig":{"PidMode":""}},{"HostConfig":{"PidMode":"host"}}]`,
		// The words are joined with blanks. They are known by the command, which follows them; after an init they are split at blanks.
		`[{"Path":"sh","Args":["-c","a b","x"],"Config":{"Entrypoint":"sh -c a b","Cmd":["x"]}}]`://
		`[{"Path":"sh","Args":["-c","a b","x"],"Config":{"Entrypoint":["sh","-c","a b"],"Cmd":["x"]}}]`,
		`[{"Path":"sh","Args":["a b"],"Config":{"Entrypoint":"sh a b"}}]`://
		`[{"Path":"sh","Args":["a b"],"Config":{"Entrypoint":["sh","a b"]}}]`,
		`[{"Path":"/run/podman-init","Args":["--","sh"],"Config":{"Entrypoint":"sh","Cmd":null}}]`://
		`[{"Path":"/run/podman-init","Args":["--","sh"],"Config":{"Entrypoint":["sh"],"Cmd":null}}]`,
		`[{"Config":{"Entrypoint":""}}]`: `[{"Config":{"Entrypoint":null}}]`,
	} {
		got := string(podmanInspect([]byte(in)))
		var a, b any
		if json.Unmarshal([]byte(want), &a) != nil {
			if got != want {
				t.Errorf("%s: %s", in, got)
			}
			continue
		}
		if err := json.Unmarshal([]byte(got), &b); err != nil || !cmp.Equal(a, b) {
			t.Errorf("%s: %s, wanted %s", in, got, want)
		}
	}
}
