package clean

import (
	"context"
	"errors"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"haltscope/cgroupfs"
	"haltscope/compare/twin"
	"haltscope/dockercli"
)

// cleanScript is a docker that has twins of a run that is over. It hangs when it is asked about the container hang or the image
// hang-image, fails for broken and broken-image, and refuses gone, which it does not list. It writes what it removes to the file $REMOVED.
const cleanScript = `#!/bin/sh
verb=$1 known=gone
case "$*" in *--filter*) ;; *--format*) known=;; esac
case "$1 $2" in "image inspect") verb=image;; "network inspect") verb=network;; "network ls") verb=networks;; "network rm") verb=rm;; esac
while [ $# -gt 1 ] && [ "$1" != -- ]; do shift; done
shift
case $verb in
version) echo 20.10;;
networks) printf '%s\n' hang broken $known good;;
images) printf '%s <none> <none> <none>\n' hang-image broken-image;;
network)
  case $1 in
    hang) exec sleep 60;;
    broken) echo "Error response from daemon: something is broken" >&2; exit 1;;
    gone) echo "the words of no version" >&2; exit 1;;
  esac
  echo "[{\"Id\":\"$1\",\"Name\":\"haltscope-0123abcd\",\"Created\":\"2026-05-20T12:00:00Z\",
    \"Labels\":{\"haltscope.run\":\"0123abcd\",\"haltscope.owner\":\"$OWNER\"}}]";;
ps) case $known in '') echo '{"ID":"broken","Name":"name-broken","State":"running"}'; esac;;
rm) echo "$@" >> $REMOVED;;
image)
  case $1 in
    hang-image) echo hang >> $REMOVED.asked; exec sleep 60;;
    broken-image) echo "Error response from daemon: something is broken" >&2; exit 1;;
  esac
  echo "[{\"Id\":\"$1\",\"Config\":{}}]";;
inspect)
  all= rc=0
  for name; do
    image=image
    case $name in
      hang) exec sleep 60;;
      broken) echo "Error response from daemon: something is broken" >&2; rc=1; continue;;
      gone) echo "the words of no version" >&2; rc=1; continue;;
      of-*) image=${name#of-};;
    esac
    all="$all,{\"Id\":\"$name\",\"Name\":\"/haltscope-0123abcd-1-stop\",\"Image\":\"${image%%.*}\",\"Created\":\"2026-05-20T12:00:00Z\",
      \"State\":{\"Status\":\"running\",\"Running\":true},
      \"Config\":{\"Labels\":{\"haltscope.run\":\"0123abcd\",\"haltscope.owner\":\"$OWNER\"}}}"
  done
  echo "[${all#,}]"
  exit $rc;;
esac`

// newCleaning returns a cleaning with that docker, and the file that lists what it removes.
func newCleaning(t *testing.T, timeout time.Duration) (c *cleaning, removed string) {
	t.Helper()
	me, err := twin.NewObserver()
	if err != nil {
		t.Fatal(err)
	}
	over := me.Owner
	over.Pid = 999999999
	dir := t.TempDir()
	removed = filepath.Join(dir, "removed")
	t.Setenv("REMOVED", removed)
	t.Setenv("OWNER", over.String())
	path := filepath.Join(dir, "docker")
	if err := os.WriteFile(path, []byte(cleanScript), 0o755); err != nil {
		t.Fatal(err)
	}
	docker := dockercli.New(dockercli.Options{Path: path, Timeout: timeout, Engine: dockercli.Docker})
	return &cleaning{docker: docker, kernel: noCgroups{}, me: &me, inspected: map[string]inspection{}}, removed
}

// A container or an image that docker cannot inspect is listed, and does not keep anything else from being removed.
func TestCleanCannotInspect(t *testing.T) {
	c, removed := newCleaning(t, 3*time.Second)
	var labeled []dockercli.PsLine
	for _, id := range []string{"hang", "good-1", "broken", "gone",
		"of-hang-image", "of-broken-image", "of-hang-image.2", "good-2"} {
		labeled = append(labeled, dockercli.PsLine{ID: id, Name: "name-" + id, State: "running"})
	}
	ctx := context.Background()
	orphans, err := c.orphans(ctx, labeled)
	if err == nil || !errors.Is(err, dockercli.ErrTimeout) || !strings.Contains(err.Error(), "something is broken") {
		t.Errorf("the error: %v", err)
	}
	if err := c.remove(ctx, orphans); err != nil || c.done.Twins != 2 {
		t.Errorf("%d twins removed, %v", c.done.Twins, err)
	}
	if text, err := os.ReadFile(removed); string(text) != "good-1 good-2\n" {
		t.Errorf("removed: %q, %v", text, err)
	}
	if text, err := os.ReadFile(removed + ".asked"); string(text) != "hang\n" {
		t.Errorf("the image that hangs was not asked about once: %q, %v", text, err)
	}
	reasons := map[string]string{"hang": "no answer", "broken": "something is broken", "of-hang-image": "hang-image",
		"of-broken-image": "something is broken", "of-hang-image.2": "hang-image"}
	for _, l := range c.done.Left {
		want, ok := reasons[l.ID]
		delete(reasons, l.ID)
		if !ok || !strings.Contains(l.Reason, want) || l.Kind != "container" || l.Name != "name-"+l.ID {
			t.Errorf("left: %+v", l)
		}
	}
	if len(reasons) > 0 {
		t.Errorf("not listed: %v", reasons)
	}
	if c.doubtful != 5 {
		t.Errorf("%d runs may go on, wanted 5: their images are needed", c.doubtful)
	}
}

// A network that docker cannot inspect is listed, and does not keep others from being removed.
func TestCleanCannotInspectNetwork(t *testing.T) {
	c, removed := newCleaning(t, time.Second)
	err := c.networks(context.Background())
	if !errors.Is(err, dockercli.ErrTimeout) || !strings.Contains(err.Error(), "something is broken") {
		t.Errorf("the error: %v", err)
	}
	if text, err := os.ReadFile(removed); string(text) != "good\n" || c.done.Networks != 1 {
		t.Errorf("removed: %q, %v; %d networks", text, err, c.done.Networks)
	}
	if len(c.done.Left) != 2 || c.done.Left[0].ID != "hang" || c.done.Left[1].ID != "broken" || c.done.Left[1].Kind != "network" {
		t.Errorf("left: %+v", c.done.Left)
	}
}

// noCgroups is a machine without containers.
type noCgroups struct{}

func (noCgroups) Containers() (map[string]*cgroupfs.Group, error) { return nil, nil }
