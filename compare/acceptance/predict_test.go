package acceptance

import (
	"bytes"
	"encoding/json"
	"fmt"
	"os"
	"os/exec"
	"regexp"
	"slices"
	"strings"
	"testing"
	"time"
)

// prediction is the part of predict's document that these tests read.
type prediction struct {
	Containers []struct {
		Name              string
		Stop, Kill, Pause predicted
		Match             *bool
	}
}

type predicted struct {
	Outcome    string
	Candidates []string
	Observed   *struct {
		Outcome  string
		ExitCode *int `json:"exit_code"`
		Missing  string
	}
	Match   *bool
	Because []struct{ Source, Value string }
}

// text returns the outcome, or the candidates if the prediction is undecided.
func (f predicted) text() string {
	if f.Outcome == "undecided" {
		return strings.Join(f.Candidates, "|")
	}
	return f.Outcome
}

// actionReport is the part of the reports of stop, kill, pause and unpause that these tests read.
type actionReport struct {
	Containers []struct {
		Name    string
		Verdict *struct {
			Kind    string
			Because []struct{ Source, Value string }
		}
		ExitCode *int `json:"exit_code"`
	}
}

// check compares the result of an action on one container with the wanted verdict and exit code. A negative exit code
// means none.
func (d actionReport) check(t *testing.T, i int, kind string, code int) {
	t.Helper()
	c := d.Containers[i]
	switch {
	case c.Verdict == nil || c.Verdict.Kind != kind:
		t.Errorf("seen %+v, wanted %s", c.Verdict, kind)
	case code >= 0 && (c.ExitCode == nil || *c.ExitCode != code):
		t.Errorf("%s: exit code %+v, wanted %d", kind, c.ExitCode, code)
	}
}

// habit is a program that the tests stop, kill and pause, with the predicted and the observed outcome of the stop.
type habit struct {
	flags    string // of docker create
	command  string // of haltscope-test/habits, unless it names an image first
	outcome  string // predicted; "a|b" are the candidates of an undecided prediction, the likeliest first
	observed string
	code     int
}

// habits lists all cases.
var habits = []habit{
	{"", "nginx:", "graceful|forced", "graceful", 0},
	{"", "redis:", "graceful|forced", "graceful", 0},

	{"", "/script", "forced", "forced", 137},
	{"--init", "/script", "terminated", "terminated", 143},
	{"", "/exec", "graceful|forced", "graceful", 0},
	{"", "/trap", "graceful|forced", "graceful", 0},
	{"", "/foreground", "forced|graceful", "forced", 137},
	{"--pid=host", "/script", "terminated", "terminated", 143},

	{"", "/go-notify", "graceful|forced", "graceful", 0},
	{"--pid=host", "/go-notify", "graceful|forced", "graceful", 0},
	{"", "/go-plain", "terminated", "terminated", 2},
	{"--init", "/go-plain", "terminated", "terminated", 143},
	{"--pid=host", "/go-plain", "terminated", "terminated", 143},
	{"", "/go-notify other", "terminated", "terminated", 2},
	{"", "/go-stripped", "graceful|forced", "graceful", 0},
	{"", "/go-stripped other", "terminated", "terminated", 2},
	{"--stop-signal QUIT", "/go-plain", "terminated", "terminated", 2},
	{"--stop-signal USR1", "/go-plain", "forced", "forced", 137},

	{"", "python3 /plain.py", "forced", "forced", 137},
	{"--init", "python3 /plain.py", "terminated", "terminated", 143},
	{"--pid=host", "python3 /plain.py", "terminated", "terminated", 143},
	{"", "python3 /handles.py", "graceful|forced", "graceful", 0},

	{"", "/habits signalfd", "graceful|forced", "graceful", 0},
	{"", "/habits signalfd-epoll", "graceful|forced", "graceful", 0},
	{"--pid=host", "/habits signalfd", "graceful|forced", "graceful", 0},
	{"", "/habits signalfd-open", "forced", "forced", 137},
	{"--init", "/habits signalfd-open", "terminated", "terminated", 143},
	{"", "/habits sigwait", "graceful|forced", "graceful", 0},
	{"--init", "/habits sigwait", "graceful|forced", "graceful", 0},
	{"--pid=host", "/habits sigwait", "graceful|forced", "graceful", 0},
	{"", "/habits sigwait-thread", "graceful|forced", "graceful", 0},
	{"", "/habits sigwait-other", "forced", "forced", 137},
	{"", "/habits sigwait-open", "forced", "forced", 137},
	{"--init", "/habits sigwait-open", "terminated", "terminated", 143},

	{"", "/habits ignores", "forced", "forced", 137},
	{"--init", "/habits ignores", "forced", "forced", 137},
	{"--pid=host", "/habits ignores", "forced", "forced", 137},
	{"", "/habits blocks", "forced", "forced", 137},
	{"--pid=host", "/habits blocks", "forced", "forced", 137},
	{"", "/habits looks", "forced|graceful", "graceful", 0},

	{"", "/habits default", "forced", "forced", 137},
	{"--pid=host", "/habits default", "terminated", "terminated", 143},
	{"", "/habits handles", "graceful|forced", "graceful", 0},
	{"--pid=host", "/habits handles", "graceful|forced", "graceful", 0},
	{"", "/habits thread-handles", "graceful|forced", "graceful", 0},
	{"", "/habits outlives", "graceful|forced", "forced", 137},
	{"", "/habits slow 300", "graceful|forced", "forced", 137},
	{"--init", "/habits stopped", "forced", "forced", 137},
	{"", "/habits family", "graceful|forced", "graceful", 0},

	{"--entrypoint dumb-init", "/habits default", "terminated", "terminated", 143},
	{"--entrypoint catatonit", "-- /habits default", "terminated", "terminated", 143},
	{"--entrypoint dumb-init", "/habits handles", "graceful|forced", "graceful", 0},
	{"--entrypoint dumb-init", "--rewrite 15:2 -- python3 /plain.py", "graceful|forced", "graceful", 130},
	{"--entrypoint dumb-init", "--rewrite 15:2 -- /habits default", "terminated", "terminated", 130},
	{"--init --entrypoint dumb-init", "--rewrite 15:2 -- /habits handles", "terminated", "terminated", 130},

	{"--stop-signal KILL", "/habits handles", "killed", "killed", 137},
	{"--stop-signal INT", "/habits handles", "forced", "forced", 137},
	{"--stop-signal WINCH --init", "/habits default", "forced", "forced", 137},
	{"--stop-signal QUIT --init", "/habits default", "terminated", "terminated", 131},
	{"--stop-signal RTMIN+3 --init", "/habits default", "terminated", "terminated", 165},
}

