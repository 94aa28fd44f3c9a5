package dockercli

import (
	"context"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"testing/iotest"
	"time"

	"github.com/google/go-cmp/cmp"
	"golang.org/x/sys/unix"
)

// fixtures calls test for each recorded engine and client: testdata/docker-ENGINE-client-CLIENT, made by scripts/record
// of a container of nginx (STOPSIGNAL SIGQUIT, --memory 64m) that ran, was paused and unpaused, and was stopped.
func fixtures(t *testing.T, test func(t *testing.T, read func(name string) []byte)) {
	t.Helper()
	recorded(t, "testdata/docker-*", 3, "scripts/record", test)
}

// recorded calls test for each recording that is there: there must be some, at the least.
func recorded(t *testing.T, pattern string, least int, again string, test func(t *testing.T, read func(name string) []byte)) {
	t.Helper()
	dirs, _ := filepath.Glob(pattern)
	if len(dirs) < least {
		t.Fatalf("only %d of %s: run %s", len(dirs), pattern, again)
	}
	for _, dir := range dirs {
		t.Run(filepath.Base(dir), func(t *testing.T) {
			test(t, func(name string) []byte {
				data, err := os.ReadFile(filepath.Join(dir, name))
				if err != nil {
					t.Fatal(err)
				}
				return data
			})
		})
	}
}

func TestPsAndInspectRecorded(t *testing.T) {
	fixtures(t, func(t *testing.T, read func(string) []byte) {
		for state, status := range map[string]string{"running": "Up ", "paused": "(Paused)", "exited": "Exited (0) "} {
			lines, err := parsePs(read("ps-" + state + ".json"))
			if err != nil || len(lines) != 1 {
				t.Fatalf("%+v, %v", lines, err)
			}
			line := lines[0]
			if line.State != state || !strings.Contains(line.Status, status) || line.Name != "haltscope-record" || len(line.ID) != 64 {
				t.Errorf("%+v", line)
			}
			found, err := parseInspect(read("inspect-" + state + ".json"))
			if err != nil || len(found) != 1 {
				t.Fatalf("%+v, %v", found, err)
			}
			c := found[0]
			// Running is true while paused.
			if c.ID != line.ID || c.Name != "/haltscope-record" || c.State.Status != state || c.State.Paused != (state == "paused") ||
				c.State.Running != (state != "exited") || (c.State.Pid > 0) != (state != "exited") || c.State.OOMKilled || c.State.ExitCode != 0 {
				t.Errorf("%+v", c.State)
			}
			if c.Config.StopSignal != "SIGQUIT" || c.Config.StopTimeout != nil || c.Config.Labels.Own("owner") != "recorded" || c.Config.Labels.Has("signal") {
				t.Errorf("%+v", c.Config)
			}
			if c.State.StartedAt.IsZero() || (state == "exited") != c.State.FinishedAt.After(c.State.StartedAt) {
				t.Errorf("started %s, finished %s", c.State.StartedAt, c.State.FinishedAt)
			}
		}
	})
}

func TestStatsRecorded(t *testing.T) {
	fixtures(t, func(t *testing.T, read func(string) []byte) {
		for _, state := range []string{"running", "paused", "exited"} {
			all, err := parseStats(read("stats-" + state + ".json"))
			if err != nil || len(all) != 1 {
				t.Fatalf("%+v, %v", all, err)
			}
			for id, s := range all {
				if len(id) != 64 || s.CPUPercent == nil || s.MemoryBytes == nil {
					t.Fatalf("%+v", s)
				}
				if (*s.MemoryBytes > 0) != (state != "exited") || *s.CPUPercent < 0 || state != "running" && *s.CPUPercent != 0 {
					t.Errorf("%s: CPU %v, memory %v", state, *s.CPUPercent, *s.MemoryBytes)
				}
			}
		}
	})
}

func TestTopRecorded(t *testing.T) {
	fixtures(t, func(t *testing.T, read func(string) []byte) {
		top, err := parseTop(read("top.txt"))
		if err != nil || len(top.Processes) < 2 || !cmp.Equal(top.Titles, strings.Fields("UID PID PPID C STIME TTY TIME CMD")) {
			t.Fatalf("%+v, %v", top, err)
		}
		if last := top.Processes[0][7]; !strings.HasPrefix(last, "nginx: master process nginx -g daemon off;") {
			t.Errorf("command %q", last)
		}
	})
}

