package acceptance

import (
	"bytes"
	"cmp"
	"fmt"
	"maps"
	"math/rand/v2"
	"os"
	"os/exec"
	"slices"
	"strconv"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/tidwall/gjson"
	"golang.org/x/sys/unix"
)

// TestSoak acts on many real containers in random order for HALTSCOPE_SOAK, and compares every line of a watch with the
// actions: none may be missing or wrong. HALTSCOPE_SOAK_CONTAINERS sets the number of containers, by default 30.
func TestSoak(t *testing.T) {
	if os.Getenv("HALTSCOPE_SOAK") == "" {
		t.Skip("HALTSCOPE_SOAK is not set: scripts/soak runs this")
	}
	length, containers := soakSize(t, 30)
	w := watchProcess(t, "--filter", "name=^hs-soak-")
	var all sync.WaitGroup
	var mu sync.Mutex
	done := map[string][]string{}
	sent := map[string]int{} // signals of floods
	until := time.Now().Add(length)
	hostKill := "inconclusive 137 " // without a wait status, 137 could be the program's own exit code
	if known, err := kernelReportsWaitStatus(); err != nil {
		t.Fatal(err)
	} else if known {
		hostKill = "killed 137 "
	}
	const workers = 6
	for worker := range workers {
		all.Go(func() {
			var mine []*soakContainer
			for i := worker; i < containers; i += workers {
				mine = append(mine, &soakContainer{t: t, name: fmt.Sprintf("hs-soak-%d", i), deaf: i%3 == 0, hostKill: hostKill})
			}
			for _, p := range mine { // start all of them
				p.act()
			}
			for time.Now().Before(until) && !t.Failed() {
				mine[rand.IntN(len(mine))].act()
			}
			for _, p := range mine {
				p.remove()
				mu.Lock()
				done[p.name], sent[p.name] = p.done, p.sent
				mu.Unlock()
			}
		})
	}
	record := func(name string, want []string) {
		mu.Lock()
		defer mu.Unlock()
		done[name] = append(done[name], want...)
	}
	odd := &soakOdd{t: t, hostKill: "die/" + hostKill, record: record}
	for _, act := range []func(){odd.namespace, odd.firstThread} {
		all.Go(func() {
			for time.Now().Before(until) && !t.Failed() {
				act()
			}
		})
	}
	all.Wait()
	time.Sleep(8 * time.Second) // the longest that a line waits for more information
	usage := w.usage(t)
	lines := w.end(t, unix.SIGTERM, 0)
	reported, kinds, survived := reportedActions(lines)
	for name, want := range sent {
		if survived[name] != want {
			t.Errorf("%s: %d signals were sent and survived, and %d are reported", name, want, survived[name])
		}
	}
	score := scoreSoak(t, done, reported, lines)
	t.Logf("%d containers, %d actions, %d lines, %d missing, %d wrong, %d undecided, %d gaps; the watch: %s", len(done), score.actions,
		len(lines), score.missing, score.wrong, score.undecided, kinds["gap"], usage)
	for _, what := range slices.Sorted(maps.Keys(kinds)) {
		t.Logf("%6d %s", kinds[what], what)
	}
	if score.actions == 0 || kinds["gap"] > 0 || score.undecided > score.actions/100 {
		t.Errorf("%d actions, %d gaps, %d undecided", score.actions, kinds["gap"], score.undecided)
	}
}

// soakScore counts actions, and the lines about them that are missing, wrong or undecided.
type soakScore struct{ actions, missing, wrong, undecided int }

// scoreSoak compares what was done to each container with what is reported, and fails the test for each difference.
func scoreSoak(t *testing.T, done, reported map[string][]string, lines []string) (s soakScore) {
	for name, want := range done {
		s.actions += len(want)
		s.undecided += decide(reported[name], want)
		if slices.Equal(want, reported[name]) {
			continue
		}
		t.Errorf("%s\ndone     %q\nreported %q", name, want, reported[name])
		for _, line := range lines {
			if gjson.Get(line, "container.name").Str == name {
				t.Logf("%s", line)
			}
		}
		s.missing += len(without(want, reported[name]))
		s.wrong += max(1, len(without(reported[name], want))) // if no line is wrong, the order is
	}
	return s
}

