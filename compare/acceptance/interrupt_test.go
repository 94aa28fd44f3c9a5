package acceptance

import (
	"bufio"
	"bytes"
	"errors"
	"fmt"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/tidwall/gjson"
	"golang.org/x/sys/unix"
)

// started is a running haltscope whose log is being read.
type started struct {
	*exec.Cmd
	log   bytes.Buffer
	lines chan string
}

func start(t *testing.T, args ...string) *started {
	t.Helper()
	return startCommand(t, func(*exec.Cmd) {}, append([]string{haltscope, "--log-level", "debug", "--log-format", "json"}, args...)...)
}

func startCommand(t *testing.T, setUp func(*exec.Cmd), argv ...string) *started {
	t.Helper()
	s := &started{Cmd: exec.Command(argv[0], argv[1:]...), lines: make(chan string, 1000)}
	setUp(s.Cmd)
	stderr, err := s.StderrPipe()
	if err != nil {
		t.Fatal(err)
	}
	if err := s.Start(); err != nil {
		t.Fatal(err)
	}
	go func() {
		defer close(s.lines)
		in := bufio.NewScanner(io.TeeReader(stderr, &s.log))
		for in.Scan() {
			s.lines <- in.Text()
		}
	}()
	return s
}

// until waits for a line of the log that contains text.
func (s *started) until(t *testing.T, text string) {
	t.Helper()
	deadline := time.After(8 * time.Minute)
	for {
		select {
		case line, ok := <-s.lines:
			if !ok {
				t.Fatalf("haltscope ended before it logged %q:\n%s", text, s.log.String())
			}
			if strings.Contains(line, text) {
				return
			}
		case <-deadline:
			t.Fatalf("haltscope did not log %q:\n%s", text, s.log.String())
		}
	}
}

// end waits for the end of haltscope and returns its exit code, or -1 if a signal ended it.
func (s *started) end(t *testing.T) int {
	t.Helper()
	ended := make(chan error, 1)
	go func() {
		for range s.lines {
		}
		ended <- s.Wait()
	}()
	select {
	case err := <-ended:
		var exit *exec.ExitError
		if err != nil && !errors.As(err, &exit) {
			t.Fatal(err)
		}
		return s.ProcessState.ExitCode()
	case <-time.After(8 * time.Minute):
		s.Process.Kill()
		t.Fatalf("haltscope did not end:\n%s", s.log.String())
		return 0
	}
}

func nothingLeft(t *testing.T) {
	t.Helper()
	if left := twins(); left != "" {
		t.Errorf("twins were left:\n%s", left)
	}
	if left := helpers(); len(left) > 0 {
		t.Errorf("docker processes were left:\n%s", strings.Join(left, "\n"))
	}
}

// TestInterrupted sends SIGINT and SIGTERM at every moment of a run. The exit code must be 130, and no twin may be
// left.
func TestInterrupted(t *testing.T) {
	moments := []struct {
		after string // a docker call in the log
		delay time.Duration
	}{
		{`"info"`, 0}, {`"image","inspect"`, 0}, {`"image","inspect"`, 50 * time.Millisecond}, {`"image","inspect"`, 150 * time.Millisecond},
		{`"run"`, 0}, {`"run"`, 100 * time.Millisecond}, {`"inspect","--type"`, 0}, {`"inspect","--type"`, time.Second},
		{`"kill"`, 0}, {`"pause"`, 0}, {`"ps"`, 0}, {`"stats"`, 0}, {`"unpause"`, 0}, {`"start"`, 0}, {`"start"`, 200 * time.Millisecond},
	}
	// Build the image first.
	if out, err := exec.Command(haltscope, "compare", "--actions", "pause", "--baseline", "0s", "--hold", "0s").CombinedOutput(); err != nil {
		t.Fatalf("%v: %s", err, out)
	}
	for i, m := range moments {
		signal := []unix.Signal{unix.SIGINT, unix.SIGTERM}[i%2]
		t.Run(fmt.Sprintf("%v %s after %s", signal, m.delay, strings.Trim(m.after, `"`)), func(t *testing.T) {
			if lab() && (i < 4 || i > 8) {
				t.Skip("an emulated machine takes too long for all moments; the host runs this")
			}
			h := start(t, "compare", "--actions", "kill,stop:5s,pause", "--baseline", "500ms", "--hold", "4s", "--", "--anon", "1MiB",
				"--cache", "0")
			h.until(t, `"docker":[`+m.after)
			time.Sleep(m.delay)
			if err := h.Process.Signal(signal); err != nil {
				t.Fatal(err)
			}
			if code := h.end(t); code != 130 {
				t.Errorf("exit code %d, wanted 130:\n%s", code, h.log.String())
			}
			if !strings.Contains(h.log.String(), "interrupted") {
				t.Errorf("the log does not report the interruption:\n%s", h.log.String())
			}
			nothingLeft(t)
		})
	}
}

