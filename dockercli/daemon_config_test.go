package dockercli

import "testing"

func TestParseDaemonConfig(t *testing.T) {
	if n, err := parseDaemonConfig([]byte(`{"default-stop-timeout": 30, "x": {"y": 1}}`)); err != nil || n == nil || *n != 30 {
		t.Error(n, err)
	}
	if n, err := parseDaemonConfig([]byte(`{}`)); err != nil || n != nil {
		t.Error(n, err)
	}
	if _, err := parseDaemonConfig([]byte(`{"default-stop-timeout": "x"}`)); err == nil {
		t.Error("understood")
	}
}