func TestInfoAndImageRecorded(t *testing.T) {
	fixtures(t, func(t *testing.T, read func(string) []byte) {
		info, err := parseInfo(read("info.json"))
		if err != nil || info.ServerVersion == "" || info.KernelVersion == "" || info.CgroupDriver != "cgroupfs" {
			t.Errorf("%+v, %v", info, err)
		}
		image, err := parseImage(read("image.json"))
		if err != nil || image.Config.StopSignal != "SIGQUIT" || !strings.HasPrefix(image.ID, "sha256:") || !image.Config.Labels.Has("haltscope.test") {
			t.Errorf("%+v, %v", image, err)
		}
	})
}

func TestEventsRecorded(t *testing.T) {
	fixtures(t, func(t *testing.T, read func(string) []byte) {
		var actions []string
		for line := range strings.Lines(string(read("events.json"))) {
			e, err := parseEvent([]byte(line))
			if err != nil {
				t.Fatal(err)
			}
			if e.Time.Year() < 2024 || len(e.ID) != 64 {
				t.Errorf("%+v", e)
			}
			switch signal, ok := e.SignalNumber(); {
			case e.Action == "kill" && signal != 3, e.Action != "kill" && ok:
				t.Errorf("%s with signal %q", e.Action, e.Signal)
			}
			switch code, ok := e.ExitStatus(); {
			case e.Action == "die" && (!ok || code != 0), e.Action != "die" && ok:
				t.Errorf("%s with exit code %q", e.Action, e.ExitCode)
			}
			actions = append(actions, e.Action)
		}
		want := strings.Fields("create start top pause unpause kill die stop")
		// From 23.0 on, stop and die may come in either order.
		if n := len(actions); n > 2 && actions[n-2] == "stop" {
			actions[n-2], actions[n-1] = actions[n-1], actions[n-2]
		}
		if diff := cmp.Diff(want, actions); diff != "" {
			t.Error(diff)
		}
	})
}

// API 1.52 dropped the legacy keys; exec's actions embed a command; a label may put anything into an attribute.
func TestParseEvent(t *testing.T) {
	for line, want := range map[string]Event{
		`{"Type":"container","Action":"die","Actor":{"ID":"ab","Attributes":{"exitCode":"42x","signal":9}},"timeNano":1}`: {Action: "die", ID: "ab", Time: time.Unix(0, 1), ExitCode: "42x"},
		`{"Action":"die","Actor":{"ID":"ab","Attributes":{"exitCode":"137","exitcode":"0","EXITCODE":"1"}},"timeNano":1}`: {Action: "die", ID: "ab", Time: time.Unix(0, 1), ExitCode: "137"},
		`{"Action":"exec_create: /bin/sh -c x","Actor":{"ID":"ab"},"timeNano":2}`:                                         {Action: "exec_create", ID: "ab", Time: time.Unix(0, 2)},
		`{"Action":"health_status: healthy","Actor":{"ID":"ab"},"timeNano":3,"new":{}}`:                                   {Action: "health_status", ID: "ab", Time: time.Unix(0, 3)},
	} {
		got, err := parseEvent([]byte(line))
		if err != nil || got != want {
			t.Errorf("%s: %+v, %v", line, got, err)
		}
		if _, ok := got.ExitStatus(); ok && got.ExitCode != "137" {
			t.Errorf("%q is an exit code", got.ExitCode)
		}
	}
	for _, line := range []string{"", "json", "{}", `{"Action":"die","timeNano":1}`, `{"Action":"die","Actor":{"ID":"ab"}}`, `[1]`} {
		if e, err := parseEvent([]byte(line)); err == nil {
			t.Errorf("%q was understood: %+v", line, e)
		}
	}
}

func TestParseStats(t *testing.T) {
	all, err := parseStats([]byte(`{"ID":"a","CPUPerc":"--","MemUsage":"-- / --"}` + "\n\n" + `{"ID":"b","CPUPerc":"199.96%","MemUsage":"1.5GiB / 2GiB"}`))
	if err != nil || all["a"].CPUPercent != nil || all["a"].MemoryBytes != nil || *all["b"].CPUPercent != 199.96 || *all["b"].MemoryBytes != 1.5*(1<<30) {
		t.Errorf("%+v, %v", all, err)
	}
	for _, text := range []string{`{"ID":"a","CPUPerc":"much%"}`, `{"ID":"a","MemUsage":"much / 1GiB"}`, `json`} {
		if _, err := parseStats([]byte(text)); err == nil {
			t.Errorf("%q was understood", text)
		}
	}
}

