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

// A freeze that the runtime gives up is tried again, a few times. After any other failure, docker is not run again.
func TestPauseGivenUp(t *testing.T) {
	for _, c := range []struct {
		name   string
		fails  int
		why    string
		tries  int
		failed bool
		want   string
	}{
		{"at once", 0, "", 1, false, ""},
		{"the third time", 2, "OCI runtime pause failed: unable to freeze: unknown", 3, false, ""},
		{"never", 100, "OCI runtime pause failed: unable to freeze: unknown", pauseTries, true, "tried 5 times: "},
		{"another failure", 100, "Container x is already paused", 1, true, "already paused"},
	} {
		t.Run(c.name, func(t *testing.T) {
			tries := filepath.Join(t.TempDir(), "tries")
			docker := fake(t, fmt.Sprintf(`echo >> %[1]s
[ $(wc -l < %[1]s) -gt %[2]d ] || { sleep 0.02; echo 'Error response from daemon: %[3]s' >&2; exit 1; }`, tries, c.fails, c.why))
			began := time.Now()
			call, err := docker.Do(context.Background(), "x", Pause{})
			text, readErr := os.ReadFile(tries)
			if n := strings.Count(string(text), "\n"); n != c.tries || readErr != nil {
				t.Errorf("%d tries, wanted %d, %v", n, c.tries, readErr)
			}
			if (err != nil) != c.failed || err != nil && (!strings.Contains(err.Error(), c.want) || !Refused(err)) {
				t.Errorf("%v", err)
			}
			if call.Started.Before(began) || call.Elapsed < time.Duration(c.tries-1)*20*time.Millisecond || call.Elapsed > time.Since(began) {
				t.Errorf("from %s, for %s", call.Started, call.Elapsed)
			}
		})
	}
}
