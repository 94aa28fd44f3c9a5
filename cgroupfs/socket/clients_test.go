package socket

import (
	"encoding/hex"
	"errors"
	"fmt"
	"net"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"syscall"
	"testing"

	"github.com/google/go-cmp/cmp"
	"golang.org/x/sys/unix"
)

// serve listens on a socket and keeps its connections.
func serve(t *testing.T) (path string, accepted <-chan net.Conn) {
	t.Helper()
	path = filepath.Join(t.TempDir(), "s")
	server, err := net.Listen("unix", path)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { server.Close() })
	conns := make(chan net.Conn, 8)
	go func() {
		for {
			conn, err := server.Accept()
			if err != nil {
				close(conns)
				return
			}
			conns <- conn
		}
	}()
	return path, conns
}

func open(t testing.TB, path string) *Listener {
	t.Helper()
	l, err := Open(path)
	if errors.Is(err, unix.ENOENT) || errors.Is(err, unix.EPROTONOSUPPORT) {
		t.Skip("this kernel has no unix_diag: ", err)
	}
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { l.Close() })
	return l
}

// A client is found as long as it is connected.
func TestClients(t *testing.T) {
	path, accepted := serve(t)
	l := open(t, path)
	if ends, _, err := l.Clients(nil); err != nil || len(ends) != 0 {
		t.Fatalf("before: %v, %v", ends, err)
	}
	link := filepath.Join(filepath.Dir(path), "link")
	if err := os.Symlink(path, link); err != nil {
		t.Fatal(err)
	}
	client, err := net.Dial("unix", link)
	if err != nil {
		t.Fatal(err)
	}
	server := <-accepted
	for _, at := range []string{path, link} {
		ends, _, err := open(t, at).Clients(nil)
		if err != nil || len(ends) != 1 {
			t.Fatalf("%s: %v, %v", at, ends, err)
		}
		if owners, err := Owners(ends); err != nil || !cmp.Equal(owners, []Owner{{os.Getpid(), ends}}) {
			t.Errorf("%s: owners %v, %v, wanted %d", at, owners, err, os.Getpid())
		}
	}
	client.Close()
	if ends, _, err := l.Clients(nil); err != nil || len(ends) != 0 {
		t.Errorf("after: %v, %v", ends, err)
	}
	server.Close()
}

// A client in another network namespace is found there only.
func TestClientElsewhere(t *testing.T) {
	if os.Getenv("SOCKET_TEST_CONNECT") != "" {
		conn, err := net.Dial("unix", os.Getenv("SOCKET_TEST_CONNECT"))
		if err != nil {
			t.Fatal(err)
		}
		defer conn.Close()
		var end [1]byte
		conn.Read(end[:]) // until the other end is closed
		return
	}
	path, accepted := serve(t)
	l := open(t, path)
	command := exec.Command(os.Args[0], "-test.run", "^TestClientElsewhere$")
	command.Env = append(os.Environ(), "SOCKET_TEST_CONNECT="+path)
	command.SysProcAttr = &syscall.SysProcAttr{Cloneflags: unix.CLONE_NEWNET}
	if err := command.Start(); errors.Is(err, unix.EPERM) {
		t.Skip("this needs root: ", err)
	} else if err != nil {
		t.Fatal(err)
	}
	server := <-accepted
	if ends, _, err := l.Clients(nil); err != nil || len(ends) != 0 {
		t.Errorf("in this network namespace: %v, %v", ends, err)
	}
	space, err := os.Open(fmt.Sprintf("/proc/%d/ns/net", command.Process.Pid))
	if err != nil {
		t.Fatal(err)
	}
	defer space.Close()
	ends, missed, err := l.Clients([]*os.File{space})
	if err != nil || missed != nil || len(ends) != 1 {
		t.Errorf("in that one: %v, %v", ends, err)
	}
	if owners, err := Owners(ends); err != nil || !cmp.Equal(owners, []Owner{{command.Process.Pid, ends}}) {
		t.Errorf("owners %v, %v, wanted %d", owners, err, command.Process.Pid)
	}
	// A space that cannot be asked leaves the others.
	noSpace, err := os.Open("/dev/null")
	if err != nil {
		t.Fatal(err)
	}
	defer noSpace.Close()
	if ends, missed, err := l.Clients([]*os.File{noSpace, space}); err != nil || missed == nil || len(ends) != 1 {
		t.Errorf("with one that is none: %v, %v, %v", ends, missed, err)
	}
	server.Close()
	if err := command.Wait(); err != nil {
		t.Error(err)
	}
}

func TestNotListening(t *testing.T) {
	path := filepath.Join(t.TempDir(), "s")
	if _, err := Open(path); !errors.Is(err, os.ErrNotExist) {
		t.Errorf("no file: %v", err)
	}
	if err := os.WriteFile(path, nil, 0o600); err != nil {
		t.Fatal(err)
	}
	var not *NotListeningError
	if _, err := Open(path); !errors.As(err, &not) || !strings.Contains(err.Error(), path) {
		t.Errorf("a plain file: %v", err)
	}
}