func (h habit) String() string { return strings.TrimSpace(h.flags + " " + h.command) }

// TestPredictionsHold checks that docker does to each program what predict says, for ten habits at a time.
// HALTSCOPE_HABIT is a pattern that selects some of them.
func TestPredictionsHold(t *testing.T) {
	t.Parallel() // it mostly waits
	pick := regexp.MustCompile(os.Getenv("HALTSCOPE_HABIT"))
	var chosen []habit
	for _, h := range habits {
		if pick.MatchString(h.String()) {
			chosen = append(chosen, h)
		}
	}
	if len(chosen) == 0 {
		t.Fatalf("HALTSCOPE_HABIT, %s, selects no habit", pick)
	}
	first := true
	for batch := range slices.Chunk(chosen, 10) {
		checkHabits(t, batch, first)
		first = false
	}
}

// checkHabits stops the programs of some habits concurrently. If wanted, it also pauses and kills them, which comes to the same for
// every program.
func checkHabits(t *testing.T, batch []habit, pauseAndKill bool) {
	var names []string
	defer func() { dockerCmd(append([]string{"rm", "--force"}, names...)...).Run() }()
	for _, h := range batch {
		name := fmt.Sprintf("haltscope-habit-%d-%d", os.Getpid(), len(names))
		h.create(t, name)
		names = append(names, name)
	}
	start := func() {
		if out, err := dockerCmd(append([]string{"start"}, names...)...).CombinedOutput(); err != nil {
			t.Fatalf("docker start %v: %v: %s", names, err, out)
		}
	}
	start()
	time.Sleep(settles())
	var before prediction
	readDocument(t, &before, append([]string{"predict"}, names...)...)
	if len(before.Containers) != len(names) {
		t.Fatalf("predictions of %d containers, not of %d", len(before.Containers), len(names))
	}
	do := func(action string) (done actionReport) {
		readDocument(t, &done, append([]string{action}, names...)...)
		if len(done.Containers) != len(names) {
			t.Fatalf("%s of %d containers, not of %d", action, len(done.Containers), len(names))
		}
		for i, c := range done.Containers {
			if c.Name != names[i] || before.Containers[i].Name != names[i] {
				t.Fatalf("%s: found %s and %s, wanted %s", action, before.Containers[i].Name, c.Name, names[i])
			}
		}
		return done
	}
	var paused, resumed, killed actionReport
	if pauseAndKill {
		paused, resumed = do("pause"), do("unpause")
	}
	stopped := do("stop")
	if pauseAndKill {
		start()
		time.Sleep(settles())
		killed = do("kill")
	}
	for i, h := range batch {
		t.Run(strings.ReplaceAll(h.String(), "/", ""), func(t *testing.T) {
			c := before.Containers[i]
			if c.Stop.text() != h.outcome || c.Kill.text() != "killed" || c.Pause.text() != "paused" {
				t.Errorf("predicted: stop %s, wanted %s, because %v; kill %s; pause %s", c.Stop.text(), h.outcome, c.Stop.Because, c.Kill.text(),
					c.Pause.text())
			}
			stopped.check(t, i, h.observed, h.code)
			if pauseAndKill {
				paused.check(t, i, "paused", -1)
				resumed.check(t, i, "resumed", -1)
				killed.check(t, i, "killed", 137)
			}
		})
	}
}

