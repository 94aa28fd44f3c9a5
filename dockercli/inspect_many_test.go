package dockercli

import (
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
)

// inspectScript is a docker that knows the containers good-0, good-1, … It hangs when it is asked about hang, fails about
// broken, and refuses gone, which it does not list. Its first argument is a file that gets a line for each call.
const inspectScript = `calls=$1
shift
echo "$@" >> $calls
case $1 in
version) [ -z "$MUTE" ] || exec sleep 60; echo 20.10; exit;;
ps) for name in hang broken good good-0; do echo "{\"ID\":\"$name\",\"State\":\"running\"}"; done; exit;;
esac
verb=$1
while [ "$1" != -- ]; do shift; done
shift
all= rc=0
for name; do
  case $name in
    hang) exec sleep 60;;
    broken) echo "Error response from daemon: something is broken" >&2; rc=1;;
    gone*) echo "the words of no version" >&2; rc=1;;
    *) all="$all,{\"Id\":\"$name\",\"Name\":\"/$name\",\"State\":{\"Status\":\"running\"}}";;
  esac
  [ $verb = inspect ] || echo "{\"ID\":\"$name\",\"CPUPerc\":\"1.00%\",\"MemUsage\":\"1MiB / 2MiB\"}"
done
[ $verb = inspect ] || exit $rc
echo "[${all#,}]"
exit $rc`

// One container that hangs, or that docker cannot inspect, does not affect the others.
func TestInspectMany(t *testing.T) {
	path := fake(t, inspectScript).Path // written once: a script cannot be run while another goroutine forks with it open
	var many []string
	for i := range 40 {
		many = append(many, fmt.Sprintf("good-%d", i))
	}
	for name, c := range map[string]struct {
		ask, found, failed []string
		calls              int // at most; 0 for any number
	}{
		"one":             {ask: []string{"good"}, found: []string{"good"}, calls: 1},
		"all found":       {ask: many, found: many, calls: 1},
		"gone":            {ask: []string{"good", "gone"}, found: []string{"good"}, calls: 2},
		"broken":          {ask: []string{"good", "broken"}, found: []string{"good"}, failed: []string{"broken"}, calls: 4},
		"broken and gone": {ask: []string{"good", "broken", "gone"}, found: []string{"good"}, failed: []string{"broken"}, calls: 4},
		"hangs":           {ask: append([]string{"hang", "gone"}, many...), found: many, failed: []string{"hang"}},
		"hangs by itself": {ask: []string{"hang"}, failed: []string{"hang"}, calls: 1},
		"all broken":      {ask: []string{"broken", "broken"}, failed: []string{"broken"}},
		"none":            {},
		"hangs, broken, gone": {ask: []string{"gone-1", "hang", "broken", "gone-2", "good"}, found: []string{"good"},
			failed: []string{"broken", "hang"}},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			calls := filepath.Join(t.TempDir(), "calls")
			docker := New(Options{Path: path, Flags: []string{calls}, Timeout: 6 * time.Second, Engine: Docker})
			began := time.Now()
			got := docker.InspectMany(context.Background(), c.ask...)
			if limit := docker.Timeout*5/3 + time.Second; time.Since(began) > limit {
				t.Errorf("took %s, more than %s", time.Since(began), limit)
			}
			var found, failed []string
			for _, name := range c.ask {
				if _, ok := got.Found[name]; ok {
					found = append(found, name)
				}
			}
			for _, name := range []string{"broken", "hang"} {
				if got.Failed[name] != nil {
					failed = append(failed, name)
				}
			}
			if diff := cmp.Diff(c.found, found); diff != "" {
				t.Errorf("found: %s", diff)
			}
			if diff := cmp.Diff(c.failed, failed); diff != "" || len(got.Failed) != len(failed) {
				t.Errorf("failed: %s%v", diff, got.Failed)
			}
			if err := got.Failed["hang"]; err != nil && !errors.Is(err, ErrTimeout) {
				t.Errorf("a container that hangs: %v", err)
			}
			data, _ := os.ReadFile(calls)
			if n := strings.Count(string(data), "\n"); c.calls > 0 && n > c.calls {
				t.Errorf("%d calls, wanted at most %d:\n%s", n, c.calls, data)
			}
		})
	}
}

// A container that hangs does not delay the others.
func TestInspectEachOrder(t *testing.T) {
	docker := fake(t, inspectScript)
	docker.Flags = []string{os.DevNull}
	docker.Timeout = 12 * time.Second // a sixth of it is for the question whether the daemon answers
	var order []string
	docker.InspectEach(context.Background(), []string{"hang", "a", "b", "c"}, func(name string, found *Container, err error) {
		order = append(order, name)
	})
	if len(order) != 4 || order[3] != "hang" {
		t.Errorf("%v", order)
	}
}

// A daemon that answers nothing is not asked about each container.
func TestInspectManyMute(t *testing.T) {
	t.Setenv("MUTE", "1")
	calls := filepath.Join(t.TempDir(), "calls")
	docker := fake(t, inspectScript)
	docker.Flags = []string{calls}
	docker.Timeout = 6 * time.Second
	got := docker.InspectMany(context.Background(), "hang", "a", "b")
	if len(got.Failed) != 3 || len(got.Found) != 0 || !errors.Is(got.Err(), ErrTimeout) {
		t.Errorf("%+v", got)
	}
	if data, _ := os.ReadFile(calls); strings.Count(string(data), "\n") != 2 {
		t.Errorf("called:\n%s", data)
	}
}

// A daemon answers if it returns its version in time. Podman has no daemon, and is not asked.
func TestAnswers(t *testing.T) {
	ctx := context.Background()
	docker := fake(t, "echo 20.10")
	if !docker.Answers(ctx, 5*time.Second) {
		t.Error("a daemon that reports its version")
	}
	began := time.Now()
	docker = fake(t, "exec sleep 60")
	if docker.Answers(ctx, 100*time.Millisecond) || time.Since(began) > docker.Timeout/2 {
		t.Errorf("a daemon that hangs, after %s", time.Since(began))
	}
	docker = fake(t, "exit 1")
	if docker.Answers(ctx, 5*time.Second) {
		t.Error("no daemon")
	}
	docker.engine = &engine{name: Podman}
	if !docker.Answers(ctx, 5*time.Second) {
		t.Error("podman")
	}
}

// The error of Find names the container that could not be inspected, does not say that there is none, and comes with the others.
func TestFindOneHangs(t *testing.T) {
	docker := fake(t, inspectScript)
	docker.Flags = []string{os.DevNull}
	docker.Timeout = 12 * time.Second
	found, err := docker.Find(context.Background(), "hang", "a", "b")
	if len(found) != 2 || err == nil || errors.Is(err, ErrNotFound) || !errors.Is(err, ErrTimeout) || !strings.Contains(err.Error(), "hang") {
		t.Errorf("%+v, %v", found, err)
	}
}

// A container that hangs, or is gone, does not affect the stats of the others.
func TestStatsOneHangs(t *testing.T) {
	docker := fake(t, inspectScript)
	docker.Flags, docker.Timeout = []string{os.DevNull}, 12*time.Second
	all, err := docker.Stats(context.Background(), "hang", "a", "gone", "b")
	if len(all) != 2 || all["a"].CPUPercent == nil || !errors.Is(err, ErrTimeout) || Refused(err) {
		t.Errorf("%+v, %v", all, err)
	}
	all, err = docker.Stats(context.Background(), "a", "gone")
	if len(all) != 1 || !Refused(err) {
		t.Errorf("%+v, %v", all, err)
	}
}