func TestParseTop(t *testing.T) {
	for _, text := range []string{"", "\n", "PID CMD\n1\n"} {
		if _, err := parseTop([]byte(text)); err == nil {
			t.Errorf("%q was understood", text)
		}
	}
	top, err := parseTop([]byte("PID CMD\n1 a\x1b[31m b\n"))
	if err != nil || !cmp.Equal(top.Processes, [][]string{{"1", "a␛[31m b"}}) {
		t.Errorf("%+v, %v", top, err)
	}
}

func TestShellJoin(t *testing.T) {
	if got := Paste([]string{"docker", "ps", "--format", "{{json .}}", "it's", ""}); got != `docker ps --format '{{json .}}' 'it'\''s' ''` {
		t.Error(got)
	}
}

// fake makes a docker that is a shell script, for faults that a real one cannot be made to show on demand.
func fake(t *testing.T, script string) *Client {
	t.Helper()
	path := filepath.Join(t.TempDir(), "docker")
	if err := os.WriteFile(path, []byte("#!/bin/sh\n"+script), 0o755); err != nil {
		t.Fatal(err)
	}
	return &Client{Path: path, Timeout: 10 * time.Second}
}

// TestPauseGivenUp: a freeze that the runtime gives up is asked for again, a few times, and no other failure is.
func TestPauseGivenUp(t *testing.T) {
	for _, c := range []struct {
		name     string
		fails    int
		why      string
		tries    int
		failed   bool
		mentions string
	}{
		{"at once", 0, "", 1, false, ""},
		{"the third time", 2, "OCI runtime pause failed: unable to freeze: unknown", 3, false, ""},
		{"never", 100, "OCI runtime pause failed: unable to freeze: unknown", pauseTries, true, "tried 5 times: "},
		{"another failure", 100, "Container x is already paused", 1, true, "already paused"},
	} {
		t.Run(c.name, func(t *testing.T) {
			tries := filepath.Join(t.TempDir(), "tries")
			docker := fake(t, fmt.Sprintf("echo >> %s; [ $(wc -l < %s) -gt %d ] || { sleep 0.02; echo 'Error response from daemon: %s' >&2; exit 1; }", tries, tries, c.fails, c.why))
			began := time.Now()
			call, err := docker.Act(context.Background(), "pause", nil, "x", 0)
			text, readErr := os.ReadFile(tries)
			if n := strings.Count(string(text), "\n"); n != c.tries || readErr != nil {
				t.Errorf("%d tries, wanted %d, %v", n, c.tries, readErr)
			}
			if (err != nil) != c.failed || err != nil && (!strings.Contains(err.Error(), c.mentions) || !Refused(err)) {
				t.Errorf("%v", err)
			}
			if call.Started.Before(began) || call.Elapsed < time.Duration(c.tries-1)*20*time.Millisecond || call.Elapsed > time.Since(began) {
				t.Errorf("from %s, for %s", call.Started, call.Elapsed)
			}
		})
	}
}

func TestCallErrors(t *testing.T) {
	ctx := context.Background()
	_, err := fake(t, `echo 'Error: \033[31mno' >&2; exit 1`).Kill(ctx, "x", "TERM")
	var call *CallError
	if !errors.As(err, &call) || call.ExitCode != 1 || !strings.HasSuffix(err.Error(), "docker kill --signal TERM -- x: Error: ␛[31mno") {
		t.Errorf("%v", err)
	}
	slow := fake(t, "exec sleep 60")
	slow.Timeout = 50 * time.Millisecond
	if _, err := slow.Unpause(ctx, "x"); !errors.Is(err, ErrTimeout) {
		t.Errorf("%v", err)
	}
	if _, err := (&Client{Path: "/no/such/docker", Timeout: time.Second}).Pause(ctx, "x"); !errors.Is(err, ErrNoBinary) {
		t.Errorf("%v", err)
	}
	// A flood is read to its end, and not kept.
	if _, err := fake(t, "head -c 20000000 /dev/zero").Pause(ctx, "x"); err == nil || !strings.Contains(err.Error(), "more than") {
		t.Errorf("%v", err)
	}
	interrupted, cancel := context.WithCancel(ctx)
	cancel()
	if _, err := fake(t, "exec sleep 60").Pause(interrupted, "x"); !errors.Is(err, context.Canceled) {
		t.Errorf("%v", err)
	}
}

