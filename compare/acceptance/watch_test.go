package acceptance

import (
	"io"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/rogpeppe/go-internal/testscript"
	"github.com/tidwall/gjson"
	"golang.org/x/sys/unix"
)

// jsonlCmd implements jsonl FILE CONTAINER ACTION[/VERDICT],...[|...]: the lines about a container report exactly these, in
// this order of time, or those of another alternative. An end that Docker confirmed later, because it did not answer for ten
// seconds, counts once, with the verdict of the confirmation.
func jsonlCmd(ts *testscript.TestScript, neg bool, args []string) {
	if neg || len(args) != 3 {
		ts.Fatalf("usage: jsonl FILE CONTAINER ACTION[/VERDICT],...[|...]")
	}
	var got []string
	end := -1 // the place of the last end in got
	lines := strings.SplitAfter(ts.ReadFile(args[0]), "\n")
	for _, line := range lines {
		if line != "" && !gjson.Valid(line) {
			ts.Fatalf("not a line of JSON: %s", line)
		}
		if err := followsSchema(line); err != nil {
			ts.Fatalf("%v: %s", err, line)
		}
	}
	for _, l := range byTime(lines) {
		if l.Get("container.name").Str != args[1] {
			continue
		}
		action, verdict := l.Get("action").Str, l.Get("verdict").Str
		what := action
		if verdict != "" {
			what += "/" + verdict
		}
		switch {
		case action == "confirm" && end >= 0:
			got[end] = "die/" + verdict
			continue
		case action == "die":
			end = len(got)
		}
		got = append(got, what)
	}
	if text := strings.Join(got, ","); !slices.Contains(strings.Split(args[2], "|"), text) {
		ts.Fatalf("%s:\n got %s\nwant %s\n%s", args[1], text, args[2], ts.ReadFile(args[0]))
	}
}

// byTime sorts the lines of a watch by the time of their events: a line may wait for more information while the next
// one is written.
func byTime(lines []string) []gjson.Result {
	var all []gjson.Result
	for _, line := range lines {
		if line != "" {
			all = append(all, gjson.Parse(line))
		}
	}
	slices.SortStableFunc(all, func(a, b gjson.Result) int { return a.Get("time").Time().Compare(b.Get("time").Time()) })
	return all
}

// TestWatchAcrossDaemons kills a real daemon during a watch, starts it again, and stops it in good order.
func TestWatchAcrossDaemons(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	d := newDaemon(t, dir)
	must := func(args ...string) {
		t.Helper()
		if out, err := d.docker(args...); err != nil {
			t.Fatalf("docker %v: %v: %s", args, err, out)
		}
	}
	d.load(t, "haltscope-test/script")
	w := d.watch(t)
	must("run", "--detach", "--network", "none", "--name", "hs-second", "haltscope-test/script")
	w.until(t, `"action":"start"`)
	d.kill(t)
	w.until(t, `"action":"daemon"`)
	w.Process.Signal(unix.SIGHUP) // must have no effect
	d.start(t)
	w.until(t, "docker events stream restored")
	w.until(t, `"action":"gap"`)
	// Without live-restore, the daemon ends the containers that it finds running.
	w.until(t, `"verdict":"forced"`)
	must("start", "hs-second")
	must("kill", "hs-second")
	w.until(t, `"verdict":"killed"`)
	must("rm", "hs-second")
	w.until(t, `"verdict":"removed"`)
	lines := w.end(t, unix.SIGTERM, 0)
	text := strings.Join(lines, "")
	for what, n := range map[string]int{`"action":"gap"`: 1, `"action":"daemon"`: 2, `"action":"start"`: 2, `"action":"destroy"`: 1} {
		if got := strings.Count(text, what); got != n {
			t.Errorf("%d lines of %s, wanted %d:\n%s", got, what, n, text)
		}
	}
}

// client has a timeout, so that a watch that hangs does not hang the tests.
var client = &http.Client{Timeout: time.Minute}

// TestWatchMetrics checks that a real watch serves its metrics, and that it does not start if the port is taken.
func TestWatchMetrics(t *testing.T) {
	file := filepath.Join(t.TempDir(), "haltscope.prom")
	w := watchProcess(t, "--metrics-listen", "127.0.0.1:19417", "--textfile", file, "--filter", "name=^hs-none$")
	answer, err := client.Get("http://127.0.0.1:19417/metrics")
	if err != nil {
		t.Fatal(err)
	}
	body, _ := io.ReadAll(answer.Body)
	answer.Body.Close()
	if !strings.Contains(string(body), "haltscope_docker_up 1") {
		t.Errorf("%s", body)
	}
	second := exec.Command(haltscope, "watch", "--metrics-listen", "127.0.0.1:19417")
	if out, _ := second.CombinedOutput(); second.ProcessState.ExitCode() != 2 || !strings.Contains(string(out), "use another port") {
		t.Errorf("a port that is taken: %s", out)
	}
	w.end(t, unix.SIGTERM, 0)
	if data, err := os.ReadFile(file); err != nil || !strings.Contains(string(data), "haltscope_gaps_total 0") {
		t.Errorf("%v: %s", err, data)
	}
}
