package watch

import (
	"errors"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
)

// A docker stop of all containers of a large host keeps all names; a longer command line is known to be cut.
func TestShortened(t *testing.T) {
	long := slices.Concat([]string{"docker", "stop"}, slices.Repeat([]string{"9f2c61b8a0d3"}, 1000), []string{"web"})
	if got, cut := shortened(long); cut || !slices.Equal(got, long) {
		t.Errorf("%d of %d arguments, cut: %v", len(got), len(long), cut)
	}
	longer := append(slices.Clone(long), slices.Repeat([]string{"9f2c61b8a0d3"}, 1000)...)
	if got, cut := shortened(longer); !cut || len(got) < len(long) || len(strings.Join(got, " ")) > mostArgBytes {
		t.Errorf("%d of %d arguments, cut: %v", len(got), len(longer), cut)
	}
	if got, cut := shortened([]string{strings.Repeat("a", mostArgBytes+1), "web"}); !cut || len(got) != 0 {
		t.Errorf("%d arguments, cut: %v", len(got), cut)
	}
}

// The daemon's address is the socket by any of its names.
func TestIsSocket(t *testing.T) {
	dir := t.TempDir()
	path, link := filepath.Join(dir, "s"), filepath.Join(dir, "link")
	if err := errors.Join(os.WriteFile(path, nil, 0o600), os.Symlink(path, link)); err != nil {
		t.Fatal(err)
	}
	for address, want := range map[string]bool{"fd://": true, "fd://docker.socket": true, "unix://" + path: true, "unix://" + link: true,
		"unix://" + dir + "/other": false, "unix://": false, "tcp://127.0.0.1:2375": false, "": false, path: false} {
		if got := isSocket(address, path); got != want {
			t.Errorf("%q: %v", address, got)
		}
	}
	if !isSocket("unix://", "/var/run/docker.sock") {
		t.Error("the default")
	}
}
