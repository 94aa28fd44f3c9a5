package acceptance

import (
	"errors"
	"fmt"
	"os"
	"os/exec"
	"os/signal"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"golang.org/x/sys/unix"
)

// daemon is a Docker daemon of a test's own, beside the machine's, in a network of its own: without a bridge it would
// remove the docker0 of the machine's.
type daemon struct {
	dir, socket string
	parent      string // the cgroup of its containers
	network     *namespace
	args        []string // beyond those that all have
	once        sync.Once

	mu   sync.Mutex // of what follows
	cmd  *exec.Cmd
	over bool // it is not to be started again
}

// daemons are all that were started, by their folder.
var daemons sync.Map

// daemonsMade is how many there were: each has a cgroup of its own.
var daemonsMade atomic.Int32

// newDaemon starts a daemon whose files are below dir, and ends it when the test does.
func newDaemon(t *testing.T, dir string, args ...string) *daemon {
	t.Helper()
	return newDaemonIn(t, newNamespace(t), dir, args...)
}

// newDaemonIn does so in a network that others may be in.
func newDaemonIn(t *testing.T, network *namespace, dir string, args ...string) *daemon {
	t.Helper()
	parent := fmt.Sprintf("/haltscope-second-%d", daemonsMade.Add(1))
	d := &daemon{dir: dir, socket: "unix://" + filepath.Join(dir, "docker.sock"), parent: parent, network: network, args: args}
	daemons.Store(dir, d)
	t.Cleanup(func() { d.end(t.Logf) })
	d.start(t)
	return d
}

// endDaemonsOnSignal: who ends the tests by a signal, as a limit of scripts/test does, ends their daemons.
func endDaemonsOnSignal() {
	signals := make(chan os.Signal, 1)
	signal.Notify(signals, unix.SIGTERM, unix.SIGINT)
	go func() {
		by := (<-signals).(unix.Signal)
		daemons.Range(func(_, d any) bool {
			d.(*daemon).end(func(format string, args ...any) { fmt.Fprintf(os.Stderr, format+"\n", args...) })
			os.RemoveAll(d.(*daemon).dir)
			os.Remove(filepath.Dir(d.(*daemon).dir)) // testing's own, once nothing is in it
			return true
		})
		fmt.Fprintln(os.Stderr, "ended by", unix.SignalName(by))
		os.Exit(128 + int(by))
	}()
}

func (d *daemon) start(t *testing.T) {
	t.Helper()
	if err := d.launch(); err != nil {
		t.Fatal(err)
	}
}

// launch starts it, and returns once it answers.
func (d *daemon) launch() error {
	log, err := os.OpenFile(filepath.Join(d.dir, "log"), os.O_CREATE|os.O_APPEND|os.O_WRONLY, 0o644)
	if err != nil {
		return err
	}
	defer log.Close()
	cmd := exec.Command("dockerd",
		append([]string{"--host", d.socket, "--data-root", filepath.Join(d.dir, "data"), "--exec-root", filepath.Join(d.dir, "exec"),
			"--pidfile", filepath.Join(d.dir, "pid"), "--bridge", "none", "--iptables=false", "--cgroup-parent", d.parent}, d.args...)...)
	cmd.Stdout, cmd.Stderr = log, log
	d.mu.Lock()
	if d.over {
		err = errors.New("the daemon was ended for good")
	} else if err = d.network.do(cmd.Start); err == nil {
		d.cmd = cmd
	}
	d.mu.Unlock()
	if err != nil {
		return err
	}
	for deadline := time.Now().Add(3 * time.Minute); ; {
		if _, err := d.docker("version"); err == nil {
			return nil
		}
		if time.Now().After(deadline) {
			return fmt.Errorf("the daemon did not come up:\n%s", d.diagnostics())
		}
		time.Sleep(250 * time.Millisecond)
	}
}

// signal sends the daemon a signal.
func (d *daemon) signal(s unix.Signal) { d.cmd.Process.Signal(s) }

// containerdFile holds the pid of its containerd.
func (d *daemon) containerdFile() string {
	return filepath.Join(d.dir, "exec", "containerd", "containerd.pid")
}

// containerd is the pid of its containerd, 0 for none.
func (d *daemon) containerd() int {
	text, err := os.ReadFile(d.containerdFile())
	if err != nil {
		return 0
	}
	pid, err := strconv.Atoi(strings.TrimSpace(string(text)))
	if name, _ := os.ReadFile(fmt.Sprintf("/proc/%d/comm", pid)); err != nil || string(name) != "containerd\n" {
		return 0
	}
	return pid
}

// shims are the pids of its containers' shims, by the container's id.
func (d *daemon) shims() map[string]int {
	all := map[string]int{}
	files, _ := filepath.Glob("/proc/[0-9]*/cmdline")
	for _, file := range files {
		data, _ := os.ReadFile(file)
		line := strings.Split(string(data), "\x00")
		// "containerd-shim-runc-v2 -namespace moby -id ID -address SOCKET"; with "delete" at the end it only cleans up.
		if i := slices.Index(line, "-id"); i > 0 && i+1 < len(line) && strings.Contains(line[0], "containerd-shim") &&
			strings.Contains(string(data), d.dir+"/") && !slices.Contains(line, "delete") {
			all[line[i+1]], _ = strconv.Atoi(filepath.Base(filepath.Dir(file)))
		}
	}
	return all
}

// kill ends it as a crash does: nobody is told. Its containerd goes with it; where nobody reaps that at once, the next
// daemon would take it for one that runs.
func (d *daemon) kill(t *testing.T) {
	t.Helper()
	if err := d.crash(); err != nil {
		t.Fatal(err)
	}
}

