package acceptance

import (
	"context"
	"fmt"
	"io"
	"os"
	"os/exec"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/rogpeppe/go-internal/testscript"
)

// dockerCmd returns a docker command with a deadline, so that an engine that hangs does not hang the tests. Exit code
// 124 means that the deadline passed (timeout(1)).
func dockerCmd(args ...string) *exec.Cmd {
	return exec.Command("timeout", append([]string{"--foreground", "--kill-after=10", "300", "docker"}, args...)...)
}

func mustDocker(t *testing.T, args ...string) {
	t.Helper()
	if out, err := dockerCmd(args...).CombinedOutput(); err != nil {
		t.Fatalf("docker %v: %v: %s", args, err, out)
	}
}

// logged waits until a container has logged a text. It follows the log in one call, because each call of docker takes a
// twentieth of a second of a processor, and seconds of an emulated one.
func logged(container, text string) error {
	ctx, cancel := context.WithTimeout(context.Background(), 2*time.Minute)
	defer cancel()
	read, write := io.Pipe()
	var got strings.Builder
	cmd := exec.CommandContext(ctx, "docker", "logs", "--follow", container)
	cmd.Stdout, cmd.Stderr, cmd.WaitDelay = write, write, 10*time.Second
	if err := cmd.Start(); err != nil {
		return err
	}
	ended := make(chan error, 1)
	go func() {
		err := cmd.Wait()
		write.Close()
		ended <- err
	}()
	buffer := make([]byte, 4096)
	for {
		n, err := read.Read(buffer)
		got.Write(buffer[:n])
		if strings.Contains(got.String(), text) {
			cancel()
			go io.Copy(io.Discard, read) // so that docker can end
			<-ended
			return nil
		}
		if err != nil {
			return fmt.Errorf("%s has not logged %q: docker logs --follow: %w: %s", container, text, <-ended, got.String())
		}
	}
}

// removed removes containers when the test ends.
func removed(t *testing.T, names ...string) {
	t.Cleanup(func() {
		if out, err := dockerCmd(append([]string{"rm", "--force"}, names...)...).CombinedOutput(); err != nil {
			t.Errorf("docker rm --force %v: %v: %s", names, err, out)
		}
	})
}

// dockerScriptCmd implements docker ARGS...: like exec docker, with a deadline.
func dockerScriptCmd(ts *testscript.TestScript, neg bool, args []string) {
	cmd := dockerCmd(args...)
	if err := ts.Exec(cmd.Args[0], cmd.Args[1:]...); (err != nil) != neg {
		ts.Fatalf("docker %s: %v\n%s", strings.Join(args, " "), err, ts.ReadFile("stderr"))
	}
}

// logsCmd implements logs CONTAINER TEXT: it waits until a container has logged a text.
func logsCmd(ts *testscript.TestScript, neg bool, args []string) {
	if neg || len(args) != 2 {
		ts.Fatalf("usage: logs CONTAINER TEXT")
	}
	ts.Check(logged(args[0], args[1]))
}

// untilCmd implements until FILE TEXT: it waits until a file that another command writes contains a text.
func untilCmd(ts *testscript.TestScript, neg bool, args []string) {
	if neg || len(args) != 2 {
		ts.Fatalf("usage: until FILE TEXT")
	}
	for deadline := time.Now().Add(5 * time.Minute); ; time.Sleep(100 * time.Millisecond) {
		text, err := os.ReadFile(ts.MkAbs(args[0]))
		if err == nil && strings.Contains(string(text), args[1]) {
			return
		}
		if time.Now().After(deadline) {
			ts.Fatalf("%s does not hold %s: %v\n%s", args[0], args[1], err, text)
		}
	}
}

// becomesCmd waits until docker inspect --format FORMAT of a container prints TEXT.
func becomesCmd(ts *testscript.TestScript, neg bool, args []string) {
	if neg || len(args) != 3 {
		ts.Fatalf("usage: becomes NAME FORMAT TEXT")
	}
	for deadline := time.Now().Add(5 * time.Minute); ; time.Sleep(300 * time.Millisecond) {
		out, err := dockerCmd("inspect", "--format", args[1], args[0]).CombinedOutput()
		if err == nil && strings.TrimSpace(string(out)) == args[2] {
			return
		}
		if time.Now().After(deadline) {
			ts.Fatalf("docker inspect of %s does not print %q: %v\n%s", args[0], args[2], err, out)
		}
	}
}

// keepsImagesInContainerd reports whether the engine keeps its images in containerd, as Docker 29 does by default.
var keepsImagesInContainerd = sync.OnceValues(func() (bool, error) {
	out, err := dockerCmd("info", "--format", "{{.DriverStatus}}").Output()
	return strings.Contains(string(out), "io.containerd.snapshotter"), err
})