// reportedActions returns what the lines of a watch report about each container, in the order of their times, and the
// number of lines of each kind. Signals that a container survived are counted apart: how many lines they take depends on the time.
func reportedActions(lines []string) (reported map[string][]string, kinds, survived map[string]int) {
	type line struct {
		at         time.Time
		name, what string
	}
	var sorted []line
	reported, kinds, survived = map[string][]string{}, map[string]int{}, map[string]int{}
	for _, text := range lines {
		l := gjson.Parse(text)
		what := l.Get("action").Str
		if n := l.Get("count"); n.Exists() {
			kinds["survived signals"]++
			survived[l.Get("container.name").Str] += int(n.Int())
			continue
		}
		if v := l.Get("verdict").Str; v != "" {
			what += "/" + v
		}
		kinds[what]++
		if code := l.Get("exit_code"); code.Exists() {
			what += fmt.Sprintf(" %d %s", code.Int(), l.Get("signals").Raw)
		}
		if strings.Contains(l.Get("message").Str, "the PID namespace of ") {
			what += namespaceEnded
		}
		sorted = append(sorted, line{l.Get("time").Time(), l.Get("container.name").Str, what})
	}
	slices.SortStableFunc(sorted, func(a, b line) int { return cmp.Compare(a.at.UnixNano(), b.at.UnixNano()) })
	for _, l := range sorted {
		reported[l.name] = append(reported[l.name], l.what)
	}
	return reported, kinds, survived
}

// decide replaces each inconclusive line by the action, if the rest of the line matches it, and counts them. On a busy
// machine, a run may be over before the kernel could be asked, and the SIGKILL of a stop may come late; then the line says that the
// verdict is not known.
func decide(reported, done []string) (undecided int) {
	for i, what := range reported {
		action, rest, inconclusive := strings.Cut(what, "/inconclusive")
		if i < len(done) && inconclusive && what != done[i] && strings.HasPrefix(done[i], action+"/") && strings.HasSuffix(done[i], rest) {
			undecided++
			reported[i] = done[i]
		}
	}
	return undecided
}

// without returns what is more often in one list than in the other.
func without(all, some []string) (left []string) {
	some = slices.Clone(some)
	for _, one := range all {
		if i := slices.Index(some, one); i >= 0 {
			some = slices.Delete(some, i, i+1)
		} else {
			left = append(left, one)
		}
	}
	return left
}

// soakContainer is a container that the soak acts on, with the actions so far.
type soakContainer struct {
	t        *testing.T
	name     string
	deaf     bool   // ignores its stop signal
	hostKill string // the reported verdict and exit code of a SIGKILL that Docker did not send
	made     bool
	running  bool
	done     []string
	sent     int // signals of floods
}

func (p *soakContainer) docker(args ...string) string {
	out, err := dockerCmd(args...).CombinedOutput()
	if err != nil {
		p.t.Errorf("docker %v: %v: %s", args, err, out)
	}
	return strings.TrimSpace(string(out))
}

const killed = "kill/killed 137 [9]"

