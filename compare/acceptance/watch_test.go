package acceptance

import (
	"cmp"
	"fmt"
	"io"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/rogpeppe/go-internal/testscript"
	"github.com/tidwall/gjson"
	"golang.org/x/sys/unix"
)

// jsonl FILE CONTAINER ACTION[/VERDICT],...: the lines about a container tell of these, in this order of time and no
// others.
func jsonlCmd(ts *testscript.TestScript, neg bool, args []string) {
	if neg || len(args) != 3 {
		ts.Fatalf("usage: jsonl FILE CONTAINER ACTION[/VERDICT],...")
	}
	type line struct {
		at   time.Time
		what string
	}
	var all []line
	for text := range strings.Lines(ts.ReadFile(args[0])) {
		if !gjson.Valid(text) {
			ts.Fatalf("not a line of JSON: %s", text)
		}
		l := gjson.Parse(text)
		if l.Get("container.name").Str != args[1] {
			continue
		}
		what := l.Get("action").Str
		if verdict := l.Get("verdict").Str; verdict != "" {
			what += "/" + verdict
		}
		all = append(all, line{l.Get("time").Time(), what})
	}
	slices.SortStableFunc(all, func(a, b line) int { return cmp.Compare(a.at.UnixNano(), b.at.UnixNano()) })
	var got []string
	for _, l := range all {
		got = append(got, l.what)
	}
	if text := strings.Join(got, ","); text != args[2] {
		ts.Fatalf("%s:\n got %s\nwant %s\n%s", args[1], text, args[2], ts.ReadFile(args[0]))
	}
}

// daemon is a Docker daemon of a test's own, beside the machine's.
type daemon struct {
	dir, socket string
	cmd         *exec.Cmd
}

func (d *daemon) start(t *testing.T) {
	t.Helper()
	log, err := os.OpenFile(filepath.Join(d.dir, "log"), os.O_CREATE|os.O_APPEND|os.O_WRONLY, 0o644)
	if err != nil {
		t.Fatal(err)
	}
	defer log.Close()
	d.cmd = exec.Command("dockerd", "--host", d.socket, "--data-root", filepath.Join(d.dir, "data"), "--exec-root", filepath.Join(d.dir, "exec"),
		"--pidfile", filepath.Join(d.dir, "pid"), "--bridge", "none", "--iptables=false", "--cgroup-parent", "/haltscope-second")
	d.cmd.Stdout, d.cmd.Stderr = log, log
	if err := d.cmd.Start(); err != nil {
		t.Fatal(err)
	}
	for tries := 0; ; tries++ {
		if _, err := d.docker("version"); err == nil {
			return
		}
		if tries == 240 {
			text, _ := os.ReadFile(log.Name())
			t.Fatalf("the daemon did not come up:\n%s", text)
		}
		time.Sleep(250 * time.Millisecond)
	}
}

// kill ends it as a crash does: nobody is told. Its containerd goes with it; where nobody reaps that at once, the next
// daemon would take it for one that runs.
func (d *daemon) kill(t *testing.T) {
	t.Helper()
	d.cmd.Process.Kill()
	d.cmd.Wait()
	file := filepath.Join(d.dir, "exec", "containerd", "containerd.pid")
	text, err := os.ReadFile(file)
	if err != nil {
		return
	}
	for deadline := time.Now().Add(10 * time.Second); time.Now().Before(deadline); time.Sleep(50 * time.Millisecond) {
		status, err := os.ReadFile("/proc/" + strings.TrimSpace(string(text)) + "/status")
		if err != nil || strings.Contains(string(status), "State:\tZ") {
			os.Remove(file)
			return
		}
	}
	t.Fatal("the daemon's containerd goes on without it")
}

