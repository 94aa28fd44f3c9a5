package target

import (
	"net"
	"os"
	"path/filepath"
	"slices"
	"testing"

	"haltscope/cgroupfs/proc"
	"haltscope/compare/rules/prediction"
)

// Titles of a PostgreSQL 15 with two clients.
func TestSessionTitle(t *testing.T) {
	for title, want := range map[string]bool{
		"postgres: u d 127.0.0.1(34216) SELECT":                 true,
		"postgres: u d [local] idle":                            true,
		"postgres: 15/main: u d fe80::1(34216) idle in transac": true,
		"postgres: walsender u 10.0.0.2(41000) streaming 0/3":   true,
		"postgres: u d [local]":                                 true,
		"postgres: checkpointer ":                               false,
		"postgres: 15/main: autovacuum launcher ":               false,
		"postgres: logical replication launcher ":               false,
		"/usr/lib/postgresql/15/bin/postgres":                   false,
		"nginx: worker process":                                 false,
		"app: 127.0.0.1(34216) ":                                false,
	} {
		if _, got := sessionTitle([]string{title}); got != want {
			t.Errorf("%q: %t", title, got)
		}
	}
	if _, got := sessionTitle(nil); got {
		t.Error("a process without arguments")
	}
}

// A connection counts on the side that listens, and once it is accepted.
func TestToListeners(t *testing.T) {
	sockets := []proc.TCPSocket{{LocalPort: 80, State: proc.TCPListen, Inode: 1}, {LocalPort: 80, State: proc.TCPEstablished, Inode: 2},
		{LocalPort: 40000, State: proc.TCPEstablished, Inode: 3}, {LocalPort: 80, State: proc.TCPEstablished}, {LocalPort: 80, State: 6}}
	if got := toListeners(sockets); !slices.Equal(got, sockets[1:2]) {
		t.Errorf("%v", got)
	}
}

// The clients of this test are counted, if the process runs the program that is the signal target.
func TestReadWork(t *testing.T) {
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer listener.Close()
	exe, err := os.Executable()
	if err != nil {
		t.Fatal(err)
	}
	own := []int{os.Getpid()}
	p := prediction.Process{PID: os.Getpid(), Program: filepath.Base(exe)}
	port := uint16(listener.Addr().(*net.TCPAddr).Port)
	if w := readWork(&p, own); w.Error != "" || slices.Contains(w.Ports, port) {
		t.Errorf("before there is a client: %+v", w)
	}
	client, err := net.Dial("tcp", listener.Addr().String())
	if err != nil {
		t.Fatal(err)
	}
	defer client.Close()
	server, err := listener.Accept()
	if err != nil {
		t.Fatal(err)
	}
	defer server.Close()
	if w := readWork(&p, own); w.Error != "" || w.Connections == 0 || !slices.Contains(w.Ports, port) {
		t.Errorf("with a client: %+v", w)
	}
	if w := readWork(&prediction.Process{PID: os.Getpid(), Program: "another"}, own); w.Connections != 0 {
		t.Errorf("of another program: %+v", w)
	}
	if w := readWork(&prediction.Process{PID: 1<<22 + 1, Program: "gone"}, nil); w.Error == "" {
		t.Errorf("of none: %+v", w)
	}
	if w := readWork(nil, own); w.Connections != 0 || w.Error != "" {
		t.Errorf("unknown: %+v", w)
	}
}