func (p *soakContainer) act() {
	if !p.made {
		image := "haltscope-test/nginx"
		if p.deaf {
			image = "haltscope-test/script"
		}
		// The watch knows only the container's own grace.
		p.docker("run", "--detach", "--network", "none", "--stop-timeout", "1", "--name", p.name, image)
		p.made, p.running = true, true
		p.done = append(p.done, "start")
		time.Sleep(time.Second) // until it handles its signals
		return
	}
	if !p.running {
		p.docker("start", p.name)
		p.running = true
		p.done = append(p.done, "start")
		time.Sleep(time.Second)
		return
	}
	ended := "stop/graceful 0 [3]" // nginx has another stop signal
	if p.deaf {
		ended = "stop/forced 137 [15,9]"
	}
	switch rand.IntN(7) {
	case 0:
		p.docker("kill", p.name)
		p.running = false
		p.done = append(p.done, killed)
	case 1:
		p.docker("stop", p.name)
		p.running = false
		p.done = append(p.done, ended)
	case 2:
		p.docker("restart", p.name)
		p.done = append(p.done, ended, "restart/restarted")
		time.Sleep(time.Second)
	case 3:
		p.docker("pause", p.name)
		time.Sleep(time.Duration(rand.IntN(1500)) * time.Millisecond)
		p.docker("unpause", p.name)
		p.done = append(p.done, "pause/paused", "unpause/resumed")
	case 4:
		p.docker("pause", p.name)
		p.docker("kill", p.name)
		p.running = false
		p.done = append(p.done, "pause/paused", killed)
	case 5: // without Docker's knowledge
		pid, err := strconv.Atoi(p.docker("inspect", "--format", "{{.State.Pid}}", p.name))
		if err != nil || pid <= 0 {
			p.t.Errorf("%s: first process %d, %v", p.name, pid, err)
			return
		}
		unix.Kill(pid, unix.SIGKILL)
		p.docker("wait", p.name)
		p.running = false
		p.done = append(p.done, "die/"+p.hostKill)
	case 6: // a flood of signals that do nothing
		for range 40 {
			p.docker("kill", "--signal", "URG", p.name)
		}
		p.sent += 40
		time.Sleep(3 * time.Second) // until it counts as survived
	}
}

func (p *soakContainer) remove() {
	if !p.made {
		return
	}
	p.docker("rm", "--force", p.name)
	if p.running {
		p.done = append(p.done, killed)
	}
	p.done = append(p.done, "destroy/removed")
}

// watching is a running watch.
type watching struct {
	*exec.Cmd
	out, err bytes.Buffer
	mu       sync.Mutex
	came     []time.Time // when each line arrived
	began    time.Time
}

func (w *watching) Write(p []byte) (int, error) {
	w.mu.Lock()
	defer w.mu.Unlock()
	for range bytes.Count(p, []byte("\n")) {
		w.came = append(w.came, time.Now())
	}
	return w.out.Write(p)
}

// watchLine is a line of a watch.
type watchLine struct {
	came, at        time.Time // when it was written, and when the event happened
	name, id        string
	action, verdict string
	code            *int // nil for none
	missing, text   string
	endedAt         time.Time // in a confirm line
}

// lines returns the lines that the watch has written so far.
func (w *watching) lines() (all []watchLine) {
	w.mu.Lock()
	defer w.mu.Unlock()
	for n, text := range strings.SplitAfter(w.out.String(), "\n") {
		if n == len(w.came) {
			break // incomplete
		}
		l := gjson.Parse(text)
		line := watchLine{came: w.came[n], at: l.Get("time").Time(), name: l.Get("container.name").Str, id: l.Get("container.id").Str,
			action: l.Get("action").Str, verdict: l.Get("verdict").Str, missing: l.Get("missing").Str, text: strings.TrimSpace(text),
			endedAt: l.Get("ended_at").Time()}
		if code := l.Get("exit_code"); code.Type == gjson.Number {
			n := int(code.Int())
			line.code = &n
		}
		all = append(all, line)
	}
	return all
}

// end reports whether the line is about the end of a run. A signal that the container survived has no verdict.
func (l watchLine) end() bool {
	return l.verdict != "" && (l.action == "die" || l.action == "stop" || l.action == "kill")
}

// ends returns the lines about the ends of a container.
func (w *watching) ends(name string) (all []watchLine) {
	for _, l := range w.lines() {
		if l.name == name && l.end() {
			all = append(all, l)
		}
	}
	return all
}

