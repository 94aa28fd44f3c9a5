package acceptance

import (
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"syscall"
	"testing"

	"golang.org/x/sys/unix"
)

// TestPluginInterrupted ends docker while its plugin runs. The plugin must remove its twins, and docker must pass on
// its exit code. Since 25.0, docker does not send the plugin a signal, but closes a socket.
func TestPluginInterrupted(t *testing.T) {
	if lab() {
		t.Skip("it depends on the client, not on the kernel; the host runs this")
	}
	var major int
	out, err := dockerCmd("version", "--format", "{{.Client.Version}}").Output()
	if err != nil {
		t.Fatal(err)
	}
	if fmt.Sscanf(string(out), "%d.", &major); major < 25 {
		t.Skipf("docker's client is %s: before 25.0 it does not notify its plugins", strings.TrimSpace(string(out)))
	}
	config := t.TempDir()
	plugins := filepath.Join(config, "cli-plugins")
	if err := os.Mkdir(plugins, 0o755); err != nil {
		t.Fatal(err)
	}
	if err := os.Symlink(haltscope, filepath.Join(plugins, "docker-haltscope")); err != nil {
		t.Fatal(err)
	}
	t.Setenv("DOCKER_CONFIG", config)
	for _, c := range []struct {
		name   string
		signal unix.Signal
		group  bool // signal both processes, as a terminal does
		code   int
	}{
		{"SIGTERM for docker", unix.SIGTERM, false, 130},
		{"SIGINT for both", unix.SIGINT, true, 130},
		{"SIGKILL for docker", unix.SIGKILL, false, -1},
	} {
		t.Run(c.name, func(t *testing.T) {
			s := startCommand(t, func(cmd *exec.Cmd) { cmd.SysProcAttr = &syscall.SysProcAttr{Setpgid: true} },
				"docker", "haltscope", "compare", "--actions", "pause", "--baseline", "500ms", "--hold", "1m", "--log-level", "debug", "--",
				"--anon", "1MiB", "--cache", "0")
			s.until(t, `"docker":["pause"`)
			to := s.Process.Pid
			if c.group {
				to = -to
			}
			if err := unix.Kill(to, c.signal); err != nil {
				t.Fatal(err)
			}
			// The plugin also holds standard error, so this waits for both.
			if code := s.end(t); code != c.code {
				t.Errorf("exit code %d, wanted %d:\n%s", code, c.code, s.log.String())
			}
			if n := strings.Count(s.log.String(), "interrupted, cleaning up"); n != 1 {
				t.Errorf("the interruption is logged %d times:\n%s", n, s.log.String())
			}
			nothingLeft(t)
		})
	}
}