// A client without a server says so in one of two ways.
func TestInfoWithoutDaemon(t *testing.T) {
	for _, script := range []string{
		`echo '{"ServerVersion":"","ServerErrors":["Cannot connect to x"],"ClientInfo":{"Version":"26.1.5"}}'`,
		`echo '{"ServerVersion":"","ClientInfo":{"Version":"28.2.2"}}'; echo 'Cannot connect to x' >&2; exit 1`,
	} {
		if _, err := fake(t, script).Info(context.Background()); !errors.Is(err, ErrNoDaemon) || !strings.Contains(err.Error(), "Cannot connect to x") {
			t.Errorf("%v", err)
		}
	}
	// Clients before 23.0 do not tell their version there.
	old := fake(t, `case $1 in info) echo '{"ServerVersion":"20.10.24"}' ;; version) echo 20.10.23 ;; esac`)
	if info, err := old.Info(context.Background()); err != nil || info.ClientInfo.Version != "20.10.23" {
		t.Errorf("%+v, %v", info, err)
	}
}

// A busy engine takes its sample too late for the client, which then prints "--".
func TestStatsAskedAgain(t *testing.T) {
	asked := filepath.Join(t.TempDir(), "asked")
	line := func(id, cpu, memory string) string {
		return `echo '{"ID":"` + id + `","CPUPerc":"` + cpu + `","MemUsage":"` + memory + `"}'` + "\n"
	}
	late := fake(t, `if [ ! -e `+asked+` ]; then touch `+asked+"\n"+line("a", "--", "-- / --")+line("b", "1.00%", "2MiB / 4MiB")+
		`else [ $# = 7 ] || exit 9`+"\n"+line("a", "3.00%", "5MiB / 6MiB")+"fi")
	all, err := late.Stats(context.Background(), "a", "b")
	if err != nil || all["a"].CPUPercent == nil || *all["a"].CPUPercent != 3 || *all["b"].MemoryBytes != 2<<20 {
		t.Errorf("%+v, %v", all, err)
	}
	// Where it was the first sample, the call fails.
	refused := filepath.Join(t.TempDir(), "refused")
	first := fake(t, `if [ ! -e `+refused+` ]; then touch `+refused+`; echo 'timeout waiting for stats' >&2; exit 1; fi`+"\n"+line("a", "3.00%", "5MiB / 6MiB"))
	if all, err := first.Stats(context.Background(), "a"); err != nil || all["a"].CPUPercent == nil {
		t.Errorf("%+v, %v", all, err)
	}
	never := fake(t, line("a", "--", "-- / --"))
	if all, err := never.Stats(context.Background(), "a"); err != nil || all["a"].CPUPercent != nil || all["a"].MemoryBytes != nil {
		t.Errorf("%+v, %v", all, err)
	}
}

func TestInspectMissing(t *testing.T) {
	found, err := fake(t, `echo '[{"Id":"a","State":{"Status":"exited"}}]'; echo 'Error: No such container: b' >&2; exit 1`).Inspect(context.Background(), "a", "b")
	if err != nil || len(found) != 1 {
		t.Errorf("%+v, %v", found, err)
	}
	if _, err := fake(t, `echo '[]'; echo 'Cannot connect to the Docker daemon' >&2; exit 1`).Inspect(context.Background(), "a"); err == nil {
		t.Error("a daemon that is out of reach knows of no missing container")
	}
}

// A full id goes before a name, and a name before the start of an id.
func TestPick(t *testing.T) {
	found := map[string]Container{"abc1": {ID: "abc1", Name: "/ab"}, "ab22": {ID: "ab22", Name: "/other"}}
	for name, want := range map[string]string{"abc1": "abc1", "ab": "abc1", "/ab": "abc1", "ab2": "ab22"} {
		if c, ok := pick(found, name); !ok || c.ID != want {
			t.Errorf("%s: %v, %t", name, c.ID, ok)
		}
	}
	// What could be read as a flag, or as another path of the daemon's, is no name.
	for _, name := range []string{"x", "", "-a", "../ab", "a/b", "ab\n", "{{.}}"} {
		if _, ok := pick(found, name); ok {
			t.Errorf("%q was found", name)
		}
	}
}

