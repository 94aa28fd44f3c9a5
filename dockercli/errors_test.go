package dockercli

import (
	"context"
	"errors"
	"os"
	"os/exec"
	"strings"
	"testing"
	"time"

	"golang.org/x/sys/unix"

	"haltscope/compare/fault"
)

func TestCallErrors(t *testing.T) {
	ctx := context.Background()
	_, err := fake(t, `echo 'Error: \033[31mno' >&2; exit 1`).Do(ctx, "x", Kill{Signal: "TERM"})
	var call *CallError
	if !errors.As(err, &call) || call.ExitCode != 1 || !strings.HasPrefix(err.Error(), "docker: Error: ␛[31mno; the command was: ") ||
		!strings.HasSuffix(err.Error(), "/docker kill --signal TERM -- x") {
		t.Errorf("%v", err)
	}
	slow := fake(t, "exec sleep 60")
	slow.Timeout = 50 * time.Millisecond
	if _, err := slow.Do(ctx, "x", Unpause{}); !errors.Is(err, ErrTimeout) {
		t.Errorf("%v", err)
	}
	if _, err := New(Options{Path: "/no/such/docker", Timeout: time.Second}).Do(ctx, "x", Pause{}); !errors.Is(err, ErrNoBinary) {
		t.Errorf("%v", err)
	}
	// A flood is read to its end, and not kept.
	flood := fake(t, "head -c 20000000 /dev/zero")
	flood.Timeout = 2 * time.Minute // a busy machine takes its time for it
	if _, err := flood.Do(ctx, "x", Pause{}); err == nil || !strings.Contains(err.Error(), "more than") {
		t.Errorf("%v", err)
	}
	interrupted, cancel := context.WithCancel(ctx)
	cancel()
	if _, err := fake(t, "exec sleep 60").Do(interrupted, "x", Pause{}); !errors.Is(err, context.Canceled) {
		t.Errorf("%v", err)
	}
}

// The cause comes first, and each failure that docker answered, or did not answer in time, has a hint.
func TestCallErrorText(t *testing.T) {
	argv := []string{"/usr/bin/docker", "run", "--label", "a", "web"}
	for _, c := range []struct {
		name       string
		err        *CallError
		text, hint string
	}{
		{"refused", &CallError{Argv: argv, ExitCode: 125, Stderr: "docker: Error response from daemon: no network"},
			"docker: Error response from daemon: no network; the command was: /usr/bin/docker run --label a web", "by hand"},
		{"docker does not name itself", &CallError{Argv: argv, ExitCode: 1, Stderr: "Error response from daemon: is paused"},
			"docker: Error response from daemon: is paused; the command was: /usr/bin/docker run --label a web", "by hand"},
		{"no answer", &CallError{Argv: argv, ExitCode: -1, Err: ErrTimeout},
			"docker: no answer; the command was: /usr/bin/docker run --label a web", "docker version"},
		{"interrupted", &CallError{Argv: argv, ExitCode: -1, Err: context.Canceled},
			"docker: interrupted before it answered; the command was: /usr/bin/docker run --label a web", ""},
		{"a hint of its own", &CallError{Argv: argv, ExitCode: -1, Err: startError(unix.EAGAIN)},
			"docker: docker could not be started: no more processes can be started: resource temporarily unavailable; the command was: " +
				"/usr/bin/docker run --label a web", "TasksMax"},
		{"nothing to advise", &CallError{Argv: argv, ExitCode: -1, Err: ErrNoBinary},
			"docker: no docker binary; the command was: /usr/bin/docker run --label a web", ""},
	} {
		if got := c.err.Error(); got != c.text {
			t.Errorf("%s: %q, want %q", c.name, got, c.text)
		}
		if got := fault.Hint(c.err); !strings.Contains(got, c.hint) || (got == "") != (c.hint == "") {
			t.Errorf("%s: hint %q, want %q", c.name, got, c.hint)
		}
	}
}

// A docker that cannot be started because something ran out is not missing.
func TestNotStarted(t *testing.T) {
	c := fake(t, "exit 0")
	var limit unix.Rlimit
	if err := unix.Getrlimit(unix.RLIMIT_NOFILE, &limit); err != nil {
		t.Fatal(err)
	}
	none := limit
	none.Cur = 3
	if err := unix.Setrlimit(unix.RLIMIT_NOFILE, &none); err != nil {
		t.Fatal(err)
	}
	_, err := c.run(context.Background(), "ps")
	_, err2 := c.LogEvents(context.Background(), time.Now(), Filter{})
	if err := unix.Setrlimit(unix.RLIMIT_NOFILE, &limit); err != nil {
		t.Fatal(err)
	}
	for _, err := range []error{err, err2} {
		if !errors.Is(err, ErrNotStarted) || errors.Is(err, ErrNoBinary) || !strings.Contains(fault.Hint(err), "ulimit -n") ||
			strings.Contains(err.Error(), "ulimit") {
			t.Errorf("%v", err)
		}
	}
	for errno, want := range map[error]string{unix.ENFILE: "fs.file-max", unix.EAGAIN: "TasksMax", unix.ENOMEM: "free -m"} {
		err := startError(&os.PathError{Op: "fork/exec", Path: "/usr/bin/docker", Err: errno})
		if !errors.Is(err, ErrNotStarted) || !errors.Is(err, errno) || !strings.Contains(fault.Hint(err), want) {
			t.Errorf("%v: %v", errno, err)
		}
	}
	for _, errno := range []error{unix.ENOENT, unix.EACCES, unix.ENOEXEC, exec.ErrNotFound} {
		err := startError(&os.PathError{Op: "fork/exec", Path: "/no/docker", Err: errno})
		if !errors.Is(err, ErrNoBinary) || !errors.Is(err, errno) || err.Error() != "no docker binary: /no/docker: "+errno.Error() {
			t.Errorf("%v: %v", errno, err)
		}
	}
}

// TestErrorWithoutTemplate checks that the command in an error is one that people read: without the template of its output.
func TestErrorWithoutTemplate(t *testing.T) {
	err := &CallError{Argv: []string{"/usr/bin/docker", "ps", "--no-trunc", "--format", psFormat, "--filter", "name=web"}, ExitCode: 1,
		Stderr: "no", Err: errors.New("exit status 1")}
	if got, want := err.Error(), "docker: no; the command was: /usr/bin/docker ps --no-trunc --filter name=web"; got != want {
		t.Errorf("%s, wanted %s", got, want)
	}
	if len(err.Argv) != 7 {
		t.Errorf("%q", err.Argv)
	}
}
