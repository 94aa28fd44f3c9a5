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

// daemon is a Docker daemon that a test starts in addition to the machine's. It has its own network namespace: without
// a bridge it would otherwise remove the docker0 of the machine's daemon.
type daemon struct {
	dir, socket string
	parent      string // the cgroup of its containers
	network     *namespace
	args        []string // in addition to the common ones
	once        sync.Once

	mu   sync.Mutex // guards the fields below
	cmd  *exec.Cmd
	over bool // it must not be started again
}

// daemons holds all daemons that were started, by directory.
var daemons sync.Map

// daemonsMade counts the daemons, because each one gets its own cgroup.
var daemonsMade atomic.Int32

// newDaemon starts a daemon whose files are below dir, and ends it when the test ends.
func newDaemon(t *testing.T, dir string, args ...string) *daemon {
	t.Helper()
	return newDaemonIn(t, newNamespace(t), dir, args...)
}

// newDaemonIn is like newDaemon, in a network namespace that several daemons may share.
func newDaemonIn(t *testing.T, network *namespace, dir string, args ...string) *daemon {
	t.Helper()
	parent := fmt.Sprintf("/haltscope-second-%d", daemonsMade.Add(1))
	d := &daemon{dir: dir, socket: "unix://" + filepath.Join(dir, "docker.sock"), parent: parent, network: network, args: args}
	daemons.Store(dir, d)
	t.Cleanup(func() { d.end(t.Logf) })
	d.start(t)
	return d
}

// endDaemonsOnSignal ends the daemons of the tests when a signal ends the tests, as a time limit of scripts/test does.
func endDaemonsOnSignal() {
	signals := make(chan os.Signal, 1)
	signal.Notify(signals, unix.SIGTERM, unix.SIGINT)
	go func() {
		by := (<-signals).(unix.Signal)
		daemons.Range(func(_, d any) bool {
			d.(*daemon).end(func(format string, args ...any) { fmt.Fprintf(os.Stderr, format+"\n", args...) })
			os.RemoveAll(d.(*daemon).dir)
			os.Remove(filepath.Dir(d.(*daemon).dir)) // the testing package's directory, once it is empty
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

// launch starts the daemon and returns once it answers.
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
			return fmt.Errorf("the daemon did not start:\n%s", d.diagnostics())
		}
		time.Sleep(250 * time.Millisecond)
	}
}

// signal sends the daemon a signal.
func (d *daemon) signal(s unix.Signal) { d.cmd.Process.Signal(s) }

// containerdFile returns the path of the file that holds the pid of the daemon's containerd.
func (d *daemon) containerdFile() string {
	return filepath.Join(d.dir, "exec", "containerd", "containerd.pid")
}

// containerd returns the pid of the daemon's containerd, or 0 if there is none.
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

// shims returns the pids of the shims of the daemon's containers, by container id.
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

// kill ends the daemon as a crash does, without notice, together with its containerd. If nobody reaps containerd at
// once, the next daemon would take it for a running one.
func (d *daemon) kill(t *testing.T) {
	t.Helper()
	if err := d.crash(); err != nil {
		t.Fatal(err)
	}
}

// crash does what kill does, and returns an error.
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
	return errors.New("the daemon's containerd is still running")
}

// end shuts the daemon and its containers down. If the daemon does not run, or hangs, end removes by hand what it left.
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
		d.cmd.Process.Signal(unix.SIGUSR1) // dumps its goroutines into a file that its log names
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

// containers returns the ids of the containers that the daemon knows, whether or not it runs.
func (d *daemon) containers() (ids []string) {
	entries, _ := os.ReadDir(filepath.Join(d.dir, "data", "containers"))
	for _, e := range entries {
		ids = append(ids, e.Name())
	}
	return ids
}

// endProcesses kills the processes in the cgroups of containers, frozen or not, and removes the cgroups once they are
// empty. It kills all of them before it waits for any: a zombie of a lost shim stays in its cgroup until the machine's
// init has reaped it, which may take seconds.
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
				os.WriteFile(state, []byte("THAWED"), 0) // v1: a frozen process does not die until it is thawed
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

// haltscope returns a haltscope command that uses this daemon.
func (d *daemon) haltscope(args ...string) *exec.Cmd {
	cmd := exec.Command(haltscope, args...)
	cmd.Env = append(os.Environ(), "DOCKER_HOST="+d.socket)
	return cmd
}

// watch starts a watch of this daemon, and waits until it is ready.
func (d *daemon) watch(t *testing.T, args ...string) *watching {
	t.Helper()
	return watchCommand(t, d.haltscope(append([]string{"watch"}, args...)...))
}

// load copies an image from the machine's engine to this daemon.
func (d *daemon) load(t *testing.T, image string) {
	t.Helper()
	file := filepath.Join(d.dir, "image.tar")
	mustDocker(t, "save", "--output", file, image)
	if out, err := d.docker("load", "--quiet", "--input", file); err != nil {
		t.Fatalf("docker load: %v: %s", err, out)
	}
}

// diagnostics returns the last lines of the daemon's log, and the dump of its goroutines if it was requested (moby,
// cmd/dockerd: SIGUSR1).
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
