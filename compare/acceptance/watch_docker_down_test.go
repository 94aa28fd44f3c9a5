package acceptance

import (
	"fmt"
	"io"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"time"

	"golang.org/x/sys/unix"
)

const (
	// latest is how late the line may be about an end that the kernel reported.
	latest = 10 * time.Second
	// nearest is how far the time of a line may be from that of the kernel.
	nearest = time.Second
)

// byKernel waits for the line about an end that Docker does not report, and compares it with what the kernel reported.
func byKernel(t *testing.T, w *watching, name string, first *firstProcess) watchLine {
	t.Helper()
	<-first.ended
	for deadline := first.at.Add(time.Minute); len(w.ends(name)) == 0; time.Sleep(20 * time.Millisecond) {
		if time.Now().After(deadline) {
			t.Fatalf("the end of %s at %s is not reported:\n%s", name, first.at.UTC().Format(time.RFC3339Nano), w.text())
		}
	}
	line := w.ends(name)[0]
	if late := line.came.Sub(first.at); late > latest {
		t.Errorf("%s: written %s after the end, wanted at most %s: %s", name, late, latest, line.text)
	}
	if off := line.at.Sub(first.at); off.Abs() > nearest {
		t.Errorf("%s: its time is %s off, wanted at most %s: %s", name, off, nearest, line.text)
	}
	return line
}

// outside checks the line about an end by SIGKILL from the host, which Docker cannot report. The watch may not know
// that Docker sent nothing.
func outside(t *testing.T, line watchLine) {
	t.Helper()
	killed := line.verdict == "killed" && line.code != nil && *line.code == 137
	if line.action != "die" || !killed && (line.verdict != "inconclusive" || line.missing == "" || line.code != nil && *line.code != 137) {
		t.Errorf("killed from outside, and reported as: %s", line.text)
	}
}

// unconfirmed checks that a line says that Docker has not reported the end.
func unconfirmed(t *testing.T, line watchLine) {
	t.Helper()
	if !strings.Contains(line.text, "Docker still says it is running") && !strings.Contains(line.text, "not answered since") {
		t.Errorf("it does not say that Docker has not reported the end: %s", line.text)
	}
}

// once checks that an end is reported a single time, whatever Docker reports later.
func once(t *testing.T, w *watching, name string) {
	t.Helper()
	if ends := w.ends(name); len(ends) != 1 {
		t.Errorf("%s: %d lines of one end:\n%s", name, len(ends), w.text())
	}
}

// quiet starts a daemon with watched containers, which will end while the daemon does not answer.
func quiet(t *testing.T, names ...string) (*daemon, *watching, func(path string) (int, string), []*firstProcess) {
	t.Helper()
	d := newDaemon(t, t.TempDir())
	d.load(t, "haltscope-test/script")
	var firsts []*firstProcess
	for _, name := range names {
		if out, err := d.docker("run", "--detach", "--network", "none", "--name", name, "haltscope-test/script"); err != nil {
			t.Fatalf("docker run: %v: %s", err, out)
		}
		firsts = append(firsts, holdFirst(t, d.docker, name))
	}
	address := freePort(t)
	w := d.watch(t, "--timeout", "3s", "--reconcile", "5s", "--metrics-listen", address)
	get := func(path string) (int, string) {
		answer, err := client.Get("http://" + address + path)
		if err != nil {
			t.Fatal(err)
		}
		defer answer.Body.Close()
		body, err := io.ReadAll(answer.Body)
		if err != nil {
			t.Fatal(err)
		}
		return answer.StatusCode, string(body)
	}
	if code, body := get("/healthz"); code != 200 {
		t.Errorf("/healthz while docker answers: %d %s", code, body)
	}
	return d, w, get, firsts
}

// down waits until the watch reports in every output that docker does not answer.
func down(t *testing.T, since time.Time, w *watching, get func(string) (int, string)) {
	t.Helper()
	var code int
	var health, metrics string
	for deadline := since.Add(30 * time.Second); time.Now().Before(deadline); time.Sleep(50 * time.Millisecond) {
		code, health = get("/healthz")
		_, metrics = get("/metrics")
		if code != 200 && strings.Contains(metrics, "haltscope_docker_up 0\n") {
			return
		}
	}
	_, up, _ := strings.Cut(metrics, "\nhaltscope_docker_up ")
	t.Errorf("docker has not answered for %s; /healthz: %d %s, haltscope_docker_up %.1s\n%s", time.Since(since).Round(time.Second), code,
		health, up, w.text())
}