// text returns what the watch has written so far.
func (w *watching) text() string {
	w.mu.Lock()
	defer w.mu.Unlock()
	return w.out.String()
}

func watchProcess(t *testing.T, args ...string) *watching {
	t.Helper()
	return watchCommand(t, exec.Command(haltscope, append([]string{"watch"}, args...)...))
}

// watchCommand starts a watch, and waits until it is ready.
func watchCommand(t *testing.T, cmd *exec.Cmd) *watching {
	t.Helper()
	w := &watching{Cmd: cmd, began: time.Now()}
	w.Stdout, w.Stderr = w, &w.err
	if err := w.Start(); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { w.Process.Kill() })
	w.until(t, `"action":"watch"`)
	return w
}

// until waits until the watch has written a text.
func (w *watching) until(t *testing.T, text string) {
	t.Helper()
	for deadline := time.Now().Add(5 * time.Minute); !strings.Contains(w.text(), text); time.Sleep(50 * time.Millisecond) {
		if time.Now().After(deadline) {
			t.Fatalf("the watch has not written %s:\n%s", text, w.text())
		}
	}
}

// usage returns the memory and the CPU time of the watch.
func (w *watching) usage(t *testing.T) string {
	t.Helper()
	own, calls := w.ticks(t)
	return fmt.Sprintf("VmRSS %d kB, VmHWM %d kB, CPU %d ms, and %d ms of the docker client, in %s",
		w.status(t, "VmRSS"), w.status(t, "VmHWM"), 10*own, 10*calls, time.Since(w.began).Round(time.Second))
}

// status returns a figure from the watch's /proc/PID/status.
func (w *watching) status(t *testing.T, key string) int {
	t.Helper()
	status, err := os.ReadFile(fmt.Sprintf("/proc/%d/status", w.Process.Pid))
	if err != nil {
		t.Fatal(err)
	}
	for line := range strings.Lines(string(status)) {
		if fields := strings.Fields(line); len(fields) > 1 && fields[0] == key+":" {
			v, _ := strconv.Atoi(fields[1])
			return v
		}
	}
	t.Fatalf("no %s", key)
	return 0
}

// ticks returns the CPU time of the watch, and of its docker processes that have ended, in hundredths of a second:
// fields 14 to 17 of /proc/PID/stat.
func (w *watching) ticks(t *testing.T) (own, calls int) {
	t.Helper()
	stat, err := os.ReadFile(fmt.Sprintf("/proc/%d/stat", w.Process.Pid))
	if err != nil {
		t.Fatal(err)
	}
	fields := strings.Fields(string(stat[bytes.LastIndexByte(stat, ')')+1:]))
	var v [4]int
	for n := range v {
		v[n], _ = strconv.Atoi(fields[11+n])
	}
	return v[0] + v[1], v[2] + v[3]
}

// end ends the watch by a signal and returns its lines, each of which is whole.
func (w *watching) end(t *testing.T, signal os.Signal, want int) []string {
	t.Helper()
	w.Process.Signal(signal)
	stuck := time.AfterFunc(2*time.Minute, func() { w.Process.Kill() })
	w.Wait()
	stuck.Stop()
	if code := w.ProcessState.ExitCode(); code != want {
		t.Errorf("exit code %d, wanted %d: %s", code, want, w.err.String())
	}
	text := w.text()
	if !strings.HasSuffix(text, "\n") {
		t.Errorf("the last line is incomplete: %q", text[max(0, len(text)-100):])
	}
	var lines []string
	for line := range strings.Lines(text) {
		if !gjson.Valid(line) {
			t.Errorf("not a line of JSON: %s", line)
		}
		if err := followsSchema(line); err != nil {
			t.Errorf("%v: %s", err, line)
		}
		lines = append(lines, line)
	}
	return lines
}