// TestInterruptedTwice checks that a signal that is repeated at once does not end the clean-up.
func TestInterruptedTwice(t *testing.T) {
	h := start(t, "compare", "--actions", "kill,stop:5s,pause", "--baseline", "4s", "--hold", "4s", "--", "--anon", "1MiB", "--cache", "0")
	h.until(t, `"docker":["inspect","--type"`)
	for _, signal := range []unix.Signal{unix.SIGTERM, unix.SIGHUP, unix.SIGINT} {
		if err := h.Process.Signal(signal); err != nil {
			t.Fatal(err)
		}
		time.Sleep(20 * time.Millisecond)
	}
	if code := h.end(t); code != 130 {
		t.Errorf("exit code %d, wanted 130:\n%s", code, h.log.String())
	}
	nothingLeft(t)
}

// TestInterruptedWhileProving checks that the second pause, the reclaim from the frozen twin, the resume and the second
// stop can be interrupted like the rest.
func TestInterruptedWhileProving(t *testing.T) {
	for _, after := range [][]string{{"unpause", "kill", "kill"}, {"unpause", "pause"}, {"unpause", "pause", "unpause"},
		{"unpause", "pause", "unpause", "inspect"}} {
		t.Run(strings.Join(after, " "), func(t *testing.T) {
			h := start(t, "compare", "--prove", "--actions", "stop:5s,pause", "--baseline", "100ms", "--hold", "0s", "--", "--anon", "8MiB",
				"--cache", "8MiB", "--shutdown", "1s")
			for _, call := range after {
				h.until(t, `"docker":["`+call+`"`)
			}
			if err := h.Process.Signal(unix.SIGINT); err != nil {
				t.Fatal(err)
			}
			if code := h.end(t); code != 130 {
				t.Errorf("exit code %d, wanted 130:\n%s", code, h.log.String())
			}
			nothingLeft(t)
		})
	}
}

// TestInterruptedBetweenRuns checks that complete runs are reported, and the interrupted one is not.
func TestInterruptedBetweenRuns(t *testing.T) {
	report := filepath.Join(t.TempDir(), "run.json")
	h := start(t, "compare", "--repeat", "9", "--actions", "kill", "--baseline", "100ms", "--hold", "0s", "--format", "json",
		"--output", report, "--", "--anon", "1MiB", "--cache", "0")
	for _, call := range []string{"rm", "run", "inspect"} {
		h.until(t, `"docker":["`+call+`"`)
	}
	if err := h.Process.Signal(unix.SIGINT); err != nil {
		t.Fatal(err)
	}
	if code := h.end(t); code != 130 {
		t.Errorf("exit code %d, wanted 130:\n%s", code, h.log.String())
	}
	data := readReport(t, report)
	done := gjson.GetBytes(data, "repeats.completed").Int()
	if !gjson.GetBytes(data, "repeats.interrupted").Bool() || done < 1 || done == 9 || gjson.GetBytes(data, "arms.0.runs.#").Int() != done {
		t.Errorf("the report has %s", gjson.GetBytes(data, "repeats"))
	}
	nothingLeft(t)
}

// TestInterruptedWhileProbing checks that neither the network nor a docker process is left, even if docker hangs.
func TestInterruptedWhileProbing(t *testing.T) {
	for _, after := range [][]string{{"network"}, {"update"}, {"pause", "update"}} {
		h := start(t, "compare", "--probe", "--actions", "pause", "--baseline", "100ms", "--hold", "0s", "--", "--anon", "1MiB", "--cache", "0")
		for _, call := range after {
			h.until(t, `"docker":["`+call+`"`)
		}
		if err := h.Process.Signal(unix.SIGTERM); err != nil {
			t.Fatal(err)
		}
		if code := h.end(t); code != 130 {
			t.Errorf("%v: exit code %d, wanted 130:\n%s", after, code, h.log.String())
		}
		nothingLeft(t)
	}
}

