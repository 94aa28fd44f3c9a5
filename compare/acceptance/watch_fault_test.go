package acceptance

import (
	"bufio"
	"bytes"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"syscall"
	"testing"
	"time"

	"github.com/tidwall/gjson"
	"golang.org/x/sys/unix"
)

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
	for _, line := range byTime(w.end(t, unix.SIGTERM, 0)) {
		if action := line.Get("action").Str; action == "gap" {
			gap = true
		} else if line.Get("container").Exists() {
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

// TestWatchManyAtOnce: 200 containers end in the same moment, and each is told of. A daemon of its own has them: engine
// 20.10 does not always get over so many at once, and its Kill waits without limit for an exit that it was not told of.
func TestWatchManyAtOnce(t *testing.T) {
	if lab() {
		t.Skip("200 containers are too many for an emulated processor")
	}
	const n = 200
	dir := t.TempDir()
	d := newDaemon(t, dir)
	d.load(t, "haltscope-test/busybox")
	t.Setenv("DOCKER_HOST", d.socket)
	gate := filepath.Join(dir, "gate")
	if err := os.MkdirAll(filepath.Join(gate, "there"), 0o755); err != nil {
		t.Fatal(err)
	}
	if err := unix.Mkfifo(filepath.Join(gate, "fifo"), 0o666); err != nil {
		t.Fatal(err)
	}
	held, err := os.OpenFile(filepath.Join(gate, "fifo"), os.O_RDWR, 0)
	if err != nil {
		t.Fatal(err)
	}
	defer held.Close()
	w := watchProcess(t)
	var names []string
	for i := range n {
		names = append(names, fmt.Sprintf("hs-many-%d", i))
	}
	// Each reads from the fifo, and ends when the last who could write to it is gone.
	xargs := exec.Command("xargs", "-P", "4", "-I{}", "timeout", "300", "docker", "run", "--detach", "--network", "host", "--volume", gate+":/gate", "--name", "{}",
		"haltscope-test/busybox", "sh", "-c", "exec 3</gate/fifo; : >/gate/there/$0; read x <&3; exit 3", "{}")
	xargs.Stdin = strings.NewReader(strings.Join(names, "\n"))
	if out, err := xargs.CombinedOutput(); err != nil {
		t.Fatalf("%v: %s", err, out)
	}
	comes(t, "all of them read", func() bool {
		there, _ := os.ReadDir(filepath.Join(gate, "there"))
		return len(there) == n
	}, d.words)
	held.Close()
	// The engine may have missed the end of some, and calls those running for ever.
	exited, last := "", time.Now()
	for strings.Count(exited, "\n") < n && time.Since(last) < 30*time.Second {
		out, err := d.docker("ps", "--all", "--format", "{{.Names}}", "--filter", "status=exited")
		if err == nil && out != exited {
			exited, last = out, time.Now()
		}
		time.Sleep(500 * time.Millisecond)
	}
	if ended := strings.Count(exited, "\n"); ended < n*9/10 {
		t.Fatalf("Docker calls %d of %d exited:\n%s", ended, n, d.words())
	} else if ended < n {
		t.Logf("the engine has missed the end of %d", n-ended)
		names = strings.Fields(exited)
	}
	// Those whose end the engine has missed may be told as well, before one of these is.
	comes(t, "the end of each is told", func() bool {
		text := w.text()
		return !slices.ContainsFunc(names, func(name string) bool { return !strings.Contains(text, `"name":"`+name+`"},"action":"die"`) })
	}, w.text)
	t.Log(w.usage(t))
	told, lines := map[string]string{}, map[string]string{}
	for _, line := range w.end(t, unix.SIGTERM, 0) {
		l := gjson.Parse(line)
		lines[l.Get("container.name").Str] += line + "\n"
		if l.Get("action").Str == "confirm" {
			continue // the engine was slow to tell, and the kernel was not
		}
		told[l.Get("container.name").Str] += l.Get("action").Str + l.Get("verdict").Str + l.Get("exit_code").Raw + " "
	}
	for _, name := range names {
		if told[name] != "start diecrashed3 " {
			t.Errorf("%s: %q\n%s%s", name, told[name], lines[name], lines[""])
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
		stuck := time.AfterFunc(10*time.Minute, func() { cmd.Process.Kill() })
		t.Cleanup(func() { stuck.Stop(); cmd.Process.Kill() })
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
