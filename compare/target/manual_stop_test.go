package target

import (
	"os"
	"path/filepath"
	"strings"
	"testing"

	"haltscope/dockercli"
)

// TestManuallyStopped checks the daemon's file: one that lacks the key, is cut or is not there says nothing.
func TestManuallyStopped(t *testing.T) {
	id := strings.Repeat("c0ffee00", 8)
	for name, c := range map[string]struct {
		file, id string
		want     bool
		err      string
	}{
		"not stopped":       {`{"State":{"Running":true},"HasBeenManuallyStopped":false,"HasBeenStartedBefore":true}`, id, false, ""},
		"stopped":           {`{"ID":"c0ffee","HasBeenManuallyStopped":true}`, id, true, ""},
		"without the key":   {`{"ID":"c0ffee"}`, id, false, "has no HasBeenManuallyStopped"},
		"cut":               {`{"HasBeenManuallyStopped":tr`, id, false, "config.v2.json: unexpected EOF"},
		"another directory": {`{"HasBeenManuallyStopped":true}`, "other", false, "is not in a directory of the container"},
		"no file":           {"", id, false, "no such file"},
	} {
		t.Run(name, func(t *testing.T) {
			dir := filepath.Join(t.TempDir(), c.id)
			if err := os.Mkdir(dir, 0o700); err != nil {
				t.Fatal(err)
			}
			if c.file != "" {
				if err := os.WriteFile(filepath.Join(dir, "config.v2.json"), []byte(c.file), 0o600); err != nil {
					t.Fatal(err)
				}
			}
			got, err := manuallyStopped(&dockercli.Container{ID: id, HostnamePath: filepath.Join(dir, "hostname")})
			if got != c.want || (err == nil) != (c.err == "") || err != nil && !strings.Contains(err.Error(), c.err) {
				t.Errorf("%t, %v", got, err)
			}
		})
	}
}

func FuzzManuallyStopped(f *testing.F) {
	f.Add([]byte(`{"HasBeenManuallyStopped":true}`))
	f.Add([]byte(`{"HasBeenManuallyStopped":null}`))
	f.Fuzz(func(t *testing.T, data []byte) {
		if stopped, err := parseManuallyStopped(strings.NewReader(string(data))); stopped && err != nil {
			t.Errorf("both an answer and %v", err)
		}
	})
}
