package dockercli

import (
	"context"
	"os"
	"path/filepath"
	"testing"
)

func TestVersionsRecorded(t *testing.T) {
	for dir, want := range map[string]struct{ client, asked, newest, engine, api, oldest string }{
		"docker-20.10.24-client-20.10.24": {"20.10.24+dfsg1", "1.41", "1.41", "20.10.24+dfsg1", "1.41", "1.12"},
		"docker-20.10.24-client-28.2.2":   {"28.2.2", "1.41", "1.50", "20.10.24+dfsg1", "1.41", "1.12"},
		"docker-20.10.24-client-29.7.2":   {"29.7.2", "1.41", "1.55", "20.10.24+dfsg1", "1.41", "1.12"},
		"docker-29.7.2-client-29.7.2":     {"29.7.2", "1.55", "1.55", "29.7.2", "1.55", "1.40"},
	} {
		data, err := os.ReadFile(filepath.Join("testdata", dir, "version.json"))
		if err != nil {
			t.Fatal(err)
		}
		v, err := parseVersions(data)
		if err != nil || v.Server == nil {
			t.Fatalf("%s: %+v, %v", dir, v, err)
		}
		c, s := v.Client, v.Server
		if c.Version != want.client || c.APIVersion != want.asked || c.DefaultAPIVersion != want.newest || s.Version != want.engine ||
			s.APIVersion != want.api || s.MinAPIVersion != want.oldest {
			t.Errorf("%s: %+v, %+v", dir, c, s)
		}
		if s.Component("runc") != "1.1.5+ds1" || s.Component("containerd") != "1.6.20~ds1" || s.Component("crun") != "" {
			t.Errorf("%s: %+v", dir, s.Components)
		}
	}
}

// A client that gets no answer, or is refused, says what it is all the same.
func TestVersionsWithoutDaemon(t *testing.T) {
	const client = `echo '{"Client":{"Version":"29.7.2","ApiVersion":"1.55","DefaultAPIVersion":"1.55"},"Server":null}'`
	v, err := fake(t, client+"; exit 1").Versions(context.Background())
	if !Refused(err) || v.Server != nil || v.Client.Version != "29.7.2" || v.Server.Component("runc") != "" {
		t.Errorf("%+v, %v", v, err)
	}
	for _, script := range []string{"echo null", "echo '{}'", "echo text", "true"} {
		if v, err := fake(t, script).Versions(context.Background()); err == nil {
			t.Errorf("%s: %+v", script, v)
		}
	}
}
