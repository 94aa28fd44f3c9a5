package acceptance

import (
	"bufio"
	"encoding/json"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/tidwall/gjson"
	"golang.org/x/sys/unix"
)

// memoryBound is how much resident memory, in KiB, a watch of 1,000 containers may use.
const memoryBound = 32 << 10

// TestFollow has a watch follow HALTSCOPE_FOLLOW containers: real cgroups in the places where Docker creates them, with
// a process in each, and events from a fake docker. It reports the memory and the CPU time that the watch uses.
func TestFollow(t *testing.T) {
	n, err := strconv.Atoi(os.Getenv("HALTSCOPE_FOLLOW"))
	if err != nil {
		t.Skip("HALTSCOPE_FOLLOW is not set: scripts/bench follow runs this")
	}
	h := newFleet(t, n)
	w := watchProcess(t, append([]string{"--docker", h.docker}, strings.Fields(os.Getenv("HALTSCOPE_FOLLOW_FLAGS"))...)...)
	w.until(t, fmt.Sprintf("watching %d running containers", n))
	t.Logf("%d containers, nothing happens: %s", n, w.idle(t, time.Minute))
	if fds, err := os.ReadDir(fmt.Sprintf("/proc/%d/fd", w.Process.Pid)); err == nil {
		t.Logf("%d files open", len(fds))
	}
	began := time.Now()
	events, pauses := h.flood(t, 100, 10)
	seen := func() int { return strings.Count(w.text(), `"action":"unpause"`) }
	for deadline := time.Now().Add(2 * time.Minute); seen() < pauses; time.Sleep(100 * time.Millisecond) {
		if time.Now().After(deadline) {
			t.Fatalf("%d of %d pauses reported", strings.Count(w.text(), `"action":"unpause"`), pauses)
		}
	}
	t.Logf("%d events and %d lines in %s: %s", events, 2*pauses, time.Since(began).Round(time.Millisecond), w.usage(t))
	time.Sleep(5 * time.Second)
	usage, peak := w.usage(t), w.status(t, "VmHWM")
	t.Logf("afterwards: %s", usage)
	if peak > memoryBound {
		t.Errorf("%d KiB resident at most, wanted %d", peak, memoryBound)
	}
	reported := map[string]int{}
	for _, line := range w.end(t, unix.SIGTERM, 0) {
		reported[gjson.Get(line, "container.id").Str+gjson.Get(line, "action").Str]++
	}
	for _, id := range h.ids {
		if reported[id+"pause"] != pauses/n || reported[id+"unpause"] != pauses/n {
			t.Errorf("%.12s: %d pauses and %d resumes reported of %d", id, reported[id+"pause"], reported[id+"unpause"], pauses/n)
		}
	}
}

// TestIdle reports the CPU time of a watch while the running containers do nothing.
func TestIdle(t *testing.T) {
	if os.Getenv("HALTSCOPE_IDLE") == "" {
		t.Skip("HALTSCOPE_IDLE is not set: scripts/bench follow runs this")
	}
	w := watchProcess(t)
	t.Logf("nothing happens to real containers: %s", w.idle(t, time.Minute))
	w.end(t, unix.SIGTERM, 0)
}

// idle returns what the watch and its docker processes use while nothing happens.
func (w *watching) idle(t *testing.T, length time.Duration) string {
	t.Helper()
	time.Sleep(40 * time.Second) // until it has settled: it polls new containers more often
	own, calls := w.ticks(t)
	time.Sleep(length)
	own2, calls2 := w.ticks(t)
	percent := func(ticks int) float64 { return float64(ticks) / length.Seconds() } // of 100 a second
	return fmt.Sprintf("%.2f %% CPU, and %.2f %% in the docker client, over %s; VmRSS %d kB, VmHWM %d kB",
		percent(own2-own), percent(calls2-calls), length,
		w.status(t, "VmRSS"), w.status(t, "VmHWM"))
}

// fleet is a set of many cgroups like Docker's, with a fake docker that reports them.
type fleet struct {
	dir, docker string
	ids         []string
	pids        []int
	fifo        *os.File
}

// hierarchies returns the roots below which cgroups are created: that of v2, or those of v1 that a container uses.
func hierarchies() (roots []string) {
	if _, err := os.Stat("/sys/fs/cgroup/cgroup.controllers"); err == nil {
		return []string{"/sys/fs/cgroup"}
	}
	for _, controller := range []string{"freezer", "memory", "cpu", "cpuacct", "pids", "blkio"} {
		root, err := filepath.EvalSymlinks("/sys/fs/cgroup/" + controller)
		if err == nil && !slices.Contains(roots, root) {
			roots = append(roots, root)
		}
	}
	return roots
}

const fakeDocker = `#!/bin/sh
dir=${0%/*}
case $1 in
info) cat "$dir/info" ;;
ps) cat "$dir/ps" ;;
inspect)
	while [ "$1" != -- ]; do shift; done
	shift
	printf '['
	comma=
	for id; do
		printf %s "$comma"
		cat "$dir/$id"
		comma=,
	done
	echo ']'
	;;
events) exec cat "$dir/fifo" ;;
esac
`

