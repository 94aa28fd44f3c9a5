package acceptance

import (
	"os"
	"os/exec"
	"regexp"
	"strconv"
	"strings"
	"testing"

	"golang.org/x/sys/unix"
)

var escapes = regexp.MustCompile(`\x1b\[[0-9;]*m`)

// TestWatchOnTerminal checks what a watch on a terminal shows: lines for people in order of time, in the colors of the verdicts,
// and how it ends.
func TestWatchOnTerminal(t *testing.T) {
	t.Parallel()
	runs := func(args ...string) {
		t.Helper()
		if out, err := dockerCmd(args...).CombinedOutput(); err != nil {
			t.Fatalf("docker %v: %v: %s", args, err, out)
		}
	}
	name := "hs-screen"
	t.Cleanup(func() { dockerCmd("rm", "--force", name).Run() })
	for _, c := range []struct {
		name   string
		flags  []string
		people bool
	}{
		{"terminal", nil, true},
		{"json", []string{"--format", "json"}, false},
	} {
		t.Run(c.name, func(t *testing.T) {
			cmd := exec.Command(haltscope, append([]string{"watch", "--filter", "name=^" + name}, c.flags...)...)
			cmd.Env = append(cmd.Environ(), "NO_COLOR=")
			terminal := startOnTerminal(t, cmd)
			terminal.waitFor(t, "watching 0 running containers")
			runs("run", "--detach", "--network", "none", "--name", name, "--label", "haltscope.test", "haltscope-test/habits", "/habits", "handles")
			terminal.waitFor(t, "started")
			eventually(t, "it handles SIGTERM", func() bool { return catches(t, name, unix.SIGTERM) }, func() string { return "" })
			runs("stop", name)
			runs("rm", name)
			terminal.waitFor(t, "removed")
			if err := cmd.Process.Signal(unix.SIGTERM); err != nil {
				t.Fatal(err)
			}
			if err := cmd.Wait(); err != nil {
				t.Error(err)
			}
			terminal.waitFor(t, "stopped watching: terminated (SIGTERM)")
			shown := terminal.shown()
			if !c.people {
				if strings.Count(shown, `{"level":"info"`) != strings.Count(shown, "\n") || strings.Contains(shown, "\x1b") {
					t.Errorf("not lines of JSON:\n%s", shown)
				}
				return
			}
			if !strings.Contains(shown, "\x1b[32mgraceful\x1b[0m") {
				t.Errorf("no green verdict:\n%q", shown)
			}
			plain := escapes.ReplaceAllString(strings.ReplaceAll(shown, "\r", ""), "")
			const hour, none = `\d\d:\d\d:\d\d  `, `                                `
			want := `^` + hour + none + `watching 0 running containers\n` +
				hour + name + ` {23}started\n` +
				hour + name + ` {9}graceful      ended gracefully after .*, exit code 0(; .*asked.*|; .*only client.*)?\n` +
				hour + name + ` {9}removed       removed\n` +
				hour + none + `stopped watching: terminated \(SIGTERM\)\n$`
			if !regexp.MustCompile(want).MatchString(plain) {
				t.Errorf("\n%s", plain)
			}
		})
	}
}

// catches reports whether the first process of a container has a handler for a signal. Source: proc_pid_status(5), SigCgt.
func catches(t *testing.T, container string, signal unix.Signal) bool {
	t.Helper()
	pid, err := dockerCmd("inspect", "--format", "{{.State.Pid}}", container).Output()
	if err != nil {
		t.Fatal(err)
	}
	status, err := os.ReadFile("/proc/" + strings.TrimSpace(string(pid)) + "/status")
	if err != nil {
		t.Fatal(err)
	}
	_, mask, _ := strings.Cut(string(status), "SigCgt:\t")
	mask, _, _ = strings.Cut(mask, "\n")
	caught, err := strconv.ParseUint(mask, 16, 64)
	if err != nil {
		t.Fatal(err)
	}
	return caught&(1<<(signal-1)) != 0
}
