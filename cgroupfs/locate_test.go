package cgroupfs

import (
	"errors"
	"os/exec"
	"strings"
	"testing"

	"golang.org/x/sys/unix"

	"haltscope/cgroupfs/proc"
)

func TestCutAtID(t *testing.T) {
	const id = "4f1c2d3e4f1c2d3e4f1c2d3e4f1c2d3e4f1c2d3e4f1c2d3e4f1c2d3e4f1c2d3e"
	for path, want := range map[string]string{
		"/docker/" + id:                                    "/docker/" + id,
		"/docker/" + id + "/init":                          "/docker/" + id,
		"/system.slice/docker-" + id + ".scope":            "/system.slice/docker-" + id + ".scope",
		"/my.slice/docker-" + id + ".scope/system.slice/x": "/my.slice/docker-" + id + ".scope",
		"/" + id: "/" + id,
		"/":      "", "": "", "/docker/" + id[:63]: "", "/docker/" + id + "0": "", "/docker/x" + id: "", "/../../docker": "",
	} {
		got, err := CutAtID(path, id)
		if got != want || (err == nil) != (want != "") {
			t.Errorf("%s: %q, %v", path, got, err)
		}
	}
	if _, err := CutAtID("/docker/", ""); err == nil {
		t.Error("a path was accepted without an id")
	}
}

// A zombie is in no cgroup of a container. That does not mean that the container's processes are elsewhere.
func TestLocateZombie(t *testing.T) {
	h, err := NewHost()
	if err != nil {
		t.Skip("no cgroups here: ", err)
	}
	cmd := exec.Command("true")
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	defer cmd.Wait()
	var info unix.Siginfo
	if err := unix.Waitid(unix.P_PID, cmd.Process.Pid, &info, unix.WEXITED|unix.WNOWAIT, nil); err != nil {
		t.Fatal(err)
	}
	var other *NotInContainerError
	if _, err := h.Locate(cmd.Process.Pid, strings.Repeat("a", 64)); !errors.Is(err, proc.ErrNoProcess) || errors.As(err, &other) {
		t.Errorf("%v", err)
	}
}
