package acceptance

import (
	"fmt"
	"math/rand/v2"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"strings"
	"sync"
	"testing"
	"time"

	"golang.org/x/sys/unix"
)

// TestSoakFaults acts on many containers of a new daemon while the daemon, containerd and shims are killed and stopped.
// It compares every end that a watch reports with what the kernel reported to the test: none may be wrong, missing or
// late. The first half of HALTSCOPE_SOAK uses a daemon that ends its containers with it, the second half one with
// --live-restore.
func TestSoakFaults(t *testing.T) {
	if os.Getenv("HALTSCOPE_SOAK_FAULTS") == "" {
		t.Skip("HALTSCOPE_SOAK_FAULTS is not set: scripts/soak --faults runs this")
	}
	length, containers := soakSize(t, 50)
	t.Run("daemon", func(t *testing.T) { soakFaults(t, length/2, containers, false) })
	t.Run("live-restore", func(t *testing.T) { soakFaults(t, length/2, containers, true) })
}

// soakSort is a kind of container.
type soakSort struct {
	flags   []string
	image   string
	command []string
	code    int // exit code; negative if the program does not exit by itself
}

// Seconds after which the programs that exit by themselves do so.
const lifetime = "sleep $((3 + RANDOM % 30)); "

var soakSorts = []soakSort{
	{image: "haltscope-test/nginx", code: -1},
	{image: "haltscope-test/script", code: -1},
	{image: "haltscope-test/busybox", command: []string{"sh", "-c", lifetime + "exit 3"}, code: 3},
	{image: "haltscope-test/busybox", command: []string{"sh", "-c", lifetime + "exit 0"}, code: 0},
	{image: "haltscope-test/script", flags: []string{"--restart", "always"}, code: -1},
	{image: "haltscope-test/busybox", flags: []string{"--restart", "on-failure"}, command: []string{"sh", "-c", lifetime + "exit 3"}, code: 3},
}

// soak is a soak in progress.
type soak struct {
	t           *testing.T
	d           *daemon
	liveRestore bool
	census      *census
	log         soakLog
	names       []string
	hangs       string // the file with the id of the container whose inspect hangs
	ids         map[string]string
	over        chan struct{} // closed when no more actions may begin
}

func soakFaults(t *testing.T, length time.Duration, containers int, liveRestore bool) {
	dir := t.TempDir()
	args := []string{"--log-level", "warn"}
	if liveRestore {
		args = append(args, "--live-restore")
	}
	s := &soak{t: t, d: newDaemon(t, dir, args...), liveRestore: liveRestore, ids: map[string]string{}, over: make(chan struct{}),
		hangs: filepath.Join(dir, "hangs")}
	for _, image := range []string{"haltscope-test/nginx", "haltscope-test/script", "haltscope-test/busybox"} {
		s.d.load(t, image)
	}
	t.Setenv("DOCKER_HOST", s.d.socket)
	ids := map[string]string{}
	sorts := map[string]soakSort{}
	for i := range containers {
		sort := soakSorts[i%len(soakSorts)]
		name := fmt.Sprintf("hs-fault-%d", i)
		create := []string{"create", "--network", "none", "--stop-timeout", "1", "--name", name}
		out, err := s.d.docker(append(append(append(create, sort.flags...), sort.image), sort.command...)...)
		if err != nil {
			t.Fatalf("docker create: %v: %s", err, out)
		}
		id := strings.TrimSpace(out)
		ids[id], s.ids[name], sorts[name] = name, id, sort
		s.names = append(s.names, name)
	}
	s.census = newCensus(s.d.parent, ids)
	wrapper := filepath.Join(dir, "docker")
	if err := os.WriteFile(wrapper, []byte(hangingDocker), 0o755); err != nil {
		t.Fatal(err)
	}
	w := watchProcess(t, "--docker", wrapper, "--timeout", "30s") // the default, which the tests override
	var looks sync.WaitGroup
	enough := make(chan struct{})
	looks.Go(func() { s.census.take(enough) })
	defer looks.Wait()
	defer sync.OnceFunc(func() { close(enough) })()

	time.AfterFunc(length, func() { close(s.over) })
	var all sync.WaitGroup
	const workers = 6
	for worker := range workers {
		var mine []string
		for i := worker; i < containers; i += workers {
			mine = append(mine, s.names[i])
		}
		if len(mine) > 0 {
			all.Go(func() { s.act(mine) })
		}
	}
	all.Go(s.fault)
	all.Wait()

	judge := &soakJudge{liveRestore: liveRestore, endsItself: func(name string) (int, bool) { return sorts[name].code, sorts[name].code >= 0 }}
	// Wait until all ends are reported, or are too late.
	for deadline := time.Now().Add(soakLatest + 5*time.Second); time.Now().Before(deadline); time.Sleep(time.Second) {
		judge.actions = s.log.list()
		if res := judge.judge(s.census.all(), w.lines()); res.missing == 0 {
			break
		}
	}
	usage := w.usage(t)
	judge.until = time.Now()
	w.end(t, unix.SIGTERM, 0)
	runs := s.census.all()
	s.census.close()
	judge.actions = s.log.list()
	res := judge.judge(runs, w.lines())
	for n, text := range res.violations {
		t.Errorf("violation %d of %d: %s\n", n+1, len(res.violations), text)
	}
	for _, text := range res.undecided {
		t.Logf("undecided: %s", text)
	}
	done := map[string]int{}
	for _, a := range judge.actions {
		done[a.what]++
	}
	t.Logf("%d containers for %s, done: %v", containers, length, done)
	t.Logf("%d ends: %d reported, of which %d undecided; %d wrong, %d missing, %d late, %d with a time that is off; at most %s late "+
		"and %s off; %d confirmed later; %d runs that the daemon cannot have known; the watch: %s",
		res.ends, res.reported, len(res.undecided), res.wrong, res.missing, res.late, res.off, res.latest.Round(time.Millisecond),
		res.farthest.Round(time.Millisecond), res.confirmed, res.unseen, usage)
	if res.ends == 0 {
		t.Error("no container has ended")
	}
}

