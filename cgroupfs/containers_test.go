package cgroupfs

import (
	"os"
	"path/filepath"
	"strings"
	"testing"
)

// A container may lie below the cgroup of another. A cgroup that a container has made, and named after a container that is
// elsewhere, is not taken for that one.
func TestContainersWithinContainers(t *testing.T) {
	a, b, c := strings.Repeat("a", 64), strings.Repeat("b", 64), strings.Repeat("c", 64)
	top := t.TempDir()
	for _, dir := range []string{
		"docker/" + a + "/" + b, "docker/" + a + "/" + c, "system.slice/docker-" + c + ".scope", "docker/" + b[1:],
	} {
		if err := os.MkdirAll(filepath.Join(top, dir), 0o755); err != nil {
			t.Fatal(err)
		}
	}
	h := &Host{Version: 2, mounts: map[string]mount{"": {point: top, root: "/"}}}
	groups, err := h.Containers()
	if err != nil || len(groups) != 3 {
		t.Fatalf("%v, %v", groups, err)
	}
	for id, want := range map[string]string{
		a: "/docker/" + a, b: "/docker/" + a + "/" + b, c: "/system.slice/docker-" + c + ".scope",
	} {
		if got := strings.TrimPrefix(groups[id].Path, top); got != want {
			t.Errorf("%s, want %s", got, want)
		}
		if inside := map[string]string{b: a}[id]; groups[id].Inside != inside {
			t.Errorf("%s is inside %q", want, groups[id].Inside)
		}
		groups[id].Close()
	}
}

// The scope of Podman's monitor is also named after the container, but does not belong to it.
func TestPodmanNames(t *testing.T) {
	id := strings.Repeat("a", 64)
	for name, want := range map[string]bool{
		"libpod-" + id + ".scope": true, "libpod-" + id: true, id: true, "docker-" + id + ".scope": true,
		"libpod-conmon-" + id + ".scope": false, "crio-conmon-" + id + ".scope": false, "other-" + id: false, "libpod-" + id[1:]: false,
	} {
		if got, ok := idOf(name); ok != want || ok && got != id {
			t.Errorf("%s: %s, %t", name, got, ok)
		}
		cut, err := CutAtID("/machine.slice/"+name+"/container", id)
		if (err == nil) != want || want && cut != "/machine.slice/"+name {
			t.Errorf("%s: %s, %v", name, cut, err)
		}
	}
}

// crun freezes the cgroup below a Podman scope, which the files of the scope do not show. With other engines, the container
// itself has made a cgroup of that name.
func TestFreezerBelowScope(t *testing.T) {
	id := strings.Repeat("a", 64)
	for name, below := range map[string]bool{"libpod-" + id + ".scope": true, "docker-" + id + ".scope": false} {
		top := t.TempDir()
		scope := filepath.Join(top, "machine.slice", name)
		for dir, text := range map[string]string{scope: "0", scope + "/container": "1"} {
			writeCgroup(t, dir, map[string]string{"cgroup.freeze": text + "\n", "cgroup.events": "populated 1\nfrozen " + text + "\n"})
		}
		h := &Host{Version: 2, mounts: map[string]mount{"": {point: top, root: "/"}}}
		groups, err := h.Containers()
		if err != nil || groups[id] == nil {
			t.Fatalf("%v, %v", groups, err)
		}
		var r Reading
		groups[id].ReadState(&r)
		f, populated := r.Freezer, r.Populated
		if f.Frozen.Is(1) != below || f.Requested.Is(1) != below || !populated.Is(1) || below && f.By != scope {
			t.Errorf("%s: %+v, populated %v", name, f, populated)
		}
		groups[id].Close()
	}
}