// TestInterruptedWhileDockerHangs checks that an interruption also works before there is a twin, and in clean.
func TestInterruptedWhileDockerHangs(t *testing.T) {
	docker := filepath.Join(t.TempDir(), "docker")
	if err := os.WriteFile(docker, []byte("#!/bin/sh\n: >>$0.asked\nsleep 612\n"), 0o755); err != nil {
		t.Fatal(err)
	}
	for _, command := range []string{"compare", "clean"} {
		h := start(t, "--docker", docker, command)
		eventually(t, "docker is asked", func() bool { return os.Remove(docker+".asked") == nil }, func() string { return "" })
		h.Process.Signal(unix.SIGINT)
		if code := h.end(t); code != 130 {
			t.Errorf("%s: exit code %d, wanted 130:\n%s", command, code, h.log.String())
		}
		eventually(t, "no process is left by "+command, func() bool { return exec.Command("pgrep", "-f", "^sleep 612").Run() != nil },
			func() string { return "" })
	}
}

// TestKilledThenCleaned ends haltscope with SIGKILL. Its docker processes must end with it; its twins, one of them
// frozen, stay, and clean must remove them all. An image that the user committed from a twin, and a container of that
// image, are the user's and must stay.
func TestKilledThenCleaned(t *testing.T) {
	h := start(t, "compare", "--hold", "60s", "--baseline", "100ms", "--", "--anon", "1MiB", "--cache", "0")
	h.until(t, `"docker":["stats"`)
	if err := h.Process.Kill(); err != nil {
		t.Fatal(err)
	}
	h.end(t)
	if left := twins(); strings.Count(left, "\n") != 2 || !strings.Contains(left, "(Paused)") {
		t.Fatalf("wanted three twins, one of them paused:\n%s", left)
	}
	const image, container = "haltscope-own/committed:1", "hs-of-a-twin"
	mustDocker(t, "commit", mustRun(t, "docker", "ps", "--quiet", "--filter", "label=haltscope.run", "--filter", "status=paused"), image)
	t.Cleanup(func() { mustDocker(t, "rmi", image) })
	mustDocker(t, "run", "--detach", "--network", "none", "--name", container, image)
	removed(t, container)
	out, err := exec.Command(haltscope, "clean").CombinedOutput()
	for _, want := range []string{"removed: 3 twins", "container " + container, "image " + image} {
		if err != nil || !strings.Contains(string(out), want) {
			t.Errorf("haltscope clean does not mention %q: %v: %s", want, err, out)
		}
	}
	mustDocker(t, "image", "inspect", image)
	if got := mustRun(t, "docker", "inspect", "--format", "{{.State.Running}}", container); got != "true" {
		t.Errorf("%s runs: %s", container, got)
	}
	mustDocker(t, "rm", "--force", container) // it has the twin's labels
	nothingLeft(t)
}

// TestKeepsContainersOfCommittedTwins checks that a run does not remove a container of an image that was committed from one of
// its twins. Such a container has the twin's labels, but it is the user's.
func TestKeepsContainersOfCommittedTwins(t *testing.T) {
	const image, container = "haltscope-own/running:1", "hs-of-a-running-twin"
	h := start(t, "compare", "--actions", "pause", "--hold", "60s", "--baseline", "100ms", "--", "--anon", "1MiB", "--cache", "0")
	h.until(t, `"docker":["stats"`)
	// Another run may be active: the owner label identifies the twin of this one.
	owner := fmt.Sprintf("/%d/", h.Process.Pid)
	var twin string
	twins := mustRun(t, "docker", "ps", "--format", `{{.ID}} {{.Label "haltscope.owner"}}`, "--filter", "label=haltscope.run")
	for line := range strings.Lines(twins) {
		if id, label, _ := strings.Cut(line, " "); strings.Contains(label, owner) {
			twin = id
		}
	}
	mustDocker(t, "commit", twin, image)
	t.Cleanup(func() { mustDocker(t, "rmi", image) })
	mustDocker(t, "run", "--detach", "--network", "none", "--name", container, image)
	removed(t, container)
	if err := h.Process.Signal(unix.SIGINT); err != nil {
		t.Fatal(err)
	}
	if code := h.end(t); code != 130 {
		t.Errorf("exit code %d, wanted 130:\n%s", code, h.log.String())
	}
	if got := mustRun(t, "docker", "inspect", "--format", "{{.State.Running}}", container); got != "true" {
		t.Errorf("%s runs: %s", container, got)
	}
	if exec.Command("docker", "inspect", twin).Run() == nil {
		t.Errorf("twin %s was left", twin)
	}
}

// TestCleanKeepsActiveRuns checks that clean removes nothing of a run that is still active.
func TestCleanKeepsActiveRuns(t *testing.T) {
	h := start(t, "compare", "--actions", "pause", "--hold", "3s", "--baseline", "100ms", "--", "--anon", "1MiB", "--cache", "0")
	h.until(t, `"docker":["pause"`)
	out, err := exec.Command(haltscope, "clean").CombinedOutput()
	if err != nil || !strings.Contains(string(out), "kept, in use: 1 twin,") {
		t.Errorf("haltscope clean: %v: %s", err, out)
	}
	if code := h.end(t); code != 0 {
		t.Errorf("exit code %d:\n%s", code, h.log.String())
	}
	nothingLeft(t)
}

