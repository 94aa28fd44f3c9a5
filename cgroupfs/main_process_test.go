package cgroupfs

import (
	"errors"
	"path/filepath"
	"strings"
	"testing"

	"haltscope/cgroupfs/proc"
)

// The main process of a container is the first one in the cgroup that is named after its id.
func TestMainProcess(t *testing.T) {
	h, err := NewHost()
	if err != nil {
		t.Skip("no cgroups here: ", err)
	}
	id := strings.Repeat("f1", 32)
	if _, err := h.MainProcess(id); !errors.Is(err, proc.ErrNoProcess) {
		t.Errorf("no such container: %v", err)
	}
	for path, want := range map[string]string{
		"docker/" + id: "docker/ID", "a.slice/docker-" + id + ".scope": "a.slice/docker-ID.scope", "docker/other": "",
	} {
		if got := (&Group{Path: "/sys/fs/cgroup/" + path, mountPoint: "/sys/fs/cgroup"}).PathTemplate(id); got != want {
			t.Errorf("the template of %s is %q", path, got)
		}
	}
	c := newOwnCgroup(t)
	v2 := &Host{Version: 2, mounts: map[string]mount{"": {point: c.mountPoint}}}
	if pid, err := v2.MainProcess(id, filepath.Base(c.Path)); err != nil || pid != c.sleep.Process.Pid {
		t.Errorf("the main process is %d, want %d: %v", pid, c.sleep.Process.Pid, err)
	}
	c.end()
	if _, err := v2.MainProcess(id, filepath.Base(c.Path)); !errors.Is(err, proc.ErrNoProcess) {
		t.Errorf("an empty cgroup: %v", err)
	}
}