// create creates a container and does not start it.
func (h habit) create(t *testing.T, name string) {
	t.Helper()
	image, command := "haltscope-test/habits", h.command
	if base, rest, ok := strings.Cut(command, ":"); ok && !strings.Contains(base, " ") {
		image, command = "haltscope-test/"+base, rest
	}
	// On a busy machine, even a program that exits at once may take seconds, and Docker's timer is late: what is to be forced must
	// need much longer than the grace.
	grace := "1"
	if h.observed != "forced" {
		grace = "30"
	}
	args := append([]string{"create", "--name", name, "--stop-timeout", grace, "--network", networkFor([]string{image})},
		strings.Fields(h.flags)...)
	args = append(append(args, image), strings.Fields(command)...)
	if out, err := dockerCmd(args...).CombinedOutput(); err != nil {
		t.Fatalf("docker %v: %v: %s", args, err, out)
	}
}

// settles returns how long a program may need until it handles its signals.
func settles() time.Duration {
	if lab() {
		return 12 * time.Second
	}
	return 3 * time.Second
}

// readDocument runs a command of haltscope, and reads the document that it writes.
func readDocument(t *testing.T, doc any, args ...string) {
	t.Helper()
	if err := read(doc, args...); err != nil {
		t.Fatal(err)
	}
}

func read(doc any, args ...string) error {
	var stdout, stderr bytes.Buffer
	cmd := exec.Command(haltscope, append(args, "--format", "json")...)
	cmd.Stdout, cmd.Stderr = &stdout, &stderr
	if err := cmd.Run(); err != nil {
		return fmt.Errorf("haltscope %v: %w: %s", args, err, &stderr)
	}
	if err := followsSchema(stdout.String()); err != nil {
		return fmt.Errorf("haltscope %v: %w", args, err)
	}
	if err := json.Unmarshal(stdout.Bytes(), doc); err != nil {
		return fmt.Errorf("haltscope %v: %w: %s", args, err, &stdout)
	}
	return nil
}

// TestPredictionsVerified checks that predict --verify observes on a twin what the table of habits says.
func TestPredictionsVerified(t *testing.T) {
	t.Parallel()
	few := []string{"/script", "--init /script", "--pid=host /go-plain", "/go-stripped other", "/habits outlives",
		"--entrypoint dumb-init /habits default"}
	for i, h := range habits {
		if !slices.Contains(few, h.String()) {
			continue
		}
		few = slices.DeleteFunc(few, func(one string) bool { return one == h.String() })
		t.Run(strings.ReplaceAll(h.String(), "/", ""), func(t *testing.T) {
			t.Parallel()
			name := fmt.Sprintf("haltscope-verified-%d-%d", os.Getpid(), i)
			defer dockerCmd("rm", "--force", name).Run()
			h.create(t, name)
			var doc prediction
			readDocument(t, &doc, "predict", "--verify", "--like", name, "--baseline", settles().String())
			if len(doc.Containers) != 1 {
				t.Fatalf("%d containers", len(doc.Containers))
			}
			c := doc.Containers[0]
			for _, f := range []struct {
				predicted
				outcome, observed string
				code              int
			}{{c.Stop, h.outcome, h.observed, h.code}, {c.Kill, "killed", "killed", 137}, {c.Pause, "paused", "paused", -1}} {
				seen := f.Observed
				if f.text() != f.outcome || seen == nil || seen.Outcome != f.observed ||
					f.code >= 0 && (seen.ExitCode == nil || *seen.ExitCode != f.code) {
					t.Errorf("predicted %s, wanted %s; seen %+v, wanted %s with %d; because %v", f.text(), f.outcome, seen, f.observed, f.code, f.Because)
				}
				if slices.Contains(f.Candidates, "graceful") && slices.Contains(f.Candidates, "forced") {
					if f.Match != nil {
						t.Errorf("%s: match %v, where no end could differ", f.outcome, *f.Match)
					}
				} else if f.observed != "inconclusive" && (f.Match == nil || !*f.Match) {
					t.Errorf("%s: match %v", f.outcome, f.Match)
				}
			}
			if c.Match == nil || !*c.Match {
				t.Errorf("match %v", c.Match)
			}
		})
	}
	if len(few) > 0 {
		t.Errorf("no habit matches any of %q", few)
	}
}
