package acceptance

import (
	"bytes"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"sync"
	"syscall"
	"testing"
	"time"

	"golang.org/x/sys/unix"
)

// TestCompletion checks, in each shell and on a terminal, that a key completes the name of the only container that the
// command applies to, and that the completed line works.
func TestCompletion(t *testing.T) {
	if lab() {
		t.Skip("there is one shell in the lab; the host runs this")
	}
	const bashCompletion = "/usr/share/bash-completion/bash_completion"
	for _, c := range []struct {
		shell string
		args  []string
		setUp string // loads the completion and sets the prompt that waitFor waits for
	}{
		{"bash", []string{"--noprofile", "--norc", "-i"}, ". " + bashCompletion + "; . <(haltscope completion bash); PS1='rea''dy '"},
		{"zsh", []string{"-f", "-i"}, "autoload -U compinit; compinit -D -u; . <(haltscope completion zsh); PS1='rea''dy '"},
		{"fish", []string{"--no-config", "--interactive"}, "haltscope completion fish | source; function fish_prompt; echo -n rea''dy' '; end"},
	} {
		t.Run(c.shell, func(t *testing.T) {
			if _, err := exec.LookPath(c.shell); err != nil {
				t.Fatalf("%v: scripts/test installs it", err)
			}
			if _, err := os.Stat(bashCompletion); err != nil {
				t.Fatalf("%v: scripts/test installs it", err)
			}
			name := "hs-completed-" + c.shell
			docker := func(args ...string) string {
				out, err := dockerCmd(args...).CombinedOutput()
				if err != nil {
					t.Fatalf("docker %v: %v: %s", args, err, out)
				}
				return strings.TrimSpace(string(out))
			}
			// The other container has the same prefix but is running, so unpause must not offer it.
			for _, each := range []string{name, "hs-complete-not-" + c.shell} {
				docker("run", "--detach", "--name", each, "--network", "none", "haltscope-test/redis")
				defer docker("rm", "--force", each)
			}
			docker("pause", name)

			home := t.TempDir()
			if err := os.Symlink(haltscope, filepath.Join(home, "haltscope")); err != nil {
				t.Fatal(err)
			}
			cmd := exec.Command(c.shell, c.args...)
			cmd.Dir = home
			cmd.Env = append(os.Environ(), "HOME="+home, "PATH="+home+":"+os.Getenv("PATH"), "TERM=xterm")
			terminal := startOnTerminal(t, cmd)
			// The shell may not read keys yet when the test types ahead.
			fmt.Fprintf(terminal.master, "%s\r", c.setUp)
			terminal.waitFor(t, "ready ")
			fmt.Fprintf(terminal.master, "haltscope unp\ths-comp\t\r")
			paused := func() bool { return docker("inspect", "--format", "{{.State.Paused}}", name) == "true" }
			for until := time.Now().Add(2 * time.Minute); paused(); time.Sleep(100 * time.Millisecond) {
				if time.Now().After(until) {
					t.Fatalf("%s is still paused; the terminal shows %q", name, terminal.shown())
				}
			}
			terminal.waitFor(t, "resumed")
		})
	}
}

// terminal is a pseudo-terminal that a program runs on.
type terminal struct {
	master *os.File
	mu     sync.Mutex
	text   bytes.Buffer
	ended  chan struct{} // closed when nothing runs on it any more, and all is read
}

// startOnTerminal starts a program on a new terminal and kills it when the test ends.
func startOnTerminal(t *testing.T, cmd *exec.Cmd) *terminal {
	t.Helper()
	master, err := os.OpenFile("/dev/ptmx", os.O_RDWR|unix.O_NOCTTY|unix.O_CLOEXEC, 0)
	if err != nil {
		t.Fatal(err)
	}
	n, err := unix.IoctlGetInt(int(master.Fd()), unix.TIOCGPTN)
	if err != nil {
		t.Fatal(err)
	}
	if err := unix.IoctlSetPointerInt(int(master.Fd()), unix.TIOCSPTLCK, 0); err != nil {
		t.Fatal(err)
	}
	if err := unix.IoctlSetWinsize(int(master.Fd()), unix.TIOCSWINSZ, &unix.Winsize{Row: 50, Col: 200}); err != nil {
		t.Fatal(err)
	}
	slave, err := os.OpenFile(fmt.Sprintf("/dev/pts/%d", n), os.O_RDWR|unix.O_NOCTTY, 0)
	if err != nil {
		t.Fatal(err)
	}
	defer slave.Close()
	cmd.Stdin, cmd.Stdout, cmd.Stderr = slave, slave, slave
	cmd.SysProcAttr = &syscall.SysProcAttr{Setsid: true, Setctty: true}
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	tty := &terminal{master: master, ended: make(chan struct{})}
	go func() {
		defer close(tty.ended)
		buf := make([]byte, 4096)
		for {
			n, err := master.Read(buf)
			tty.mu.Lock()
			tty.text.Write(buf[:n])
			tty.mu.Unlock()
			if err != nil {
				return // EIO: the last program on it has ended
			}
		}
	}()
	t.Cleanup(func() {
		unix.Kill(-cmd.Process.Pid, unix.SIGKILL)
		cmd.Wait()
		master.Close()
		<-tty.ended
	})
	return tty
}

func (tty *terminal) shown() string {
	tty.mu.Lock()
	defer tty.mu.Unlock()
	return tty.text.String()
}

// waitFor waits until the terminal has shown the text.
func (tty *terminal) waitFor(t *testing.T, text string) {
	t.Helper()
	for until := time.Now().Add(2 * time.Minute); !strings.Contains(tty.shown(), text); time.Sleep(20 * time.Millisecond) {
		if time.Now().After(until) {
			t.Fatalf("%q is not shown, but %q", text, tty.shown())
		}
	}
}