// Engines may tell an event twice, and hang up at any time.
func TestEventsFollow(t *testing.T) {
	line := func(action, nano string) string {
		return `echo '{"Action":"` + action + `","Actor":{"ID":"ab"},"timeNano":` + nano + `}'` + "\n"
	}
	e, err := fake(t, line("kill", "1")+line("kill", "1")+line("die", "2")+line("start", "9")).Events(context.Background(), time.Now(), "x")
	if err != nil {
		t.Fatal(err)
	}
	saw := e.Await(context.Background(), "ab", time.Unix(0, 2), func(events []Event) bool { return len(events) == 2 })
	if !saw || len(e.Of("ab")) != 3 || len(e.Of("cd")) != 0 {
		t.Errorf("%+v", e.Of("ab"))
	}
	// It has ended: what has not come will not come.
	if e.Await(context.Background(), "ab", time.Time{}, func(events []Event) bool { return len(events) == 99 }) {
		t.Error("events from nowhere")
	}
	if err := e.Close(); err == nil || !strings.Contains(err.Error(), "docker events ended") {
		t.Errorf("%v", err)
	}
	e, err = fake(t, "exec sleep 60").Events(context.Background(), time.Now(), "x")
	if err != nil {
		t.Fatal(err)
	}
	if err := e.Close(); err != nil {
		t.Errorf("closed as asked: %v", err)
	}
}

// An event of a few megabytes, which labels can make of it, ends nothing.
func TestEventsLong(t *testing.T) {
	long := `printf '{"Action":"kill","Actor":{"ID":"ab","Attributes":{"label":"'; head -c 3000000 /dev/zero | tr '\0' x; echo '"}},"timeNano":1}'` + "\n"
	e, err := fake(t, long+`echo '{"Action":"die","Actor":{"ID":"ab"},"timeNano":2}'; exec sleep 60`).Events(context.Background(), time.Now(), "x")
	if err != nil {
		t.Fatal(err)
	}
	if !e.Await(context.Background(), "ab", time.Time{}, func(events []Event) bool { return len(events) == 2 }) {
		t.Errorf("%d events, %v", len(e.Of("ab")), e.Err())
	}
	if err := e.Close(); err != nil {
		t.Error(err)
	}
}

// A container's log may have lines of any length.
func TestFollowLogsLong(t *testing.T) {
	var got []int
	ended := make(chan error)
	err := fake(t, `head -c 3000000 /dev/zero | tr '\0' x; echo; echo; echo ready`).FollowLogs(context.Background(), "ab", time.Time{},
		func(line []byte) { got = append(got, len(line)) }, func(err error) { ended <- err })
	if err != nil {
		t.Fatal(err)
	}
	if err := <-ended; err != nil || !slices.Equal(got, []int{maxLogLine, 0, 5}) {
		t.Errorf("lines of %d bytes, %v", got, err)
	}
}

// A docker that cannot be started for want of something is not one that is missing.
func TestNotStarted(t *testing.T) {
	c := fake(t, "exit 0")
	var limit unix.Rlimit
	if err := unix.Getrlimit(unix.RLIMIT_NOFILE, &limit); err != nil {
		t.Fatal(err)
	}
	none := limit
	none.Cur = 3
	if err := unix.Setrlimit(unix.RLIMIT_NOFILE, &none); err != nil {
		t.Fatal(err)
	}
	_, err := c.run(context.Background(), 0, nil, "ps")
	_, err2 := c.Events(context.Background(), time.Now())
	if err := unix.Setrlimit(unix.RLIMIT_NOFILE, &limit); err != nil {
		t.Fatal(err)
	}
	for _, err := range []error{err, err2} {
		if !errors.Is(err, ErrNotStarted) || errors.Is(err, ErrNoBinary) || !strings.Contains(err.Error(), "ulimit -n") {
			t.Errorf("%v", err)
		}
	}
	for errno, want := range map[error]string{unix.ENFILE: "fs.file-max", unix.EAGAIN: "TasksMax", unix.ENOMEM: "memory has run out"} {
		if err := startError(&os.PathError{Op: "fork/exec", Path: "/usr/bin/docker", Err: errno}); !errors.Is(err, ErrNotStarted) || !errors.Is(err, errno) || !strings.Contains(err.Error(), want) {
			t.Errorf("%v: %v", errno, err)
		}
	}
	for _, errno := range []error{unix.ENOENT, unix.EACCES, unix.ENOEXEC, exec.ErrNotFound} {
		if err := startError(errno); !errors.Is(err, ErrNoBinary) {
			t.Errorf("%v: %v", errno, err)
		}
	}
}

