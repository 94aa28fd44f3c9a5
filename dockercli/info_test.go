package dockercli

import (
	"context"
	"errors"
	"strings"
	"testing"
)

func TestInfoAndImageRecorded(t *testing.T) {
	fixtures(t, func(t *testing.T, read func(string) []byte) {
		info, err := parseInfo(read("info.json"))
		if err != nil || info.ServerVersion == "" || info.KernelVersion == "" || info.CgroupDriver != "cgroupfs" {
			t.Errorf("%+v, %v", info, err)
		}
		image, err := parseImage(read("image.json"))
		if err != nil || image.Config.StopSignal != "SIGQUIT" || !strings.HasPrefix(image.ID, "sha256:") ||
			!image.Config.Labels.Has("haltscope.test") {
			t.Errorf("%+v, %v", image, err)
		}
	})
}

// A client without a server says so in one of three ways.
func TestInfoWithoutDaemon(t *testing.T) {
	for _, script := range []string{
		`echo '{"ServerVersion":"","ServerErrors":["Cannot connect to x"],"ClientInfo":{"Version":"26.1.5"}}'`,
		`echo '{"ServerVersion":"","ClientInfo":{"Version":"28.2.2"}}'; echo 'Cannot connect to x' >&2; exit 1`,
		`echo '{"ServerVersion":"","ServerErrors":["Cannot connect to x"],"ClientInfo":{"Version":"29.7.2"}}'; exit 1`,
	} {
		_, err := fake(t, script).Info(context.Background())
		if !errors.Is(err, ErrNoDaemon) || !strings.Contains(err.Error(), "Cannot connect to x") {
			t.Errorf("%v", err)
		}
	}
	// Clients before 23.0 do not print their version there.
	old := fake(t, `case $1 in info) echo '{"ServerVersion":"20.10.24"}' ;; version) echo 20.10.23 ;; esac`)
	if info, err := old.Info(context.Background()); err != nil || info.ClientInfo.Version != "20.10.23" {
		t.Errorf("%+v, %v", info, err)
	}
}
