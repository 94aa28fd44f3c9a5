package acceptance

import (
	"bufio"
	"bytes"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"syscall"
	"testing"
	"time"

	"github.com/tidwall/gjson"
	"golang.org/x/sys/unix"
)

func mustDocker(t *testing.T, args ...string) {
	t.Helper()
	if out, err := exec.Command("docker", args...).CombinedOutput(); err != nil {
		t.Fatalf("docker %v: %v: %s", args, err, out)
	}
}

// removed has containers removed in the end.
func removed(t *testing.T, names ...string) {
	t.Cleanup(func() { exec.Command("docker", append([]string{"rm", "--force"}, names...)...).Run() })
}

// TestWatchSuspended: what happens while the watch stands still is told once it goes on, each thing once; or it says of
// what time it does not know, for others' events may have filled the daemon's history meanwhile.
func TestWatchSuspended(t *testing.T) {
	removed(t, "hs-suspended")
	w := watchProcess(t, "--filter", "name=^hs-suspended$")
	mustDocker(t, "run", "--detach", "--network", "none", "--name", "hs-suspended", "haltscope-test/script")
	w.until(t, `"action":"start"`)
	if err := w.Process.Signal(unix.SIGSTOP); err != nil {
		t.Fatal(err)
	}
	mustDocker(t, "pause", "hs-suspended")
	mustDocker(t, "unpause", "hs-suspended")
	mustDocker(t, "kill", "hs-suspended")
	mustDocker(t, "start", "hs-suspended")
	time.Sleep(12 * time.Second) // longer than what counts as suspended
	if err := w.Process.Signal(unix.SIGCONT); err != nil {
		t.Fatal(err)
	}
	mustDocker(t, "stop", "--time", "1", "hs-suspended")
	w.until(t, `"action":"stop"`)
	time.Sleep(8 * time.Second) // for whatever would come twice
	var told []string
	gap := false
	for _, line := range w.end(t, unix.SIGTERM, 0) {
		if action := gjson.Get(line, "action").Str; action == "gap" {
			gap = true
		} else if gjson.Get(line, "container").Exists() {
			told = append(told, action)
		}
	}
	if !strings.Contains(w.err.String(), "did not run for") {
		t.Errorf("it has not noticed: %s", w.err.String())
	}
	if want := "start pause unpause kill start stop"; strings.Join(told, " ") != want {
		t.Errorf("told of %s, wanted %s; a gap: %t", told, want, gap)
	}
}

// TestWatchManyAtOnce: 200 containers end in the same moment, and each is told of.
func TestWatchManyAtOnce(t *testing.T) {
	if lab() {
		t.Skip("200 containers are too many for an emulated processor")
	}
	const n = 200
	dir := t.TempDir()
	gate := filepath.Join(dir, "gate")
	if err := unix.Mkfifo(gate, 0o666); err != nil {
		t.Fatal(err)
	}
	w := watchProcess(t, "--filter", "name=^hs-many-")
	var names []string
	for i := range n {
		names = append(names, fmt.Sprintf("hs-many-%d", i))
	}
	removed(t, names...)
	// Each waits for the gate to be opened, and ends as it is.
	xargs := exec.Command("xargs", "-P", "4", "-I{}", "docker", "run", "--detach", "--network", "none", "--volume", dir+":/gate", "--name", "{}",
		"haltscope-test/busybox", "sh", "-c", "read x </gate/gate; exit 3")
	xargs.Stdin = strings.NewReader(strings.Join(names, "\n"))
	if out, err := xargs.CombinedOutput(); err != nil {
		t.Fatalf("%v: %s", err, out)
	}
	opened, err := os.OpenFile(gate, os.O_WRONLY, 0)
	if err != nil {
		t.Fatal(err)
	}
	opened.Close()
	for deadline := time.Now().Add(3 * time.Minute); strings.Count(w.text(), `"action":"die"`) < n && time.Now().Before(deadline); {
		time.Sleep(100 * time.Millisecond)
	}
	t.Log(w.usage(t))
	told := map[string]string{}
	for _, line := range w.end(t, unix.SIGTERM, 0) {
		l := gjson.Parse(line)
		told[l.Get("container.name").Str] += l.Get("action").Str + l.Get("verdict").Str + l.Get("exit_code").Raw + " "
	}
	for _, name := range names {
		if told[name] != "start diecrashed3 " {
			t.Errorf("%s: %q", name, told[name])
		}
	}
}

// TestWatchPipe: an output that is not read for a while loses nothing. One that is not read at all ends the watch, which
// says so and has not grown without bound.
func TestWatchPipe(t *testing.T) {
	h := newHerd(t, 20)
	start := func() (*exec.Cmd, *os.File, *bytes.Buffer) {
		read, write, err := os.Pipe()
		if err != nil {
			t.Fatal(err)
		}
		t.Cleanup(func() { read.Close() })
		var words bytes.Buffer
		cmd := exec.Command(haltscope, "watch", "--docker", h.docker)
		cmd.Stdout, cmd.Stderr = write, &words
		if err := cmd.Start(); err != nil {
			t.Fatal(err)
		}
		write.Close()
		t.Cleanup(func() { cmd.Process.Kill() })
		return cmd, read, &words
	}
	cmd, read, words := start()
	_, pauses := h.flood(t, 200, 1)
	lines, told := bufio.NewScanner(read), 0
	for told < 2*pauses && lines.Scan() {
		if action := gjson.GetBytes(lines.Bytes(), "action").Str; action == "pause" || action == "unpause" {
			told++
		}
	}
	if told != 2*pauses {
		t.Errorf("%d lines of %d: %s", told, 2*pauses, words)
	}
	cmd.Process.Signal(unix.SIGTERM)
	if err := cmd.Wait(); err != nil {
		t.Errorf("%v: %s", err, words)
	}
	cmd, _, words = start()
	// What it does not take any more has no reader, and would wait for ever.
	over := make(chan struct{})
	go func() { defer close(over); h.flood(t, 1000, 1) }()
	err := cmd.Wait()
	if cmd.ProcessState.ExitCode() != 1 || !strings.Contains(words.String(), "look at what reads its output") {
		t.Errorf("%v: %s", err, words)
	}
	t.Logf("%d KiB resident at most", cmd.ProcessState.SysUsage().(*syscall.Rusage).Maxrss)
	rest, err := os.OpenFile(filepath.Join(h.dir, "fifo"), os.O_RDONLY, 0)
	if err != nil {
		t.Fatal(err)
	}
	defer rest.Close()
	go func() {
		for buf := make([]byte, 64<<10); ; {
			if n, err := rest.Read(buf); n == 0 || err != nil {
				return
			}
		}
	}()
	<-over
}