// TestEndWhileDockerIsStopped stops dockerd with SIGSTOP, and checks that the watch reports an end from the kernel's
// information.
func TestEndWhileDockerIsStopped(t *testing.T) {
	t.Parallel()
	d, w, get, firsts := quiet(t, "hs-quiet", "hs-quiet-on")
	first, on := firsts[0], firsts[1]
	d.signal(unix.SIGSTOP)
	stopped := time.Now()
	if err := first.kill(unix.SIGKILL); err != nil {
		t.Fatal(err)
	}
	line := byKernel(t, w, "hs-quiet", first)
	outside(t, line)
	unconfirmed(t, line)
	down(t, stopped, w, get)
	d.signal(unix.SIGCONT)
	if out, err := d.docker("wait", "hs-quiet"); err != nil {
		t.Fatalf("docker wait: %v: %s", err, out)
	}
	eventually(t, "docker is up again", func() bool {
		code, _ := get("/healthz")
		_, metrics := get("/metrics")
		return code == 200 && strings.Contains(metrics, "haltscope_docker_up 1\n")
	}, w.text)
	// An event after Docker's event for the first end shows that the watch has received that one.
	if out, err := d.docker("kill", "hs-quiet-on"); err != nil {
		t.Fatalf("docker kill: %v: %s", err, out)
	}
	if line := byKernel(t, w, "hs-quiet-on", on); line.action != "kill" || line.verdict != "killed" {
		t.Errorf("docker kill is reported as: %s", line.text)
	}
	w.end(t, unix.SIGTERM, 0)
	once(t, w, "hs-quiet")
	once(t, w, "hs-quiet-on")
}

// TestEndWhileDockerIsDead kills dockerd, and checks that the watch reports an end from the kernel's information, also
// just before the watch ends.
func TestEndWhileDockerIsDead(t *testing.T) {
	t.Parallel()
	d, w, get, firsts := quiet(t, "hs-orphan", "hs-orphan-last")
	d.kill(t)
	dead := time.Now()
	if err := firsts[0].kill(unix.SIGKILL); err != nil {
		t.Fatal(err)
	}
	line := byKernel(t, w, "hs-orphan", firsts[0])
	outside(t, line)
	unconfirmed(t, line)
	down(t, dead, w, get)
	if err := firsts[1].kill(unix.SIGKILL); err != nil {
		t.Fatal(err)
	}
	<-firsts[1].ended
	w.end(t, unix.SIGTERM, 0)
	outside(t, byKernel(t, w, "hs-orphan-last", firsts[1]))
	once(t, w, "hs-orphan")
	once(t, w, "hs-orphan-last")
}

// TestOneInspectHangs checks that a container whose docker inspect hangs does not affect others, and that its end is
// reported, too.
func TestOneInspectHangs(t *testing.T) {
	t.Parallel()
	names := []string{"hs-hang", "hs-hang-kill", "hs-hang-exit", "hs-hang-late"}
	removed(t, names...)
	docker := func(args ...string) (string, error) {
		out, err := dockerCmd(args...).CombinedOutput()
		return string(out), err
	}
	run := func(name string, command ...string) *firstProcess {
		t.Helper()
		mustDocker(t, append([]string{"run", "--detach", "--network", "none", "--name", name, "haltscope-test/busybox"}, command...)...)
		return holdFirst(t, docker, name)
	}
	hangs := run("hs-hang", "sleep", "3600")
	killed := run("hs-hang-kill", "sleep", "3600")
	exits := run("hs-hang-exit", "sh", "-c", "trap 'exit 3' TERM; while :; do sleep 0.1; done")
	id, err := docker("inspect", "--format", "{{.Id}}", "hs-hang")
	if err != nil {
		t.Fatal(err, id)
	}
	wrapper := filepath.Join(t.TempDir(), "docker")
	script := fmt.Sprintf("#!/bin/sh\ncase \"$1 $*\" in inspect*%s*) exec sleep 3600;; esac\nexec docker \"$@\"\n", strings.TrimSpace(id))
	if err := os.WriteFile(wrapper, []byte(script), 0o755); err != nil {
		t.Fatal(err)
	}
	began := time.Now()
	w := watchProcess(t, "--docker", wrapper, "--timeout", "3s", "--filter", "name=^hs-hang")
	for _, l := range w.lines() {
		if took := l.came.Sub(began); l.action == "watch" && took > 20*time.Second {
			t.Errorf("the watch began after %s: %s", took, l.text)
		}
	}
	mustDocker(t, "kill", "hs-hang-kill")
	if line := byKernel(t, w, "hs-hang-kill", killed); line.action != "kill" || line.verdict != "killed" {
		t.Errorf("docker kill is reported as: %s", line.text)
	}
	if err := exits.kill(unix.SIGTERM); err != nil {
		t.Fatal(err)
	}
	if line := byKernel(t, w, "hs-hang-exit", exits); line.verdict != "crashed" || line.code == nil || *line.code != 3 {
		t.Errorf("exit 3 is reported as: %s", line.text)
	}
	late := run("hs-hang-late", "sleep", "3600") // it starts while inspect of the other hangs
	if err := hangs.kill(unix.SIGKILL); err != nil {
		t.Fatal(err)
	}
	outside(t, byKernel(t, w, "hs-hang", hangs))
	mustDocker(t, "kill", "hs-hang-late")
	byKernel(t, w, "hs-hang-late", late)
	w.end(t, unix.SIGTERM, 0)
	for _, name := range names {
		once(t, w, name)
	}
}

