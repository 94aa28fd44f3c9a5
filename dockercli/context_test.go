package dockercli

import "testing"

func TestEndpoint(t *testing.T) {
	for text, want := range map[string]Endpoint{
		`{"Context":"default","Host":"unix:///var/run/docker.sock"}` + "\n": {"default", "unix:///var/run/docker.sock"},
		`{"Context":"far","Host":"ssh://far"}`:                              {"far", "ssh://far"},
		`{"Context":"default","Host":null}`:                                 {Context: "default"},
	} {
		if got, err := parseEndpoint([]byte(text)); err != nil || got != want {
			t.Errorf("%s: %+v, %v", text, got, err)
		}
	}
	if _, err := parseEndpoint([]byte(`"default"`)); err == nil {
		t.Error("no error of what is not an endpoint")
	}
}
