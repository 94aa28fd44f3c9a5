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
	if major := clientMajor(t); major < 25 {
		t.Skipf("docker's client is %d: before 25.0 it does not notify its plugins", major)
	}
	pluginFolder(t)
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

// TestPluginHooks checks what docker prints on a terminal after a command that may have ended a container, once its configuration
// names haltscope. Before 26.0, docker's client knows no hooks.
func TestPluginHooks(t *testing.T) {
	if lab() {
		t.Skip("it depends on the client, not on the kernel; the host runs this")
	}
	if major := clientMajor(t); major < 26 {
		t.Skipf("docker's client is %d: before 26.0 it has no hooks", major)
	}
	config := pluginFolder(t)
	const name = "hs-hooked"
	t.Cleanup(func() { dockerCmd("rm", "--force", name).Run() })
	run := []string{"run", "--network", "none", "--name", name, "haltscope-test/busybox"}
	const hint = "\nWhat's next:\n    How it ended: docker haltscope why "
	for _, c := range []struct {
		hooks   string
		command []string
		said    string // "" for nothing
	}{
		{"", []string{"kill", name}, ""},
		{"stop,kill,run", []string{"stop", "--timeout", "0", name}, hint + name + "\n"},
		{"stop,kill,run", []string{"kill", name}, hint + name + "\n"},
		{"stop,kill,run", []string{"kill", "--signal", "KILL", name}, ""},
		{"container kill", []string{"container", "kill", name}, hint + name + "\n"},
		{"stop,kill,run", []string{"stop", name + "-no-such"}, ""},
		{"stop,kill,run", append(run, "/no-such-program"), hint + name + "\n"},
		{"stop,kill,run", append(run, "true"), ""},
		{"stop,kill,run", []string{"run", "--rm", "--network", "none", "haltscope-test/busybox", "/no-such-program"}, hint + "--since 1m\n"},
	} {
		if out, err := dockerCmd("rm", "--force", name).CombinedOutput(); err != nil {
			t.Fatalf("%v: %s", err, out)
		}
		if c.command[0] != "run" {
			if out, err := dockerCmd(append([]string{"run", "--detach"}, append(run[1:], "sleep", "1000")...)...).CombinedOutput(); err != nil {
				t.Fatalf("%v: %s", err, out)
			}
		}
		text := fmt.Sprintf(`{"features":{"hooks":"true"},"plugins":{"haltscope":{"hooks":%q}}}`, c.hooks)
		if err := os.WriteFile(filepath.Join(config, "config.json"), []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
		cmd := dockerCmd(c.command...)
		terminal := startOnTerminal(t, cmd)
		cmd.Wait() // docker run passes on the exit code of the container
		<-terminal.ended
		shown := escapes.ReplaceAllString(strings.ReplaceAll(terminal.shown(), "\r", ""), "")
		if has := strings.Contains(shown, "What's next"); has != (c.said != "") || !strings.Contains(shown, c.said) {
			t.Errorf("hooks %q, docker %v:\n%s", c.hooks, c.command, shown)
		}
	}
}

// clientMajor returns the major version of docker's client.
func clientMajor(t *testing.T) (major int) {
	t.Helper()
	out, err := dockerCmd("version", "--format", "{{.Client.Version}}").Output()
	if err == nil {
		_, err = fmt.Sscanf(string(out), "%d.", &major)
	}
	if err != nil {
		t.Fatalf("the version of docker's client: %v: %s", err, out)
	}
	return major
}

// pluginFolder makes a folder for docker's configuration with haltscope as a plugin in it, and has docker use it.
func pluginFolder(t *testing.T) string {
	t.Helper()
	config := t.TempDir()
	plugins := filepath.Join(config, "cli-plugins")
	if err := os.Mkdir(plugins, 0o755); err != nil {
		t.Fatal(err)
	}
	if err := os.Symlink(haltscope, filepath.Join(plugins, "docker-haltscope")); err != nil {
		t.Fatal(err)
	}
	t.Setenv("DOCKER_CONFIG", config)
	return config
}