// TestRuntimeHangs checks that what docker kill and pause do is not reported as done from outside Docker while their
// runtime does not return: Docker reports the kill or the pause only then, and docker inspect hangs until then. A watch
// that begins meanwhile finds the cgroup of the container that still runs, although it knows no other of this daemon's.
func TestRuntimeHangs(t *testing.T) {
	t.Parallel()
	const killed, paused = "hs-runtime-kill", "hs-runtime-pause"
	dir := t.TempDir()
	gate, runtime := filepath.Join(dir, "gate"), filepath.Join(dir, "runtime")
	script := fmt.Sprintf("#!/bin/sh\nrunc \"$@\"\ncode=$?\n"+
		"case \" $* \" in *' kill '*|*' pause '*) while test -e %s; do sleep 0.05; done;; esac\nexit $code\n", gate)
	if err := os.WriteFile(runtime, []byte(script), 0o755); err != nil {
		t.Fatal(err)
	}
	d := newDaemon(t, dir, "--add-runtime", "hangs="+runtime)
	d.load(t, "haltscope-test/script")
	for _, name := range []string{killed, paused} {
		if out, err := d.docker("run", "--detach", "--network", "none", "--runtime", "hangs", "--stop-timeout", "1", "--name", name,
			"haltscope-test/script"); err != nil {
			t.Fatalf("docker run: %v: %s", err, out)
		}
	}
	first := holdFirst(t, d.docker, killed)
	w := d.watch(t)
	if err := os.WriteFile(gate, nil, 0o600); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { os.Remove(gate) })
	var calls sync.WaitGroup
	for _, args := range [][]string{{"kill", killed}, {"pause", paused}} {
		calls.Go(func() {
			if out, err := d.docker(args...); err != nil {
				t.Errorf("docker %s: %v: %s", args, err, out)
			}
		})
	}
	line := byKernel(t, w, killed, first)
	bySender := line.verdict == "killed" && strings.Contains(line.text, `"sent_by":{"pid":`) // that the kernel reported
	if !bySender && (line.verdict != "inconclusive" || line.missing == "") {
		t.Errorf("docker kill, whose runtime hangs, is reported as: %s", line.text)
	}
	w.until(t, `"action":"freeze"`)
	const begins = "watching 1 running container; docker inspect does not answer for 2 containers"
	if line := d.watch(t).end(t, unix.SIGTERM, 0)[0]; !strings.Contains(line, begins) {
		t.Errorf("a watch that begins now says %s", line)
	}
	if out, err := d.haltscope("ps", "--timeout", "2s").CombinedOutput(); err != nil || strings.Contains(string(out), "outside-docker") ||
		!strings.Contains(string(out), "docker inspect does not answer") {
		t.Errorf("haltscope ps: %v: %s", err, out)
	}
	os.Remove(gate)
	calls.Wait()
	w.until(t, `"action":"pause"`)
	w.until(t, `"action":"confirm"`)
	for _, text := range w.end(t, unix.SIGTERM, 0) {
		if strings.Contains(text, "outside") {
			t.Errorf("reported as done from outside Docker: %s", text)
		}
	}
	once(t, w, killed)
}
