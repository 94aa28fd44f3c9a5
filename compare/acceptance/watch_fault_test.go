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

// TestWatchSuspended checks that a suspended watch reports, once it continues, what happened meanwhile, each event
// once. Otherwise it must report the time that it missed, because other events may have filled the daemon's history.
func TestWatchSuspended(t *testing.T) {
	t.Parallel()
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
	eventually(t, "both ends are reported", func() bool { return strings.Count(w.text(), `"exit_code":137`) >= 2 }, w.text)
	time.Sleep(8 * time.Second) // for anything that would be reported twice
	var reported []string
	gap := false
	lines := w.end(t, unix.SIGTERM, 0)
	for _, line := range byTime(lines) {
		if action := line.Get("action").Str; action == "gap" {
			gap = true
		} else if line.Get("container").Exists() {
			reported = append(reported, action)
		}
	}
	if !strings.Contains(w.err.String(), "did not run for") {
		t.Errorf("it did not notice the suspension: %s", w.err.String())
	}
	// If Docker takes long, an end is reported by the kernel's word, and Docker's confirmation follows.
	text := strings.ReplaceAll(strings.Join(reported, " "), "start kill confirm", "start stop")
	if want := "start pause unpause kill start stop"; strings.ReplaceAll(text, " confirm", "") != want {
		t.Errorf("reported %s, wanted %s; a gap: %t\n%s", reported, want, gap, strings.Join(lines, ""))
	}
}

// TestWatchManyAtOnce ends 60 containers at the same moment, each of which must be reported. They run on a separate
// daemon: engine 20.10 does not always survive so many ends at once, and its Kill waits forever for an exit that it
// missed.
func TestWatchManyAtOnce(t *testing.T) {
	if lab() {
		t.Skip("60 containers are too many for an emulated processor")
	}
	const n = 60
	dir := t.TempDir()
	d := newDaemon(t, dir)
	d.load(t, "haltscope-test/busybox")
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
	w := d.watch(t)
	var names []string
	for i := range n {
		names = append(names, fmt.Sprintf("hs-many-%d", i))
	}
	// Each container reads from the fifo, and ends when the last writer closes it.
	xargs := exec.Command("xargs", "-P", "4", "-I{}", "timeout", "300", "docker", "run", "--detach", "--network", "host",
		"--volume", gate+":/gate", "--name", "{}",
		"haltscope-test/busybox", "sh", "-c", "exec 3</gate/fifo; : >/gate/there/$0; read x <&3; exit 3", "{}")
	xargs.Env = append(os.Environ(), "DOCKER_HOST="+d.socket)
	xargs.Stdin = strings.NewReader(strings.Join(names, "\n"))
	if out, err := xargs.CombinedOutput(); err != nil {
		t.Fatalf("%v: %s", err, out)
	}
	eventually(t, "all of them read", func() bool {
		there, _ := os.ReadDir(filepath.Join(gate, "there"))
		return len(there) == n
	}, d.diagnostics)
	held.Close()
	// The engine may have missed the end of some, and reports those as running forever.
	exited, last := "", time.Now()
	for strings.Count(exited, "\n") < n && time.Since(last) < 30*time.Second {
		out, err := d.docker("ps", "--all", "--format", "{{.Names}}", "--filter", "status=exited")
		if err == nil && out != exited {
			exited, last = out, time.Now()
		}
		time.Sleep(500 * time.Millisecond)
	}
	if ended := strings.Count(exited, "\n"); ended < n*9/10 {
		t.Fatalf("Docker calls %d of %d exited:\n%s", ended, n, d.diagnostics())
	} else if ended < n {
		t.Logf("the engine has missed the end of %d", n-ended)
		names = strings.Fields(exited)
	}
	// The watch may also report the ends that the engine missed. While the engine does not answer, the watch reports an end
	// from the kernel's information, and a line with Docker's follows.
	const prompt, late = "start die/crashed3", "start die/inconclusive3 confirm/crashed3"
	wrong := func() string {
		reported := reportedEnds(w.text())
		var text strings.Builder
		for _, name := range names {
			if reported[name] != prompt && reported[name] != late {
				fmt.Fprintf(&text, "%s: %q\n", name, reported[name])
			}
		}
		return text.String()
	}
	eventually(t, "the end of each is reported", func() bool { return wrong() == "" }, wrong)
	t.Log(w.usage(t))
	w.end(t, unix.SIGTERM, 0)
	if text := wrong(); text != "" {
		t.Errorf("once the watch has ended:\n%s", text)
	}
}

// reportedEnds returns what the lines of a watch report about each container.
func reportedEnds(lines string) map[string]string {
	reported := map[string]string{}
	for line := range strings.Lines(lines) {
		l := gjson.Parse(line)
		what := l.Get("action").Str
		if l.Get("verdict").Exists() {
			what += "/" + l.Get("verdict").Str + l.Get("exit_code").Raw
		}
		name := l.Get("container.name").Str
		reported[name] = strings.TrimSpace(reported[name] + " " + what)
	}
	return reported
}

// TestWatchPipe checks that a watch loses nothing if its output is not read for a while. If nobody ever reads it, the
// watch must end, say why, and not have grown without bound.
func TestWatchPipe(t *testing.T) {
	h := newFleet(t, 20)
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
	lines, reported := bufio.NewScanner(read), 0
	for reported < 2*pauses && lines.Scan() {
		if action := gjson.GetBytes(lines.Bytes(), "action").Str; action == "pause" || action == "unpause" {
			reported++
		}
	}
	if reported != 2*pauses {
		t.Errorf("%d lines of %d: %s", reported, 2*pauses, words)
	}
	cmd.Process.Signal(unix.SIGTERM)
	if err := cmd.Wait(); err != nil {
		t.Errorf("%v: %s", err, words)
	}
	cmd, _, words = start()
	// Output that the pipe no longer accepts has no reader, and would wait forever.
	over := make(chan struct{})
	go func() { defer close(over); h.flood(t, 1000, 1) }()
	err := cmd.Wait()
	if cmd.ProcessState.ExitCode() != 1 || !strings.Contains(words.String(), "check the program that reads its output") {
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