// hangingDocker is a docker wrapper whose inspect hangs while the file "hangs" in its directory names the requested
// container.
const hangingDocker = `#!/bin/sh
dir=${0%/*}
if [ "$1" = inspect ] && [ -s "$dir/hangs" ]; then
	read -r id <"$dir/hangs"
	case "$*" in *"$id"*)
		while [ -s "$dir/hangs" ]; do sleep 0.2; done ;;
	esac
fi
exec docker "$@"
`

// docker runs a docker command on a container. It may fail, because the daemon and containerd do.
func (s *soak) docker(verb, name string, args ...string) error {
	done := s.log.begins(name, verb)
	cmd := exec.Command("timeout", append(append([]string{"--kill-after=5", "90", "docker", verb}, args...), name)...)
	out, err := cmd.CombinedOutput()
	if err != nil {
		text, _, _ := strings.Cut(strings.TrimSpace(string(out)), "\n")
		done(fmt.Sprintf("%v: %s", err, text))
	} else {
		done("")
	}
	return err
}

func (s *soak) isOver() bool {
	select {
	case <-s.over:
		return true
	default:
		return false
	}
}

// pause waits, unless the soak is over.
func (s *soak) pause(d time.Duration) {
	select {
	case <-s.over:
	case <-time.After(d):
	}
}

// between returns a random duration.
func between(from, to time.Duration) time.Duration {
	return from + time.Duration(rand.Int64N(int64(to-from)))
}

// act acts on containers until the soak is over.
func (s *soak) act(names []string) {
	frozen := map[string]bool{}
	for _, name := range names {
		if s.isOver() {
			return
		}
		s.docker("start", name)
	}
	for !s.isOver() {
		name := names[rand.IntN(len(names))]
		if frozen[name] {
			frozen[name] = s.docker("unpause", name) != nil && s.census.running(name) != nil
			continue
		}
		run := s.census.running(name)
		if run == nil {
			if s.docker("start", name) != nil {
				s.pause(time.Second)
			}
			continue
		}
		if time.Since(run.began) < 1500*time.Millisecond {
			s.pause(200 * time.Millisecond) // until it handles its signals
			continue
		}
		switch rand.IntN(8) {
		case 0:
			s.docker("kill", name)
		case 1:
			s.docker("stop", name) // the watch knows only the container's own grace
		case 2:
			s.docker("restart", name)
		case 3, 4:
			frozen[name] = s.docker("pause", name) == nil
			s.pause(between(0, 1500*time.Millisecond))
			if rand.IntN(3) == 0 {
				frozen[name] = s.docker("kill", name) != nil
			}
		case 5:
			s.outside(run)
		}
		s.pause(between(200*time.Millisecond, 2*time.Second))
	}
}

// outside kills a first process without Docker's knowledge.
func (s *soak) outside(run *soakRun) {
	done := s.log.begins(run.name, doOutside)
	if err := run.first.kill(unix.SIGKILL); err != nil {
		done(err.Error())
		return
	}
	done("")
}