func newFleet(t *testing.T, n int) *fleet {
	t.Helper()
	h := &fleet{dir: t.TempDir()}
	h.docker = filepath.Join(h.dir, "docker")
	write := func(path, text string) {
		t.Helper()
		if err := os.WriteFile(path, []byte(text), 0o755); err != nil {
			t.Fatal(err)
		}
	}
	must := func(err error) {
		t.Helper()
		if err != nil {
			t.Fatal(err)
		}
	}
	info, err := dockerCmd("info", "--format", "{{json .}}").Output()
	must(err)
	write(filepath.Join(h.dir, "info"), string(info))
	write(h.docker, fakeDocker)
	must(unix.Mkfifo(filepath.Join(h.dir, "fifo"), 0o600))
	h.fifo, err = os.OpenFile(filepath.Join(h.dir, "fifo"), os.O_RDWR, 0)
	must(err)
	parent := fmt.Sprintf("haltscope-follow-%d", os.Getpid())
	roots := hierarchies()
	var list strings.Builder
	t.Cleanup(func() {
		h.fifo.Close()
		for _, pid := range h.pids {
			unix.Kill(pid, unix.SIGKILL)
			var status unix.WaitStatus
			unix.Wait4(pid, &status, 0, nil)
		}
		for _, root := range roots {
			for _, id := range h.ids {
				remove(t, filepath.Join(root, parent, id))
			}
			remove(t, filepath.Join(root, parent))
		}
	})
	for _, root := range roots {
		must(os.Mkdir(filepath.Join(root, parent), 0o755))
		// v2 delegates the controllers. Those that the kernel refuses are missing, as with Docker.
		os.WriteFile(filepath.Join(root, parent, "cgroup.subtree_control"), []byte("+memory +cpu +pids +io"), 0)
	}
	for i := range n {
		id := fmt.Sprintf("%064x", i+1)
		h.ids = append(h.ids, id)
		p := exec.Command("sleep", "86400")
		must(p.Start())
		h.pids = append(h.pids, p.Process.Pid)
		for _, root := range roots {
			dir := filepath.Join(root, parent, id)
			must(os.Mkdir(dir, 0o755))
			must(os.WriteFile(filepath.Join(dir, "cgroup.procs"), []byte(strconv.Itoa(p.Process.Pid)), 0))
		}
		document, err := json.Marshal(map[string]any{"Id": id, "Name": fmt.Sprintf("/team-service-%d.%d", i%20, i),
			"Created": "2026-05-20T12:00:00Z",
			"State": map[string]any{"Status": "running", "Running": true, "Pid": p.Process.Pid, "StartedAt": "2026-05-20T12:00:00Z",
				"FinishedAt": "0001-01-01T00:00:00Z"},
			"Config": map[string]any{"Image": "registry.example/team/service:1.2.3",
				"Labels": map[string]string{"com.docker.compose.project": "team", "com.docker.compose.service": "service"}},
			"HostConfig": map[string]any{"RestartPolicy": map[string]any{"Name": "always"}}})
		must(err)
		write(filepath.Join(h.dir, id), string(document))
		fmt.Fprintf(&list, `{"ID":%q,"Name":"team-service-%d.%d","State":"running","Status":"Up 2 hours"}`+"\n", id, i%20, i)
	}
	write(filepath.Join(h.dir, "ps"), list.String())
	return h
}

// remove removes a cgroup once its processes are gone.
func remove(t *testing.T, dir string) {
	var err error
	for range 100 {
		if err = os.Remove(dir); err == nil || os.IsNotExist(err) {
			return
		}
		time.Sleep(50 * time.Millisecond)
	}
	t.Errorf("removing %s: %v", dir, err)
}

// flood emits the events of a busy host as fast as the watch reads them: mostly health checks, and in every every-th
// round a pause and unpause of each container. It returns the numbers of events and of pauses.
func (h *fleet) flood(t *testing.T, rounds, every int) (events, pauses int) {
	t.Helper()
	out := bufio.NewWriter(h.fifo)
	now := time.Now().UnixNano()
	for round := range rounds {
		for i, id := range h.ids {
			actions := []string{"exec_create: /bin/sh -c check", "exec_start: /bin/sh -c check", "exec_die"}
			if round%every == i%every {
				actions = append(actions, "pause", "unpause")
				pauses++
			}
			for _, action := range actions {
				now += 1000
				events++
				fmt.Fprintf(out, `{"status":%[1]q,"id":%[2]q,"from":"registry.example/team/service:1.2.3","Type":"container","Action":%[1]q,`+
					`"Actor":{"ID":%[2]q,"Attributes":{"com.docker.compose.project":"team","com.docker.compose.service":"service","execID":"%064[3]x",`+
					`"image":"registry.example/team/service:1.2.3","name":"team-service-%[4]d.%[5]d"}},`+
					`"scope":"local","time":%[6]d,"timeNano":%[7]d}`+"\n",
					action, id, events, i%20, i, now/1e9, now)
			}
		}
	}
	if err := out.Flush(); err != nil {
		t.Fatal(err)
	}
	return events, pauses
}
