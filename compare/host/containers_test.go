package host

import (
	"context"
	"errors"
	"os"
	"path/filepath"
	"testing"
	"time"

	"haltscope/cgroupfs"
	"haltscope/cgroupfs/proc"
	"haltscope/dockercli"
)

// inspectScript is a docker that knows the containers here, elsewhere and ended. It hangs when asked about hang, and fails when
// asked about broken.
const inspectScript = `#!/bin/sh
case $1 in
version) echo 20.10; exit;;
ps) for name in broken broken-1 broken-2 here elsewhere ended hang; do echo "{\"ID\":\"$name\",\"State\":\"running\"}"; done; exit;;
esac
while [ "$1" != -- ]; do shift; done
shift
all= rc=0
for name; do
  case $name in
    hang) exec sleep 60;;
    broken*) echo "Error response from daemon: something is broken" >&2; rc=1; continue;;
    gone) echo "the words of no version" >&2; rc=1; continue;;
    here) pid=1;;
    ended) pid=0;;
    *) pid=2;;
  esac
  all="$all,{\"Id\":\"$name\",\"Name\":\"/$name\",\"State\":{\"Status\":\"running\",\"Pid\":$pid}}"
done
echo "[${all#,}]"
exit $rc`

// TestTied checks that containers on which docker hangs or fails do not make the host unfit.
func TestTied(t *testing.T) {
	path := filepath.Join(t.TempDir(), "docker")
	if err := os.WriteFile(path, []byte(inspectScript), 0o755); err != nil {
		t.Fatal(err)
	}
	locate := func(pid int, id string) (*cgroupfs.Group, error) {
		if pid != 1 {
			return nil, proc.ErrNoProcess
		}
		return &cgroupfs.Group{}, nil
	}
	for _, c := range []struct {
		name        string
		ids         []string
		tied, fails bool
	}{
		{"none", nil, false, false},
		{"one that is here", []string{"here"}, true, false},
		{"one that is not", []string{"elsewhere"}, false, false},
		{"one that hangs", []string{"hang", "here"}, true, false},
		{"some that fail", []string{"broken-1", "broken-2", "here", "gone"}, true, false},
		{"some that fail, and one elsewhere", []string{"broken-1", "elsewhere"}, false, false},
		{"one that has gone", []string{"gone"}, false, false},
		{"all fail", []string{"broken-1", "broken-2"}, false, true},
		{"one fails, the other has gone", []string{"broken-1", "gone"}, false, true},
		{"one fails, the other has ended", []string{"broken-1", "ended"}, false, true},
	} {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			docker := dockercli.New(dockercli.Options{Path: path, Timeout: 12 * time.Second})
			began := time.Now()
			got, err := tied(context.Background(), docker, locate, c.ids)
			if got != c.tied || (err != nil) != c.fails {
				t.Errorf("%t, %v", got, err)
			}
			if took := time.Since(began); took > 5*time.Second {
				t.Errorf("it took %s, waiting for the container that hangs", took)
			}
		})
	}
	t.Run("interrupted", func(t *testing.T) {
		ctx, cancel := context.WithCancel(context.Background())
		cancel()
		docker := dockercli.New(dockercli.Options{Path: path, Timeout: time.Second})
		if got, err := tied(ctx, docker, locate, []string{"here"}); got || !errors.Is(err, context.Canceled) {
			t.Errorf("%t, %v", got, err)
		}
	})
}
