package dockercli

import (
	"context"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"
)

// A freeze that was undone is tried again, a few times, whatever docker says of it. After any other failure, docker is not run again.
func TestPauseGivenUp(t *testing.T) {
	yes, no := func() bool { return true }, func() bool { return false }
	for _, c := range []struct {
		name   string
		fails  int
		why    string
		status string // that docker inspect prints
		thawed func() bool
		tries  int
		want   string // part of the error; "" for none
	}{
		{"at once", 0, "", "running", yes, 1, ""},
		{"the third time", 2, "OCI runtime pause failed: unable to freeze: unknown", "running", yes, 3, ""}, // runc 1.1.5 to 1.5.1, cgroup v1
		{"never", 100, "OCI runtime pause failed: unable to freeze: unknown", "running", yes, pauseTries, "tried 5 times: "},
		{"in other words", 1, "es friert nicht", "running", yes, 2, ""},
		{"paused already", 100, "Container x is already paused", "paused", no, 1, "already paused"},
		{"frozen, or asked to be", 100, "timeout of 10s reached waiting for the cgroup to freeze", "running", no, 1, "timeout"}, // cgroup v2
		{"not running", 100, "Container x is not running", "exited", yes, 1, "not running"},
		{"restarting", 100, "Container x is restarting", "restarting", yes, 1, "is restarting"},
		{"a cgroup that cannot be read", 100, "unable to freeze", "running", nil, 1, "unable to freeze"},
	} {
		t.Run(c.name, func(t *testing.T) {
			tries := filepath.Join(t.TempDir(), "tries")
			docker := fake(t, fmt.Sprintf(`if [ $1 = inspect ]; then echo '[{"Id":"x","State":{"Status":"%[4]s"}}]'; exit; fi
echo >> %[1]s
[ $(wc -l < %[1]s) -gt %[2]d ] || { sleep 0.02; echo 'Error response from daemon: %[3]s' >&2; exit 1; }`, tries, c.fails, c.why, c.status))
			began := time.Now()
			call, err := docker.Do(context.Background(), "x", Pause{Thawed: c.thawed})
			text, readErr := os.ReadFile(tries)
			if n := strings.Count(string(text), "\n"); n != c.tries || readErr != nil {
				t.Errorf("%d tries, wanted %d, %v", n, c.tries, readErr)
			}
			if (err != nil) != (c.want != "") || err != nil && (!strings.Contains(err.Error(), c.want) || !Refused(err)) {
				t.Errorf("%v", err)
			}
			if call.Started.Before(began) || call.Elapsed < time.Duration(c.tries-1)*20*time.Millisecond || call.Elapsed > time.Since(began) {
				t.Errorf("from %s, for %s", call.Started, call.Elapsed)
			}
		})
	}
}
