package cgroupfs

import (
	"errors"
	"os"
	"path/filepath"
	"testing"

	"golang.org/x/sys/unix"
)

// The kernel finds a cgroup by its id, which is the inode of its folder, until it is removed.
func TestPathOfID(t *testing.T) {
	h, err := NewHost()
	if err != nil {
		t.Skip(err)
	}
	m, err := h.perfEventMount()
	if err != nil {
		t.Skip(err)
	}
	folder := filepath.Join(m.point, "haltscope-test-id")
	if err := os.Mkdir(folder, 0o755); err != nil {
		t.Skip("this needs root: ", err)
	}
	defer os.Remove(folder)
	var stat unix.Stat_t
	if err := unix.Stat(folder, &stat); err != nil {
		t.Fatal(err)
	}
	if path, err := h.PathOfID(stat.Ino); path != "/haltscope-test-id" || err != nil {
		t.Errorf("%q, %v", path, err)
	}
	if err := os.Remove(folder); err != nil {
		t.Fatal(err)
	}
	if path, err := h.PathOfID(stat.Ino); !errors.Is(err, ErrNoCgroup) {
		t.Errorf("after its removal: %q, %v", path, err)
	}
	if path, err := h.PathOfID(1); m.root == "/" && (path != "/" || err != nil) {
		t.Errorf("the root: %q, %v", path, err)
	}
}

func TestContainerIn(t *testing.T) {
	const outer = "0123456789abcdef0123456789abcdef0123456789abcdef0123456789abcdef"
	const inner = "fedcba9876543210fedcba9876543210fedcba9876543210fedcba9876543210"
	for path, want := range map[string]string{
		"/docker/" + outer:                              outer,
		"/docker/" + outer + "/docker/" + inner:         inner,
		"/system.slice/docker-" + outer + ".scope/init": outer,
		"/system.slice/cron.service":                    "",
		"/":                                             "",
	} {
		if got := ContainerIn(path); got != want {
			t.Errorf("%s: %q, wanted %q", path, got, want)
		}
	}
}
