package cgroupfs

import (
	"errors"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"
)

// TestFirstProcess: the first process of a container is found by the cgroup that is named after its id, and is the one that
// started first.
func TestFirstProcess(t *testing.T) {
	h, err := NewHost()
	if err != nil {
		t.Skip("no cgroups here: ", err)
	}
	id := strings.Repeat("f1", 32)
	if _, err := h.FirstProcess(id); !errors.Is(err, ErrNoProcess) {
		t.Errorf("no such container: %v", err)
	}
	for form, want := range map[string]string{"docker/" + id: "docker/ID", "a.slice/docker-" + id + ".scope": "a.slice/docker-ID.scope", "docker/other": ""} {
		if got := (&Group{Path: "/sys/fs/cgroup/" + form, mount: "/sys/fs/cgroup"}).Form(id); got != want {
			t.Errorf("the form of %s is %q", form, got)
		}
	}
	started, err := StartedAt(os.Getpid())
	if err != nil || started.After(time.Now()) || time.Since(started) > time.Hour {
		t.Errorf("this test started at %v, %v", started, err)
	}
	c := newOwnCgroup(t)
	v2 := &Host{Version: 2, mounts: map[string]mount{"": {point: c.mount}}}
	if pid, err := v2.FirstProcess(id, filepath.Base(c.Path)); err != nil || pid != c.sleep.Process.Pid {
		t.Errorf("the first process is %d, wanted %d: %v", pid, c.sleep.Process.Pid, err)
	}
	c.end()
	if _, err := v2.FirstProcess(id, filepath.Base(c.Path)); !errors.Is(err, ErrNoProcess) {
		t.Errorf("an empty cgroup: %v", err)
	}
}