// crash does the same.
func (d *daemon) crash() error {
	d.cmd.Process.Kill()
	d.cmd.Wait()
	text, err := os.ReadFile(d.containerdFile())
	if err != nil {
		return nil
	}
	for deadline := time.Now().Add(10 * time.Second); time.Now().Before(deadline); time.Sleep(50 * time.Millisecond) {
		status, err := os.ReadFile("/proc/" + strings.TrimSpace(string(text)) + "/status")
		if err != nil || strings.Contains(string(status), "State:\tZ") {
			os.Remove(d.containerdFile())
			return nil
		}
	}
	return errors.New("the daemon's containerd goes on without it")
}

// end ends it in good order, with its containers; if it does not run, or hangs, what it has left is ended by hand.
func (d *daemon) end(log func(format string, args ...any)) {
	d.once.Do(func() { d.endOnce(log) })
}

func (d *daemon) endOnce(log func(format string, args ...any)) {
	d.mu.Lock()
	d.over = true
	d.mu.Unlock()
	if d.cmd == nil || d.cmd.Process == nil {
		return
	}
	ended := make(chan struct{})
	go func() { d.cmd.Wait(); close(ended) }()
	d.cmd.Process.Signal(unix.SIGTERM)
	if pid := d.containerd(); pid != 0 { // a test may have stopped them
		unix.Kill(pid, unix.SIGCONT)
	}
	d.cmd.Process.Signal(unix.SIGCONT)
	select {
	case <-ended:
	case <-time.After(time.Minute):
		d.cmd.Process.Signal(unix.SIGUSR1) // what its goroutines hang on, into a file that it names in its log
		time.Sleep(2 * time.Second)
		d.cmd.Process.Kill()
		<-ended
		log("the daemon has not ended within a minute of SIGTERM:\n%s", d.diagnostics())
	}
	for _, shim := range d.shims() {
		unix.Kill(shim, unix.SIGKILL)
	}
	d.endProcesses(d.containers(), log)
	for _, m := range mountsBelow(d.dir) {
		unix.Unmount(m, unix.MNT_DETACH)
	}
	removeEmptyCgroups(d.parent)
}

// containers are the ids of those that the daemon knows, whether it runs or not.
func (d *daemon) containers() (ids []string) {
	entries, _ := os.ReadDir(filepath.Join(d.dir, "data", "containers"))
	for _, e := range entries {
		ids = append(ids, e.Name())
	}
	return ids
}

// endProcesses kills what is left in the cgroups of containers, frozen or not, and removes them once it is gone. All are
// killed before any is waited for: a zombie of a lost shim stays in its cgroup until the machine's first process has
// reaped it, which may take seconds.
func (d *daemon) endProcesses(ids []string, log func(format string, args ...any)) {
	var left []string
	roots, _ := filepath.Glob("/sys/fs/cgroup/*")
	for _, root := range append(roots, "/sys/fs/cgroup") {
		for _, id := range ids {
			if dir := filepath.Join(root, d.parent, id); dirExists(dir) {
				left = append(left, dir)
			}
		}
	}
	for deadline := time.Now().Add(30 * time.Second); len(left) > 0 && time.Now().Before(deadline); time.Sleep(50 * time.Millisecond) {
		left = slices.DeleteFunc(left, func(dir string) bool {
			pids, _ := os.ReadFile(filepath.Join(dir, "cgroup.procs"))
			for text := range strings.FieldsSeq(string(pids)) {
				if pid, err := strconv.Atoi(text); err == nil && pid > 0 {
					unix.Kill(pid, unix.SIGKILL)
				}
			}
			if state := filepath.Join(dir, "freezer.state"); fileExists(state) {
				os.WriteFile(state, []byte("THAWED"), 0) // v1: a frozen one does not take it
			}
			err := os.Remove(dir)
			return err == nil || os.IsNotExist(err)
		})
	}
	for _, dir := range left {
		log("what is left of a container cannot be removed: %s", dir)
	}
}

func dirExists(path string) bool {
	info, err := os.Stat(path)
	return err == nil && info.IsDir()
}

func fileExists(path string) bool {
	_, err := os.Stat(path)
	return err == nil
}

func (d *daemon) docker(args ...string) (string, error) {
	cmd := dockerCmd(args...)
	cmd.Env = append(os.Environ(), "DOCKER_HOST="+d.socket)
	out, err := cmd.CombinedOutput()
	return string(out), err
}

// haltscope is a haltscope that asks this daemon.
func (d *daemon) haltscope(args ...string) *exec.Cmd {
	cmd := exec.Command(haltscope, args...)
	cmd.Env = append(os.Environ(), "DOCKER_HOST="+d.socket)
	return cmd
}

// watch starts a watch of this daemon, and waits until it has begun.
func (d *daemon) watch(t *testing.T, args ...string) *watching {
	t.Helper()
	return watchCommand(t, d.haltscope(append([]string{"watch"}, args...)...))
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
func (d *daemon) diagnostics() string {
	text, _ := os.ReadFile(filepath.Join(d.dir, "log"))
	text = text[max(0, len(text)-4<<10):]
	stacks, _ := filepath.Glob(filepath.Join(d.dir, "exec", "goroutine-stacks-*.log"))
	for _, file := range stacks {
		more, _ := os.ReadFile(file)
		text = append(append(text, '\n'), more[:min(len(more), 64<<10)]...)
	}
	return string(text)
}
