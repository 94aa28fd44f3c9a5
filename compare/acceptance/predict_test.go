package acceptance

import (
	"bytes"
	"encoding/json"
	"errors"
	"flag"
	"fmt"
	"os"
	"os/exec"
	"slices"
	"strings"
	"sync"
	"testing"
)

// prediction is the part of predict's document that is looked at here.
type prediction struct {
	Containers []struct {
		Stop, Kill, Pause struct {
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
		Match *bool
	}
}

// habit is a program that is stopped, killed and paused; what is predicted of the stop, and what is seen.
type habit struct {
	flags    string // of docker create
	command  string // of haltscope-test/habits, unless it names an image first
	outcome  string // predicted; "a|b" for an undecided one's candidates, the likeliest first
	observed string
	code     int
}

// habits is the table of all cases. A grace of 2 s is long enough for all that end in it, and short for the others.
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
	{"", "/go-stripped", "graceful|terminated|forced", "graceful", 0},
	{"", "/go-stripped other", "graceful|terminated|forced", "inconclusive", 2},
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
	{"", "/habits slow", "graceful|forced", "forced", 137},
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

// TestPredictionsHold: what predict says of a program is what docker then does to it, for each of the habits. On the host
// several are tried side by side, and HALTSCOPE_HABIT picks those whose text holds it; in the lab one after the other.
func TestPredictionsHold(t *testing.T) {
	t.Parallel() // beside TestHelpExamples
	var chosen []int
	for i, h := range habits {
		if strings.Contains(h.String(), os.Getenv("HALTSCOPE_HABIT")) {
			chosen = append(chosen, i)
		}
	}
	found := make([]func() []string, len(habits))
	var all sync.WaitGroup
	at := make(chan struct{}, 3)
	for _, i := range chosen {
		found[i] = sync.OnceValue(func() []string { return habits[i].try(i) })
		if lab() || picked() {
			continue // one after the other
		}
		all.Go(func() {
			at <- struct{}{}
			defer func() { <-at }()
			found[i]()
		})
	}
	for _, i := range chosen {
		t.Run(strings.ReplaceAll(habits[i].String(), "/", ""), func(t *testing.T) {
			for _, problem := range found[i]() {
				t.Error(problem)
			}
		})
	}
	all.Wait()
}

// picked reports whether tests within a test were picked: then the others must not run.
func picked() bool { return strings.Contains(flag.Lookup("test.run").Value.String(), "/") }

// try makes a container that is never started, and has predict try its like.
func (h habit) try(i int) (problems []string) {
	fail := func(format string, args ...any) { problems = append(problems, fmt.Sprintf(format, args...)) }
	name := fmt.Sprintf("haltscope-habit-%d-%d", os.Getpid(), i)
	image, command := "haltscope-test/habits", h.command
	if base, rest, ok := strings.Cut(command, ":"); ok && !strings.Contains(base, " ") {
		image, command = "haltscope-test/"+base, rest
	}
	// On a busy machine, a program that ends at once takes seconds for it.
	grace, baseline := "2", "3s"
	if lab() {
		baseline = "12s"
	}
	if h.observed != "forced" {
		grace = "30"
	}
	args := append([]string{"create", "--name", name, "--stop-timeout", grace}, strings.Fields(h.flags)...)
	args = append(append(args, image), strings.Fields(command)...)
	if out, err := dockerCmd(args...).CombinedOutput(); err != nil {
		fail("docker %v: %v: %s", args, err, out)
		return problems
	}
	defer dockerCmd("rm", "--force", name).Run()
	var stdout, stderr bytes.Buffer
	cmd := exec.Command(haltscope, "predict", "--verify", "--like", name, "--baseline", baseline, "--format", "json")
	cmd.Stdout, cmd.Stderr = &stdout, &stderr
	err := cmd.Run()
	var exit *exec.ExitError
	if err != nil && !errors.As(err, &exit) || stdout.Len() == 0 {
		fail("%v: %s", err, &stderr)
		return problems
	}
	var doc prediction
	if err := json.Unmarshal(stdout.Bytes(), &doc); err != nil || len(doc.Containers) != 1 {
		fail("%v: %s", err, &stdout)
		return problems
	}
	c := doc.Containers[0]
	outcome := c.Stop.Outcome
	if outcome == "undecided" {
		outcome = strings.Join(c.Stop.Candidates, "|")
	}
	seen := c.Stop.Observed
	if outcome != h.outcome || seen == nil || seen.Outcome != h.observed || seen.ExitCode == nil || *seen.ExitCode != h.code {
		fail("stop: predicted %s, wanted %s; seen %+v, wanted %s with %d; because %v", outcome, h.outcome, seen, h.observed, h.code, c.Stop.Because)
	}
	if h.observed != "inconclusive" && (c.Stop.Match == nil || !*c.Stop.Match) {
		fail("stop: match %v", c.Stop.Match)
	}
	if c.Kill.Outcome != "killed" || c.Kill.Match == nil || !*c.Kill.Match {
		fail("kill: %+v", c.Kill)
	}
	if c.Pause.Outcome != "paused" || c.Pause.Match == nil || !*c.Pause.Match {
		fail("pause: %+v", c.Pause)
	}
	if c.Match == nil || !*c.Match || err != nil {
		fail("match %v, %v: %s", c.Match, err, &stderr)
	}
	return slices.Clip(problems)
}
