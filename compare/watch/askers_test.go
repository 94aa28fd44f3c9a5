package watch

import (
	"errors"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"golang.org/x/sys/unix"

	"haltscope/cgroupfs"
	"haltscope/cgroupfs/socket"
	"haltscope/compare/identity"
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

// What is bounded is how many processes are connected, not how many connections each has.
func TestMostClients(t *testing.T) {
	const pid = 1 << 30 // above all PIDs of Linux
	a := askers{clients: map[uint32]*socketClient{}, reader: identity.NewReader(&cgroupfs.Host{}, func(string) string { return "" })}
	idle := socket.Owner{PID: pid}
	for end := range uint32(10 * mostClients) {
		idle.Sockets = append(idle.Sockets, end)
	}
	if err := a.add([]socket.Owner{idle}, time.Now()); err != nil || len(a.clients) != 10*mostClients {
		t.Fatalf("%d connections of one process: %v", len(a.clients), err)
	}
	for n := 1; n < mostClients; n++ {
		if err := a.add([]socket.Owner{{PID: pid + n, Sockets: []uint32{uint32(1_000_000 + n)}}}, time.Now()); err != nil {
			t.Fatalf("process %d: %v", n, err)
		}
	}
	one := socket.Owner{PID: pid + mostClients, Sockets: []uint32{2_000_000}}
	if err := a.add([]socket.Owner{one}, time.Now()); !errors.Is(err, errTooManyClients) {
		t.Errorf("one more: %v", err)
	}
	again := socket.Owner{PID: pid + 1, Sockets: []uint32{2_000_001}}
	if err := a.add([]socket.Owner{again}, time.Now()); err != nil {
		t.Errorf("another connection of one of them: %v", err)
	}
}

// A container that has ended has no clients; one that could not be looked into may have some.
func TestProcessGone(t *testing.T) {
	for err, want := range map[error]bool{unix.ENOENT: true, unix.ESRCH: true, unix.EACCES: false, unix.EMFILE: false} {
		if got := processGone(&fs.PathError{Op: "open", Path: "/proc/7/ns/net", Err: err}); got != want {
			t.Errorf("%v: %v", err, got)
		}
	}
	a := askers{spaces: map[string]int{"here": os.Getpid(), "gone": 1 << 30}}
	open, missed := a.openSpaces()
	if len(open) != 1 || missed {
		t.Errorf("%d open, missed: %v", len(open), missed)
	}
	for _, file := range open {
		file.Close()
	}
}