func TestEachLine(t *testing.T) {
	type line struct {
		text   string
		length int
	}
	const bound = 100_000 // more than the reader's buffer
	at, over := strings.Repeat("a", bound), strings.Repeat("b", 3*bound)
	for _, c := range []struct {
		in   string
		want []line
	}{
		{"", nil},
		{"\n", []line{{"", 0}}},
		{"one\n\ntwo", []line{{"one", 3}, {"", 0}, {"two", 3}}},
		{at + "\nshort\n", []line{{at, bound}, {"short", 5}}},
		{"x\n" + over + "\n" + over + "\ny\n", []line{{"x", 1}, {over[:bound], 3 * bound}, {over[:bound], 3 * bound}, {"y", 1}}},
		{strings.Repeat("c", 64<<10) + "\nd", []line{{strings.Repeat("c", 64<<10), 64 << 10}, {"d", 1}}},
		{over, []line{{over[:bound], 3 * bound}}},
	} {
		var got []line
		err := eachLine(strings.NewReader(c.in), bound, func(text []byte, length int) error {
			got = append(got, line{string(text), length})
			return nil
		})
		if err != nil || !slices.Equal(got, c.want) {
			t.Errorf("%.20q, %d bytes: %d lines, wanted %d; %v", c.in, len(c.in), len(got), len(c.want), err)
		}
	}
	enough := errors.New("enough")
	if err := eachLine(strings.NewReader("a\nb\n"), 10, func(text []byte, _ int) error { return enough }); err != enough {
		t.Error(err)
	}
	if err := eachLine(iotest.ErrReader(enough), 10, func([]byte, int) error { return nil }); !errors.Is(err, enough) {
		t.Error(err)
	}
}

func TestEndpoint(t *testing.T) {
	for text, want := range map[string]Endpoint{
		`{"Context":"default","Host":"unix:///var/run/docker.sock"}` + "\n": {"default", "unix:///var/run/docker.sock"},
		`{"Context":"far","Host":"ssh://far"}`:                              {"far", "ssh://far"},
		`{"Context":"default","Host":null}`:                                 {Context: "default"},
	} {
		if got, err := parseEndpoint([]byte(text)); err != nil || got != want {
			t.Errorf("%s: %+v, %v", text, got, err)
		}
	}
	if _, err := parseEndpoint([]byte(`"default"`)); err == nil {
		t.Error("no error of what is not an endpoint")
	}
}

// TestFlags: docker's own flags stand before each verb.
func TestFlags(t *testing.T) {
	c := Client{Path: "echo", Flags: []string{"--context", "far"}, Timeout: time.Minute}
	call, err := c.run(context.Background(), 0, nil, "ps", "--all")
	if got := string(call.Stdout); err != nil || got != "--context far ps --all\n" {
		t.Errorf("%q, %v", got, err)
	}
}

func FuzzParsers(f *testing.F) {
	files, _ := filepath.Glob("testdata/*/*")
	for _, file := range files {
		data, err := os.ReadFile(file)
		if err != nil {
			f.Fatal(err)
		}
		f.Add(data)
	}
	f.Fuzz(func(t *testing.T, data []byte) {
		if e, err := parseEvent(data); err == nil && (e.Action == "" || e.ID == "" || Clean(e.Action) != e.Action) {
			t.Errorf("%+v", e)
		}
		parsePs(data)
		parseInspect(data)
		parseImage(data)
		parseInfo(data)
		if top, err := parseTop(data); err == nil {
			for _, p := range top.Processes {
				if len(p) != len(top.Titles) {
					t.Errorf("%q", p)
				}
			}
		}
		parseStats(data)
		if c := Clean(string(data)); Clean(c) != c {
			t.Errorf("%q is not clean", c)
		}
	})
}