// some kills some first processes without Docker's knowledge, at random times within length.
func (s *soak) some(length time.Duration) {
	until := time.Now().Add(length)
	for range rand.IntN(4) {
		time.Sleep(between(0, length/4+1))
		if run := s.census.running(s.names[rand.IntN(len(s.names))]); run != nil {
			s.outside(run)
		}
	}
	time.Sleep(time.Until(until))
}

// fault makes something fail and repairs it, until the soak is over.
func (s *soak) fault() {
	faults := []func() error{s.dies, s.shutsDown, s.mute, s.containerdMute, s.shimDies, s.shimDies, s.inspectHangs}
	for n := 0; ; n++ {
		if n%len(faults) == 0 {
			rand.Shuffle(len(faults), func(i, j int) { faults[i], faults[j] = faults[j], faults[i] }) // each fault occurs
		}
		s.pause(between(3*time.Second, 10*time.Second))
		if s.isOver() {
			return
		}
		if err := faults[n%len(faults)](); err != nil {
			s.t.Errorf("the soak cannot continue: %v", err)
			return
		}
	}
}

func (s *soak) start() error {
	done := s.log.begins("", doStart)
	err := s.d.launch()
	if err != nil {
		done(err.Error())
		return err
	}
	done("")
	return nil
}

// dies kills dockerd and starts it again.
func (s *soak) dies() error {
	done := s.log.begins("", doDead)
	if err := s.d.crash(); err != nil {
		return err
	}
	s.some(between(time.Second, 12*time.Second))
	done("")
	return s.start()
}

// shutsDown ends the daemon in good order and starts it again.
func (s *soak) shutsDown() error {
	done := s.log.begins("", doShutdown)
	s.d.signal(unix.SIGTERM)
	stuck := time.AfterFunc(time.Minute, func() { s.d.cmd.Process.Kill() })
	s.d.cmd.Wait()
	stuck.Stop()
	if err := s.d.crash(); err != nil { // its containerd, too
		return err
	}
	done("")
	done = s.log.begins("", doDead)
	s.some(between(time.Second, 8*time.Second))
	done("")
	return s.start()
}

// mute stops dockerd with SIGSTOP for a while.
func (s *soak) mute() error {
	done := s.log.begins("", doMute)
	s.d.signal(unix.SIGSTOP)
	s.some(between(5*time.Second, 20*time.Second))
	s.d.signal(unix.SIGCONT)
	done("")
	return nil
}

// containerdMute stops containerd with SIGSTOP for a while. dockerd may end it for that, and start another.
func (s *soak) containerdMute() error {
	pid := s.d.containerd()
	if pid == 0 {
		return nil
	}
	process, err := os.FindProcess(pid)
	if err != nil {
		return err
	}
	defer process.Release()
	done := s.log.begins("", doContainerd)
	process.Signal(unix.SIGSTOP)
	s.some(between(5*time.Second, 20*time.Second))
	process.Signal(unix.SIGCONT)
	done("")
	return nil
}

// shimDies kills the shims of some containers.
func (s *soak) shimDies() error {
	shims := s.d.shims()
	for range 1 + rand.IntN(3) {
		name := s.names[rand.IntN(len(s.names))]
		if pid := shims[s.ids[name]]; pid != 0 && s.census.running(name) != nil {
			done := s.log.begins(name, doShim)
			unix.Kill(pid, unix.SIGKILL)
			done("")
		}
	}
	return nil
}

// inspectHangs makes inspect of one container hang for a while.
func (s *soak) inspectHangs() error {
	name := s.names[rand.IntN(len(s.names))]
	done := s.log.begins("", doInspectHang+": "+name)
	defer done("")
	if err := os.WriteFile(s.hangs, []byte(s.ids[name]+"\n"), 0o644); err != nil {
		return err
	}
	length := between(10*time.Second, 40*time.Second)
	time.Sleep(length / 3)
	if run := s.census.running(name); run != nil {
		s.outside(run)
	}
	time.Sleep(length - length/3)
	return os.Remove(s.hangs)
}

// soakSize returns the length of the soak and the number of containers: HALTSCOPE_SOAK and HALTSCOPE_SOAK_CONTAINERS.
func soakSize(t *testing.T, containers int) (time.Duration, int) {
	t.Helper()
	length, err := time.ParseDuration(os.Getenv("HALTSCOPE_SOAK"))
	if err != nil {
		t.Fatalf("HALTSCOPE_SOAK: %v", err)
	}
	if text := os.Getenv("HALTSCOPE_SOAK_CONTAINERS"); text != "" {
		if containers, err = strconv.Atoi(text); err != nil || containers < 1 {
			t.Fatalf("HALTSCOPE_SOAK_CONTAINERS: %q is no number of containers", text)
		}
	}
	return length, containers
}