// TestDaemonInAnotherPIDNamespace uses a real daemon whose containers have pids of another namespace, as those of a
// remote daemon. haltscope must notice by the cgroups that these pids are other processes here.
func TestDaemonInAnotherPIDNamespace(t *testing.T) {
	dir := t.TempDir()
	socket := "unix://" + filepath.Join(dir, "docker.sock")
	dockerd := exec.Command("unshare", "--pid", "--fork", "--kill-child", "--mount-proc", "dockerd", "--host", socket,
		"--data-root", filepath.Join(dir, "data"), "--exec-root", filepath.Join(dir, "exec"), "--pidfile", filepath.Join(dir, "pid"),
		"--bridge", "none", "--iptables=false")
	log, err := os.Create(filepath.Join(dir, "log"))
	if err != nil {
		t.Fatal(err)
	}
	dockerd.Stdout, dockerd.Stderr = log, log
	// In the host's network, a daemon without a bridge would remove the docker0 of the machine's daemon.
	if err := newNamespace(t).do(dockerd.Start); err != nil {
		t.Fatal(err)
	}
	env := append(os.Environ(), "DOCKER_HOST="+socket)
	docker := func(args ...string) (string, error) {
		cmd := dockerCmd(args...)
		cmd.Env = env
		out, err := cmd.CombinedOutput()
		return string(out), err
	}
	defer func() {
		// Killing the first process of the namespace ends all of them.
		children, _ := os.ReadFile(fmt.Sprintf("/proc/%d/task/%[1]d/children", dockerd.Process.Pid))
		dockerd.Process.Kill()
		dockerd.Wait()
		for _, child := range strings.Fields(string(children)) { // which may still be writing
			eventually(t, "process "+child+" is gone", func() bool { _, err := os.Stat("/proc/" + child); return err != nil },
				func() string { return "" })
		}
		unix.Unmount(filepath.Join(dir, "data"), unix.MNT_DETACH)
		for _, m := range mountsBelow(dir) {
			unix.Unmount(m, unix.MNT_DETACH)
		}
	}()
	for deadline := time.Now().Add(3 * time.Minute); ; {
		if _, err := docker("version"); err == nil {
			break
		}
		if time.Now().After(deadline) {
			text, _ := os.ReadFile(log.Name())
			t.Fatalf("the daemon did not start:\n%s", text)
		}
		time.Sleep(500 * time.Millisecond)
	}
	cmd := exec.Command(haltscope, "compare")
	cmd.Env = env
	out, err := cmd.CombinedOutput()
	if cmd.ProcessState.ExitCode() != 4 || !strings.Contains(string(out), "is not on this machine") ||
		!strings.Contains(string(out), "unset DOCKER_HOST") {
		t.Errorf("%v: %s", err, out)
	}
	if out, err := docker("ps", "--all", "--quiet"); err != nil || out != "" {
		t.Errorf("twins were left in the other daemon: %v: %s", err, out)
	}
}

// mountsBelow lists the mount points below dir, the innermost first.
func mountsBelow(dir string) []string {
	data, _ := os.ReadFile("/proc/self/mountinfo")
	var all []string
	for line := range strings.Lines(string(data)) {
		if fields := strings.Fields(line); len(fields) > 4 && strings.HasPrefix(fields[4], dir+"/") {
			all = append([]string{fields[4]}, all...)
		}
	}
	return all
}

// TestDynamicBuild checks that a dynamically linked executable explains how to build a static one.
func TestDynamicBuild(t *testing.T) {
	if lab() {
		t.Skip("no Go toolchain in the lab; the host runs this")
	}
	exe := filepath.Join(t.TempDir(), "haltscope")
	// The tags reuse Go's compiled packages: only the linker makes the executable dynamic.
	build := exec.Command("go", "-C", "../..", "build", "-o", exe, "-tags", "netgo,osusergo", "-ldflags", "-linkmode=external", ".")
	build.Env = append(os.Environ(), "CGO_ENABLED=1")
	if out, err := build.CombinedOutput(); err != nil {
		t.Fatalf("%v: %s", err, out)
	}
	out, err := exec.Command(exe, "compare").CombinedOutput()
	if err == nil || !strings.Contains(string(out), "CGO_ENABLED=0 go build") {
		t.Errorf("%v: %s", err, out)
	}
	nothingLeft(t)
}
