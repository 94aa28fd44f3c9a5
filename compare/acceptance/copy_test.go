package acceptance

import (
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"

	"golang.org/x/sys/unix"
)

// TestInterruptedCopy ends haltscope while it copies a volume into a twin that does not run yet. An interruption leaves nothing;
// after SIGKILL the copy ends as well, and clean removes the twin with its volumes.
func TestInterruptedCopy(t *testing.T) {
	const name = "hs-copy"
	mustDocker(t, "volume", "create", name)
	defer dockerCmd("volume", "rm", name).Run()
	defer dockerCmd("rm", "--force", name).Run()
	mustDocker(t, "run", "--detach", "--name", name, "--network", "none", "--volume", name+":/data", "haltscope-test/busybox", "sleep",
		"1000000")
	dir := t.TempDir()
	if err := os.WriteFile(filepath.Join(dir, "cp"), []byte("#!/bin/sh\n: >>$0.asked\nexec sleep 61724\n"), 0o755); err != nil {
		t.Fatal(err)
	}
	output := func(args ...string) []string {
		t.Helper()
		out, err := dockerCmd(args...).Output()
		if err != nil {
			t.Fatalf("docker %v: %v", args, err)
		}
		return strings.Fields(string(out))
	}
	for _, signal := range []unix.Signal{unix.SIGINT, unix.SIGKILL} {
		h := startCommand(t, func(cmd *exec.Cmd) { cmd.Env = append(os.Environ(), "PATH="+dir+":"+os.Getenv("PATH")) },
			haltscope, "--log-format", "json", "check", "--like", name, "--copy-volumes")
		eventually(t, "cp is run", func() bool { return os.Remove(filepath.Join(dir, "cp.asked")) == nil }, func() string { return "" })
		twin := output("ps", "--all", "--quiet", "--no-trunc", "--filter", "label=haltscope.run", "--filter", "status=created")
		if len(twin) != 1 {
			t.Fatalf("twins: %q", twin)
		}
		volumes := output("inspect", "--format", "{{range .Mounts}}{{.Name}} {{end}}", twin[0])
		if len(volumes) != 1 {
			t.Fatalf("volumes: %q", volumes)
		}
		if err := h.Process.Signal(signal); err != nil {
			t.Fatal(err)
		}
		code, want := h.end(t), 130
		if signal == unix.SIGKILL {
			want = -1
		}
		if code != want {
			t.Errorf("%v: exit code %d, wanted %d:\n%s", signal, code, want, h.log.String())
		}
		eventually(t, "the copy ends", func() bool { return exec.Command("pgrep", "-f", "^sleep 61724").Run() != nil },
			func() string { return "" })
		if signal == unix.SIGKILL {
			if out, err := exec.Command(haltscope, "clean").CombinedOutput(); err != nil {
				t.Errorf("haltscope clean: %v: %s", err, out)
			}
		}
		for _, args := range [][]string{{"inspect", twin[0]}, {"volume", "inspect", volumes[0]}} {
			if dockerCmd(args...).Run() == nil {
				t.Errorf("%v: docker %v still finds it:\n%s", signal, args, h.log.String())
			}
		}
	}
}
