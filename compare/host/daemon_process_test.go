package host

import (
	"context"
	"errors"
	"fmt"
	"net"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"haltscope/cgroupfs/proc/proctest"
	"haltscope/dockercli"
)

// TestDockerd checks that only the command line of a dockerd is taken for one.
func TestDockerd(t *testing.T) {
	for name, want := range map[string]bool{"dockerd": true, "/usr/bin/dockerd": true, "docker": false, "/sbin/init": false} {
		cmd := &exec.Cmd{Path: "/bin/sh", Args: []string{name, "-c", "echo; read end", "sh", "--default-stop-timeout=7"}}
		proctest.Run(t, cmd) // a process that is being executed has no command line for a moment
		arguments, err := dockerd(cmd.Process.Pid)
		switch {
		case want && err == nil && slices.Contains(arguments, "--default-stop-timeout=7"):
		case !want && errors.Is(err, errNoDaemonProcess):
		default:
			t.Errorf("%s: %q, %v", name, arguments, err)
		}
	}
	if _, err := dockerd(999999999); !errors.Is(err, errNoDaemonProcess) || !strings.Contains(err.Error(), "vanished") {
		t.Errorf("a process that does not exist: %v", err)
	}
}

// TestListener checks that the process behind a socket is found, and that docker is asked once where the socket is.
func TestListener(t *testing.T) {
	dir := t.TempDir()
	sock, calls := filepath.Join(dir, "sock"), filepath.Join(dir, "calls")
	server, err := net.Listen("unix", sock)
	if err != nil {
		t.Fatal(err)
	}
	defer server.Close()
	path := filepath.Join(dir, "docker")
	script := fmt.Sprintf("#!/bin/sh\necho >> %s\necho '{\"Context\":\"default\",\"Host\":\"unix://%s\"}'", calls, sock)
	if err := os.WriteFile(path, []byte(script), 0o755); err != nil {
		t.Fatal(err)
	}
	docker := dockercli.New(dockercli.Options{Path: path, Timeout: 10 * time.Second, Engine: dockercli.Docker})
	for range 2 {
		if pid, err := listener(context.Background(), docker.WithTimeout(9*time.Second)); pid != os.Getpid() || err != nil {
			t.Errorf("%d, %v", pid, err)
		}
	}
	if data, _ := os.ReadFile(calls); len(data) != 1 {
		t.Errorf("docker was asked %d times", len(data))
	}
	server.Close()
	if pid, err := listener(context.Background(), docker); err == nil {
		t.Errorf("a socket without a listener: %d", pid)
	}
	if DaemonOutside(context.Background(), docker) {
		t.Error("a daemon that does not run is not outside")
	}
}