// end ends it in good order, with its containers; if it does not run, what it has left is ended by hand.
func (d *daemon) end() {
	d.cmd.Process.Signal(unix.SIGTERM)
	d.cmd.Wait()
	files, _ := filepath.Glob("/proc/[0-9]*/cmdline")
	for _, file := range files {
		if data, _ := os.ReadFile(file); strings.Contains(string(data), d.dir) && strings.Contains(string(data), "containerd-shim") {
			shim, _ := strconv.Atoi(filepath.Base(filepath.Dir(file)))
			children, _ := os.ReadFile(fmt.Sprintf("/proc/%d/task/%[1]d/children", shim))
			for _, child := range strings.Fields(string(children)) {
				pid, _ := strconv.Atoi(child)
				unix.Kill(pid, unix.SIGKILL)
			}
			unix.Kill(shim, unix.SIGKILL)
		}
	}
	for _, m := range mountsBelow(d.dir) {
		unix.Unmount(m, unix.MNT_DETACH)
	}
}

func (d *daemon) docker(args ...string) (string, error) {
	cmd := exec.Command("docker", args...)
	cmd.Env = append(os.Environ(), "DOCKER_HOST="+d.socket)
	out, err := cmd.CombinedOutput()
	return string(out), err
}

// TestWatchAcrossDaemons kills a real daemon under a watch, starts it again, and stops it in good order.
func TestWatchAcrossDaemons(t *testing.T) {
	dir := t.TempDir()
	d := &daemon{dir: dir, socket: "unix://" + filepath.Join(dir, "docker.sock")}
	d.start(t)
	t.Cleanup(d.end)
	must := func(args ...string) {
		t.Helper()
		if out, err := d.docker(args...); err != nil {
			t.Fatalf("docker %v: %v: %s", args, err, out)
		}
	}
	image := filepath.Join(dir, "image.tar")
	if out, err := exec.Command("docker", "save", "--output", image, "haltscope-test/script").CombinedOutput(); err != nil {
		t.Fatalf("%v: %s", err, out)
	}
	must("load", "--input", image)
	t.Setenv("DOCKER_HOST", d.socket)
	w := watchProcess(t)
	must("run", "--detach", "--network", "none", "--name", "hs-second", "haltscope-test/script")
	w.until(t, `"action":"start"`)
	d.kill(t)
	w.until(t, `"action":"daemon"`)
	w.Process.Signal(unix.SIGHUP) // harms nothing
	d.start(t)
	w.until(t, "docker tells of events again")
	w.until(t, `"action":"gap"`)
	// Without live-restore the daemon ends what it finds running.
	w.until(t, `"verdict":"forced"`)
	must("start", "hs-second")
	must("kill", "hs-second")
	w.until(t, `"verdict":"killed"`)
	must("rm", "hs-second")
	w.until(t, `"verdict":"removed"`)
	lines := w.end(t, unix.SIGTERM, 0)
	text := strings.Join(lines, "")
	for what, n := range map[string]int{`"action":"gap"`: 1, `"action":"daemon"`: 2, `"action":"start"`: 2, `"action":"destroy"`: 1} {
		if got := strings.Count(text, what); got != n {
			t.Errorf("%d lines of %s, wanted %d:\n%s", got, what, n, text)
		}
	}
}

// TestWatchMetrics: the figures of a real watch are there to be fetched, and a port that is taken ends it before it begins.
func TestWatchMetrics(t *testing.T) {
	file := filepath.Join(t.TempDir(), "haltscope.prom")
	w := watchProcess(t, "--metrics-listen", "127.0.0.1:39417", "--textfile", file, "--filter", "name=^hs-none$")
	answer, err := http.Get("http://127.0.0.1:39417/metrics")
	if err != nil {
		t.Fatal(err)
	}
	body, _ := io.ReadAll(answer.Body)
	answer.Body.Close()
	if !strings.Contains(string(body), "haltscope_docker_up 1") {
		t.Errorf("%s", body)
	}
	second := exec.Command(haltscope, "watch", "--metrics-listen", "127.0.0.1:39417")
	if out, _ := second.CombinedOutput(); second.ProcessState.ExitCode() != 2 || !strings.Contains(string(out), "take another port") {
		t.Errorf("a port that is taken: %s", out)
	}
	w.end(t, unix.SIGTERM, 0)
	if data, err := os.ReadFile(file); err != nil || !strings.Contains(string(data), "haltscope_gaps_total 0") {
		t.Errorf("%v: %s", err, data)
	}
}
