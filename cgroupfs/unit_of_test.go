package cgroupfs

import (
	"strings"
	"testing"
)

func TestUnitIn(t *testing.T) {
	id := strings.Repeat("0123456789abcdef", 4)
	for path, want := range map[string]string{
		"/system.slice/cron.service":                                             "cron.service",
		"/user.slice/user-1000.slice/session-3.scope":                            "session-3.scope",
		"/user.slice/user-1000.slice/user@1000.service/app.slice/backup.service": "backup.service",
		"/user.slice/user-1000.slice/user@1000.service/init.scope":               "init.scope",
		"/system.slice/docker.service/worker":                                    "docker.service",
		"/system.slice/docker-" + id + ".scope":                                  "",
		"/system.slice/docker-" + id + ".scope/system.slice/nginx.service":       "",
		"/docker/" + id: "",
		"/":             "",
		"":              "",
	} {
		if got := unitIn(path); got != want {
			t.Errorf("%s: %q, wanted %q", path, got, want)
		}
	}
}