// A socket without an owner has none.
func TestNoOwner(t *testing.T) {
	if owners, err := Owners([]uint32{1<<32 - 1}); err != nil || len(owners) != 0 {
		t.Errorf("%v, %v", owners, err)
	}
	if owners, err := Owners(nil); err != nil || len(owners) != 0 {
		t.Errorf("%v, %v", owners, err)
	}
}

func TestSocketInode(t *testing.T) {
	for target, want := range map[string]uint32{"socket:[422773]": 422773, "socket:[422773": 0, "socket:[]": 0, "pipe:[3]": 0,
		"/a/socket:[3]": 0, "socket:[99999999999]": 0, "": 0} {
		if got, ok := socketInode(target); got != want && ok || ok != (want != 0) {
			t.Errorf("%q: %d, %v", target, got, ok)
		}
	}
}

// Messages of Linux 6.18 on amd64, without the netlink header.
const (
	// A connection that dockerd has accepted, and a socket that containerd listens on.
	acceptedMessage = "01010100113b0d00 2310000000000000 190000002f7661722f72756e2f646f636b65722e736f636b00000000" +
		"0c00010002209500 0000e00f 080002003c480d00 0500060000000000"
	listeningMessage = "01010a00d41b0000 3300000000000000 210000002f7661722f72756e2f646f636b65722f6d6574726963732e736f636b00000000" +
		"0c00010049c00b00 0000e00f 0500060000000000"
)

func TestParseUnixSocket(t *testing.T) {
	const header = "010101002a000000 0000000000000000"
	for name, c := range map[string]struct {
		message string
		want    unixSocket
		ok      bool
	}{
		"accepted": {acceptedMessage, unixSocket{state: established, inode: 867089, peer: 870460, name: "/var/run/docker.sock",
			fileNode: 9773058, fileDev: 254 << 20}, true},
		"listening": {listeningMessage, unixSocket{state: listening, inode: 7124, name: "/var/run/docker/metrics.sock",
			fileNode: 770121, fileDev: 254 << 20}, true},
		"without attributes": {header, unixSocket{state: established, inode: 42}, true},
		"abstract":           {header + "0700000000616200", unixSocket{state: established, inode: 42}, true},
		"empty":              {"", unixSocket{}, false},
		"cut":                {header[:len(header)-2], unixSocket{}, false},
		"cut peer":           {header + "0600020001000000", unixSocket{}, false},
		"cut file":           {header + "0800010001000000", unixSocket{}, false},
		"cut attribute":      {header + "ff00020001000000", unixSocket{}, false},
	} {
		got, err := parseUnixSocket(message(t, c.message))
		if got != c.want || (err == nil) != c.ok {
			t.Errorf("%s: %+v, %v", name, got, err)
		}
	}
}

func FuzzParseUnixSocket(f *testing.F) {
	for _, text := range []string{acceptedMessage, listeningMessage, ""} {
		f.Add(message(f, text))
	}
	f.Fuzz(func(t *testing.T, data []byte) {
		if s, err := parseUnixSocket(data); err != nil && s != (unixSocket{}) {
			t.Errorf("%+v and %v", s, err)
		}
	})
}

// Where stat(2) gives a file another device than the kernel, its name and its inode decide; an inode alone does not.
func TestFileOf(t *testing.T) {
	path := filepath.Join(t.TempDir(), "s")
	if err := os.WriteFile(path, nil, 0o600); err != nil {
		t.Fatal(err)
	}
	var stat unix.Stat_t
	if err := unix.Stat(path, &stat); err != nil {
		t.Fatal(err)
	}
	node, device := uint32(stat.Ino), unix.Major(stat.Dev)<<20|unix.Minor(stat.Dev)
	for name, c := range map[string]struct {
		socket unixSocket
		want   bool
	}{
		"another device":               {unixSocket{state: listening, fileNode: node, fileDev: 1, name: path}, true},
		"another device and name":      {unixSocket{state: listening, fileNode: node, fileDev: 1, name: "/s"}, false},
		"another inode":                {unixSocket{state: listening, fileNode: node + 1, fileDev: 1, name: path}, false},
		"a connection":                 {unixSocket{state: established, fileNode: node, fileDev: 1, name: path}, false},
		"the device, and another name": {unixSocket{state: listening, fileNode: node, fileDev: device}, true},
	} {
		if _, ok, err := fileOf(path, []unixSocket{c.socket}); ok != c.want || err != nil {
			t.Errorf("%s: %v, %v", name, ok, err)
		}
	}
}

func message(t testing.TB, text string) []byte {
	t.Helper()
	data, err := hex.DecodeString(strings.ReplaceAll(text, " ", ""))
	if err != nil {
		t.Fatal(err)
	}
	return data
}

func BenchmarkClients(b *testing.B) {
	const path = "/var/run/docker.sock"
	if _, err := os.Stat(path); err != nil {
		b.Skip(err)
	}
	l := open(b, path)
	for b.Loop() {
		if _, _, err := l.Clients(nil); err != nil {
			b.Fatal(err)
		}
	}
}

func BenchmarkOwners(b *testing.B) {
	for b.Loop() {
		if _, err := Owners([]uint32{1<<32 - 1}); err != nil { // of nobody, so that all processes are looked at
			b.Fatal(err)
		}
	}
}
