package twin

import (
	"os"
	"os/exec"
	"path/filepath"
	"testing"
	"time"

	"haltscope/cgroupfs/proc"
)

// TestEndShims checks that a shim which a removed twin has left is ended, and no other.
func TestEndShims(t *testing.T) {
	// The kernel takes the comm of a script from its file's name.
	shim := filepath.Join(t.TempDir(), "containerd-shim-runc-v2")
	if err := os.WriteFile(shim, []byte("#!/bin/sh\nread line\n"), 0o755); err != nil {
		t.Fatal(err)
	}
	start := func(id string) *exec.Cmd {
		cmd := exec.Command(shim, "-namespace", "moby", "-id", id, "-address", "/run/x.sock")
		if _, err := cmd.StdinPipe(); err != nil {
			t.Fatal(err)
		}
		if err := cmd.Start(); err != nil {
			t.Fatal(err)
		}
		t.Cleanup(func() { cmd.Process.Kill(); cmd.Wait() })
		for deadline := time.Now().Add(time.Minute); !isShimOf(cmd.Process.Pid, []string{id}) && time.Now().Before(deadline); {
			time.Sleep(time.Millisecond)
		}
		return cmd
	}
	twins, users := start("cafe-twin"), start("cafe-user")
	if err := endShims(t.Context(), []string{"cafe-twin"}); err != nil {
		t.Fatal(err)
	}
	twins.Wait()
	if stat, err := proc.ReadStat(users.Process.Pid); err != nil || stat.Ended() {
		t.Errorf("%+v, %v", stat, err)
	}
}
