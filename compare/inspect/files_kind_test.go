package inspect

import (
	"os"
	"testing"

	"haltscope/cgroupfs/proc"
	"haltscope/compare/rules/memory"
	"haltscope/dockercli"
)

// TestKindsOfFiles checks that the path of a file tells its kind, by the mount that it is on.
func TestKindsOfFiles(t *testing.T) {
	upper := t.TempDir()
	if err := os.MkdirAll(upper+"/var/log", 0o755); err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(upper+"/var/log/messages", nil, 0o600); err != nil {
		t.Fatal(err)
	}
	mounts := []proc.Mount{
		{Point: "/", Type: "overlay", UpperDir: upper}, {Point: "/dev/shm", Type: "tmpfs"}, {Point: "/data", Type: "ext4"},
		{Point: "/etc/hosts", Type: "ext4"}, {Point: "/srv", Type: "ext4"}, {Point: "/srv", Type: "tmpfs"}, {Point: "/lower", Type: "overlay"},
	}
	docker := []dockercli.Mount{{Type: "volume", Name: "db\x1b", Destination: "/data"}, {Type: "bind", Destination: "/srv"}}
	k := newKindsOfFiles(mounts, docker)
	for path, want := range map[string][2]string{
		"/bin/sh":           {memory.ImageLayer},
		"/var/log/messages": {memory.WritableLayer},
		"/dev/shm/x":        {memory.Tmpfs},
		"/dev/shmother":     {memory.ImageLayer},
		"/data/a/b":         {memory.Volume, "db␛"},
		"/data":             {memory.Volume, "db␛"},
		"/datum":            {memory.ImageLayer},
		"/etc/hosts":        {memory.BindMount},
		"/srv/x":            {memory.Tmpfs}, // mounted over the bind mount
		"/lower/x":          {memory.OtherFile},
	} {
		if kind, volume := k.of(path); kind != want[0] || volume != want[1] {
			t.Errorf("%s: %s, %q", path, kind, volume)
		}
	}
	unknown := newKindsOfFiles(nil, nil)
	if kind, _ := unknown.of("/bin/sh"); kind != memory.OtherFile {
		t.Error(kind)
	}
	vfs := newKindsOfFiles([]proc.Mount{{Point: "/", Type: "ext4"}}, nil)
	if kind, _ := vfs.of("/bin/sh"); kind != memory.OtherFile {
		t.Error(kind)
	}
}

func TestNamelessKind(t *testing.T) {
	for path, want := range map[string][2]string{
		"/memfd:a (deleted) (deleted)": {"memfd:a (deleted)", memory.Memfd},
		"/SYSV00001a2b (deleted)":      {"SYSV00001a2b", memory.SysV},
		"/dev/zero (deleted)":          {"shared memory without a file", memory.SharedAnon},
		"/i915 (deleted)":              {"/i915", memory.Deleted},
	} {
		if name, kind := namelessKind(path); name != want[0] || kind != want[1] {
			t.Errorf("%s: %q, %s", path, name, kind)
		}
	}
}

// TestOrderOfMounts checks that what holds memory is walked first, and what the kernel makes not at all.
func TestOrderOfMounts(t *testing.T) {
	got := inOrder([]proc.Mount{{Point: "/host", Root: "/", Type: "ext4"}, {Point: "/", Root: "/", Type: "overlay"},
		{Point: "/proc", Root: "/", Type: "proc"}, {Point: "/data", Root: "/v/_data", Type: "ext4"},
		{Point: "/dev/shm", Root: "/", Type: "tmpfs"}})
	var points []string
	for _, m := range got {
		points = append(points, m.Point)
	}
	want := []string{"/dev/shm", "/", "/data", "/host"}
	if len(points) != len(want) {
		t.Fatal(points)
	}
	for i := range want {
		if points[i] != want[i] {
			t.Errorf("%q", points)
		}
	}
}
