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

// TestSoakFaults does things to many containers of a daemon of its own while daemon, containerd and shims are killed and
// stopped, and holds every end that a watch tells against what the kernel has told the test: none wrong, none missing, none
// late. The first half of HALTSCOPE_SOAK goes to a daemon that takes its containers along, the second to one with
// --live-restore.
func TestSoakFaults(t *testing.T) {
	if os.Getenv("HALTSCOPE_SOAK_FAULTS") == "" {
		t.Skip("HALTSCOPE_SOAK_FAULTS is not set: scripts/soak --faults runs this")
	}
	length, containers := soakSize(t, 50)
	t.Run("daemon", func(t *testing.T) { soakFaults(t, length/2, containers, false) })
	t.Run("live-restore", func(t *testing.T) { soakFaults(t, length/2, containers, true) })
}

// soakSort is a sort of container.
type soakSort struct {
	flags   []string
	image   string
	command []string
	code    int // of its own end; below 0 where it does not end by itself
}

// Seconds after which those end that do.
const lifetime = "sleep $((3 + RANDOM % 30)); "

var soakSorts = []soakSort{
	{image: "haltscope-test/nginx", code: -1},
	{image: "haltscope-test/script", code: -1},
	{image: "haltscope-test/busybox", command: []string{"sh", "-c", lifetime + "exit 3"}, code: 3},
	{image: "haltscope-test/busybox", command: []string{"sh", "-c", lifetime + "exit 0"}, code: 0},
	{image: "haltscope-test/script", flags: []string{"--restart", "always"}, code: -1},
	{image: "haltscope-test/busybox", flags: []string{"--restart", "on-failure"}, command: []string{"sh", "-c", lifetime + "exit 3"}, code: 3},
}

// soak is one that goes on.
type soak struct {
	t           *testing.T
	d           *daemon
	liveRestore bool
	census      *census
	log         soakLog
	names       []string
	hangs       string // the file that holds the id of the container about which inspect hangs
	ids         map[string]string
	over        chan struct{} // closed when nothing is to be begun any more
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
		out, err := s.d.docker(append(append(append([]string{"create", "--network", "none", "--name", name}, sort.flags...), sort.image),
			sort.command...)...)
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
	w := watchProcess(t, "--docker", wrapper, "--timeout", "30s") // which is what it is without the tests' own
	var looks sync.WaitGroup
	enough := make(chan struct{})
	looks.Go(func() { s.census.take(enough) })
	defer looks.Wait()
	defer sync.OnceFunc(func() { close(enough) })()

	time.AfterFunc(length, func() { close(s.over) })
	var all sync.WaitGroup
	const hands = 6
	for hand := range hands {
		var mine []string
		for i := hand; i < containers; i += hands {
			mine = append(mine, s.names[i])
		}
		if len(mine) > 0 {
			all.Go(func() { s.act(mine) })
		}
	}
	all.Go(s.fault)
	all.Wait()

	judge := &soakJudge{liveRestore: liveRestore, endsItself: func(name string) (int, bool) { return sorts[name].code, sorts[name].code >= 0 }}
	// Until what has ended is told, or it is too late.
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
	t.Logf("%d ends: %d told, of which %d undecided; %d wrong, %d missing, %d late, %d with a time that is off; at most %s late "+
		"and %s off; %d confirmed later; %d runs that the daemon cannot have known; the watch: %s",
		res.ends, res.reported, len(res.undecided), res.wrong, res.missing, res.late, res.off, res.latest.Round(time.Millisecond),
		res.farthest.Round(time.Millisecond), res.confirmed, res.unseen, usage)
	if res.ends == 0 {
		t.Error("nothing has ended")
	}
}

// hangingDocker is a docker whose inspect hangs while the file beside it named "hangs" names a container that it is asked for.
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

// docker does something to a container, which may fail: daemon and containerd do.
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

// pause waits, unless it is over.
func (s *soak) pause(d time.Duration) {
	select {
	case <-s.over:
	case <-time.After(d):
	}
}

// between is a random length of time.
func between(from, to time.Duration) time.Duration {
	return from + time.Duration(rand.Int64N(int64(to-from)))
}

// act does things to containers until it is over.
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
			s.docker("stop", name, "-t", "1")
		case 2:
			s.docker("restart", name, "-t", "1")
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

// outside kills a first process behind Docker's back.
func (s *soak) outside(run *soakRun) {
	done := s.log.begins(run.name, doOutside)
	if err := run.first.kill(unix.SIGKILL); err != nil {
		done(err.Error())
		return
	}
	done("")
}

// some kills some first processes behind Docker's back, at any time of a length.
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

// fault makes something fail, again and again until it is over, and repairs it.
func (s *soak) fault() {
	faults := []func() error{s.dies, s.shutsDown, s.mute, s.containerdMute, s.shimDies, s.shimDies, s.inspectHangs}
	for n := 0; ; n++ {
		if n%len(faults) == 0 {
			rand.Shuffle(len(faults), func(i, j int) { faults[i], faults[j] = faults[j], faults[i] }) // each of them comes
		}
		s.pause(between(3*time.Second, 10*time.Second))
		if s.isOver() {
			return
		}
		if err := faults[n%len(faults)](); err != nil {
			s.t.Errorf("the soak cannot go on: %v", err)
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

// dies: dockerd is killed, and started again.
func (s *soak) dies() error {
	done := s.log.begins("", doDead)
	if err := s.d.crash(); err != nil {
		return err
	}
	s.some(between(time.Second, 12*time.Second))
	done("")
	return s.start()
}

// shutsDown: the daemon ends as it should, and is started again.
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

// mute: dockerd stands still.
func (s *soak) mute() error {
	done := s.log.begins("", doMute)
	s.d.signal(unix.SIGSTOP)
	s.some(between(5*time.Second, 20*time.Second))
	s.d.signal(unix.SIGCONT)
	done("")
	return nil
}

// containerdMute: containerd stands still. dockerd may end it for that, and start another.
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

// shimDies: the shims of some containers are killed.
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

// inspectHangs: for a while, inspect does not answer about one container.
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

// soakSize is how long, and how many containers, as HALTSCOPE_SOAK and HALTSCOPE_SOAK_CONTAINERS say.
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
