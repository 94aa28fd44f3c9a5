package acceptance

import (
	"fmt"
	"os"
	"os/exec"
	"os/signal"
	"path/filepath"
	"strconv"
	"strings"
	"sync"
	"testing"
	"time"

	"golang.org/x/sys/unix"
)

// daemon is a Docker daemon of a test's own, beside the machine's, in a network of its own: without a bridge it would
// remove the docker0 of the machine's.
type daemon struct {
	dir, socket string
	network     *namespace
	cmd         *exec.Cmd
	once        sync.Once
}

// daemons are all that were started, by their folder.
var daemons sync.Map

// newDaemon starts a daemon whose files are below dir, and ends it when the test does.
func newDaemon(t *testing.T, dir string) *daemon {
	t.Helper()
	return newDaemonIn(t, newNamespace(t), dir)
}

// newDaemonIn does so in a network that others may be in.
func newDaemonIn(t *testing.T, network *namespace, dir string) *daemon {
	t.Helper()
	d := &daemon{dir: dir, socket: "unix://" + filepath.Join(dir, "docker.sock"), network: network}
	daemons.Store(dir, d)
	t.Cleanup(func() { d.end(t.Logf) })
	d.start(t)
	return d
}

// endDaemonsWhenTold: who ends the tests by SIGTERM, as a limit of scripts/test does, ends their daemons.
func endDaemonsWhenTold() {
	told := make(chan os.Signal, 1)
	signal.Notify(told, unix.SIGTERM)
	go func() {
		<-told
		daemons.Range(func(_, d any) bool {
			d.(*daemon).end(func(format string, args ...any) { fmt.Fprintf(os.Stderr, format+"\n", args...) })
			os.RemoveAll(d.(*daemon).dir)
			return true
		})
		fmt.Fprintln(os.Stderr, "ended by SIGTERM")
		os.Exit(128 + int(unix.SIGTERM))
	}()
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
	if err := d.network.do(d.cmd.Start); err != nil {
		t.Fatal(err)
	}
	for deadline := time.Now().Add(3 * time.Minute); ; {
		if _, err := d.docker("version"); err == nil {
			return
		}
		if time.Now().After(deadline) {
			t.Fatalf("the daemon did not come up:\n%s", d.words())
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

// end ends it in good order, with its containers; if it does not run, or hangs, what it has left is ended by hand.
func (d *daemon) end(log func(format string, args ...any)) {
	d.once.Do(func() { d.endOnce(log) })
}

func (d *daemon) endOnce(log func(format string, args ...any)) {
	if d.cmd == nil || d.cmd.Process == nil {
		return
	}
	ended := make(chan struct{})
	go func() { d.cmd.Wait(); close(ended) }()
	d.cmd.Process.Signal(unix.SIGTERM)
	select {
	case <-ended:
	case <-time.After(time.Minute):
		d.cmd.Process.Signal(unix.SIGUSR1) // what its goroutines hang on, into a file that it names in its log
		time.Sleep(2 * time.Second)
		d.cmd.Process.Kill()
		<-ended
		log("the daemon has not ended within a minute of SIGTERM:\n%s", d.words())
	}
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
	removeEmptyCgroups("/haltscope-second")
}

func (d *daemon) docker(args ...string) (string, error) {
	cmd := dockerCmd(args...)
	cmd.Env = append(os.Environ(), "DOCKER_HOST="+d.socket)
	out, err := cmd.CombinedOutput()
	return string(out), err
}

// load gives it an image of the machine's engine.
func (d *daemon) load(t *testing.T, image string) {
	t.Helper()
	file := filepath.Join(d.dir, "image.tar")
	mustDocker(t, "save", "--output", file, image)
	if out, err := d.docker("load", "--quiet", "--input", file); err != nil {
		t.Fatalf("docker load: %v: %s", err, out)
	}
}

// words are its last, and what its goroutines did when it was asked (moby, cmd/dockerd: SIGUSR1).
func (d *daemon) words() string {
	text, _ := os.ReadFile(filepath.Join(d.dir, "log"))
	text = text[max(0, len(text)-4<<10):]
	stacks, _ := filepath.Glob(filepath.Join(d.dir, "exec", "goroutine-stacks-*.log"))
	for _, file := range stacks {
		more, _ := os.ReadFile(file)
		text = append(append(text, '\n'), more[:min(len(more), 64<<10)]...)
	}
	return string(text)
}
