package watch

import (
	"context"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/rs/zerolog"
	"golang.org/x/sys/unix"

	"haltscope/compare/host"
	"haltscope/dockercli"
)

// fakeEnv makes the test's own executable a fake docker that takes its answers from files in the named folder.
const fakeEnv = "HALTSCOPE_FAKE_DOCKER"

func TestMain(m *testing.M) {
	if dir := os.Getenv(fakeEnv); dir != "" {
		os.Exit(fakeDocker(dir, os.Args[1:]))
	}
	os.Exit(m.Run())
}

// fakeDocker answers ps and events from files. Inspect knows every container: as ended with exit code 0, or as running if there
// is a file "runs". It fails if there is a file "broken", and never answers about the ids in a file "hangs".
func fakeDocker(dir string, args []string) int {
	show := func(name string) {
		data, _ := os.ReadFile(filepath.Join(dir, name))
		os.Stdout.Write(data)
	}
	calls, _ := os.OpenFile(filepath.Join(dir, "calls"), os.O_APPEND|os.O_CREATE|os.O_WRONLY, 0o644)
	fmt.Fprintln(calls, time.Now().UnixNano(), os.Getpid(), strings.Join(args, " "))
	switch args[0] {
	case "info":
		fmt.Printf(`{"ServerVersion":"20.10.24","KernelVersion":%q,"CgroupDriver":"cgroupfs","ClientInfo":{"Version":"28.2.2"}}`, host.Release())
	case "ps":
		if _, err := os.Stat(filepath.Join(dir, "down")); err == nil {
			fmt.Fprintln(os.Stderr, "Cannot connect to the Docker daemon")
			return 1
		}
		show("ps")
	case "inspect":
		if _, err := os.Stat(filepath.Join(dir, "broken")); err == nil {
			fmt.Fprintln(os.Stderr, "Error response from daemon: something is broken")
			return 1
		}
		if hangs, err := os.ReadFile(filepath.Join(dir, "hangs")); err == nil {
			for _, id := range args[slices.Index(args, "--")+1:] {
				if strings.Contains(string(hangs), id) {
					time.Sleep(time.Hour)
				}
			}
		}
		state := `{"Status":"exited","ExitCode":0,"StartedAt":"2026-05-20T12:00:00Z","FinishedAt":"2026-05-20T13:00:00Z"}`
		if _, err := os.Stat(filepath.Join(dir, "runs")); err == nil {
			state = `{"Status":"running","Running":true,"StartedAt":"2026-05-20T12:00:00Z","FinishedAt":"0001-01-01T00:00:00Z"}`
		}
		var all []string
		for _, id := range args[slices.Index(args, "--")+1:] {
			all = append(all, fmt.Sprintf(`{"Id":%q,"Name":"/web","State":%s,"Config":{"Labels":{}}}`, id, state))
		}
		fmt.Println("[" + strings.Join(all, ",") + "]")
	case "events":
		if slices.Contains(args, "--until") {
			show("history")
			return 0
		}
		for n := 1; ; n++ {
			name := filepath.Join(dir, fmt.Sprintf("events.%d", n))
			if os.Rename(name, name+".taken") != nil {
				if _, err := os.Stat(name + ".taken"); err == nil {
					continue
				}
				time.Sleep(time.Hour) // nothing happens
			}
			f, _ := os.Open(name + ".taken")
			io.Copy(os.Stdout, f)
			for { // until the daemon hangs up
				if _, err := os.Stat(filepath.Join(dir, fmt.Sprintf("hangup.%d", n))); err == nil {
					return 0
				}
				time.Sleep(10 * time.Millisecond)
			}
		}
	}
	return 0
}

// fakeWatch is a watch of the fake docker.
type fakeWatch struct {
	dir   string
	exe   string
	mu    sync.Mutex
	lines []Line
	end   func() error // ends it
	wait  func() error // waits until it ends by itself
}

func startFakeWatch(t *testing.T, prepare func(s *fakeWatch)) *fakeWatch {
	t.Helper()
	return startFakeWatchWith(t, Options{}, prepare)
}

// startFakeWatchWith starts a watch of the fake docker with some options.
func startFakeWatchWith(t *testing.T, o Options, prepare func(s *fakeWatch)) *fakeWatch {
	t.Helper()
	if os.Geteuid() != 0 {
		t.Skip("a watch needs root")
	}
	exe, err := os.Executable()
	if err != nil {
		t.Fatal(err)
	}
	s := &fakeWatch{dir: t.TempDir()}
	s.exe = filepath.Join(s.dir, "docker")
	if err := os.Symlink(exe, s.exe); err != nil {
		t.Fatal(err)
	}
	t.Setenv(fakeEnv, s.dir)
	s.list(3)
	prepare(s)
	ctx, cancel := context.WithCancel(context.Background())
	ended := make(chan error, 1)
	docker := dockercli.New(dockercli.Options{Path: s.exe, Timeout: 10 * time.Second, Log: zerolog.Nop()})
	o.Interval, o.Every, o.Log = time.Second, time.Hour, zerolog.Nop()
	o.Write = func(l *Line) error {
		s.mu.Lock()
		defer s.mu.Unlock()
		s.lines = append(s.lines, *l)
		return nil
	}
	go func() { ended <- Run(ctx, docker, o) }()
	s.end = func() error { cancel(); return <-ended }
	s.wait = func() error { return <-ended }
	t.Cleanup(func() {
		cancel()
		if err := s.end; err != nil {
			select {
			case <-ended:
			case <-time.After(time.Second):
			}
		}
	})
	return s
}

func (s *fakeWatch) file(name, text string) {
	os.WriteFile(filepath.Join(s.dir, name), []byte(text), 0o644)
}

// list has docker ps list n containers.
func (s *fakeWatch) list(n int) {
	var b strings.Builder
	for i := range n {
		fmt.Fprintf(&b, `{"ID":"%064x","Name":"web-%d","State":"exited","Status":""}`+"\n", i, i)
	}
	s.file("ps", b.String())
}

func (s *fakeWatch) linesOf(action string) (all []Line) {
	s.mu.Lock()
	defer s.mu.Unlock()
	for _, l := range s.lines {
		if l.Action == action {
			all = append(all, l)
		}
	}
	return all
}

// waitFor waits for n lines of an action.
func (s *fakeWatch) waitFor(t *testing.T, action string, n int) {
	t.Helper()
	for deadline := time.Now().Add(time.Minute); len(s.linesOf(action)) < n; time.Sleep(20 * time.Millisecond) {
		if time.Now().After(deadline) {
			t.Fatalf("%d lines of %s, wanted %d: %v", len(s.linesOf(action)), action, n, s.lines)
		}
	}
}

func eventLine(id int, ms int, action, extra string) string {
	return string(jsonLineAt(id, t0.Add(time.Duration(ms)*time.Millisecond), action, extra)) + "\n"
}

func jsonLineAt(id int, at time.Time, action, extra string) []byte {
	return fmt.Appendf(nil, `{"Type":"container","Action":"%s","Actor":{"ID":"%064x","Attributes":{%s"name":"web-%d"}},"timeNano":%d}`,
		action, id, extra, id, at.UnixNano())
}

// TestBadLines checks that malformed and oversized lines of docker events are reported, and that the others are not lost.
func TestBadLines(t *testing.T) {
	s := startFakeWatch(t, func(s *fakeWatch) {
		s.file("events.1", eventLine(1, 0, "start", "")+"junk\n"+`{"Type":"container","Act`+"\n"+`{"Action":"die"}`+"\n\n"+
			`{"pad":"`+strings.Repeat("x", 1<<20)+`"}`+"\n"+strings.Repeat("y", 3<<20)+"\n"+
			eventLine(1, 500, "die", `"exitCode":"0","pad":"`+strings.Repeat("z", 1<<19)+`",`)+eventLine(2, 600, "start", ""))
	})
	s.waitFor(t, "die", 1)
	s.waitFor(t, "start", 2)
	if n := len(s.linesOf(ActionInput)); n != 5 {
		t.Errorf("%d lines about malformed input, wanted 5", n)
	}
	for _, l := range s.linesOf(ActionInput) {
		if len(l.Message) > 300 {
			t.Errorf("a message of %d bytes", len(l.Message))
		}
	}
	if err := s.end(); err != nil {
		t.Error(err)
	}
}

// TestHangUp checks a daemon that hangs up and comes back: with its history, nothing is missed or written twice; without,
// there is a gap.
func TestHangUp(t *testing.T) {
	first := eventLine(1, 0, "start", "") + eventLine(1, 10, "pause", "")
	s := startFakeWatch(t, func(s *fakeWatch) {
		s.file("events.1", first)
	})
	s.waitFor(t, ActionWatch, 1)
	s.waitFor(t, "start", 1)
	s.file("down", "")
	s.file("hangup.1", "")
	s.waitFor(t, ActionDaemon, 1)
	s.file("events.2", first+eventLine(1, 700, "die", `"exitCode":"0",`))
	os.Remove(filepath.Join(s.dir, "down"))
	s.waitFor(t, ActionDaemon, 2)
	s.waitFor(t, "die", 1)
	if n := len(s.linesOf(ActionGap)); n != 0 {
		t.Errorf("%d gaps, with the whole history", n)
	}
	if n := len(s.linesOf("start")); n != 1 {
		t.Errorf("%d starts", n)
	}
	s.file("events.3", eventLine(2, 900, "start", ""))
	s.file("hangup.2", "")
	s.waitFor(t, ActionGap, 1)
	gap := s.linesOf(ActionGap)[0]
	if gap.From == nil || gap.To == nil || !gap.From.Before(*gap.To) || len(gap.MayHide) == 0 {
		t.Errorf("a gap without a beginning or an end: %+v", gap)
	}
	calls, _ := os.ReadFile(filepath.Join(s.dir, "calls"))
	resumed := t0.Add(5*time.Millisecond).Unix() - int64(resumeOverlap/time.Second)
	if want := fmt.Sprintf("events --since %d.%09d", resumed, 10_000_000); !strings.Contains(string(calls), want) {
		t.Errorf("the events were not asked for again since the last one less %s (%q):\n%s", resumeOverlap, want, calls)
	}
	if err := s.end(); err != nil {
		t.Error(err)
	}
}

// TestBinaryGone checks that the docker binary may be replaced during a watch.
func TestBinaryGone(t *testing.T) {
	s := startFakeWatch(t, func(s *fakeWatch) { s.file("events.1", eventLine(1, 0, "start", "")) })
	s.waitFor(t, "start", 1)
	os.Rename(s.exe, s.exe+".away")
	s.file("hangup.1", "")
	s.waitFor(t, ActionDaemon, 1)
	time.Sleep(500 * time.Millisecond)
	s.file("events.2", eventLine(1, 0, "start", "")+eventLine(1, 700, "die", `"exitCode":"0",`))
	os.Rename(s.exe+".away", s.exe)
	s.waitFor(t, "die", 1)
	if err := s.end(); err != nil {
		t.Error(err)
	}
}

// TestManyAtOnce checks that each of 200 containers that end in the same second has one line.
func TestManyAtOnce(t *testing.T) {
	const n = 200
	s := startFakeWatch(t, func(s *fakeWatch) {
		var b strings.Builder
		for i := range n {
			b.WriteString(eventLine(i, 0, "start", ""))
		}
		for i := range n {
			b.WriteString(eventLine(i, 500+i, "die", `"exitCode":"0",`))
		}
		s.list(n)
		s.file("events.1", b.String())
	})
	s.waitFor(t, "die", n)
	time.Sleep(500 * time.Millisecond)
	seen := map[string]bool{}
	for _, l := range s.linesOf("die") {
		if seen[l.ID] || l.Verdict != "exited" {
			t.Errorf("%s: %s, written before: %t", l.Name, l.Verdict, seen[l.ID])
		}
		seen[l.ID] = true
	}
	if len(seen) != n {
		t.Errorf("%d ends, wanted %d", len(seen), n)
	}
	if err := s.end(); err != nil {
		t.Error(err)
	}
}

// TestWriter checks that a reader that is gone ends the watch without an error, and that an output that fails or takes nothing
// is an error.
func TestWriter(t *testing.T) {
	r, out, err := os.Pipe()
	if err != nil {
		t.Fatal(err)
	}
	w := NewWriter(NewLog(out, false), out, func() {})
	r.Close()
	for deadline := time.Now().Add(5 * time.Second); err == nil && time.Now().Before(deadline); time.Sleep(time.Millisecond) {
		err = w.Write(&Line{At: t0, Level: Info, Action: "start", Message: "started"})
	}
	if !Closed(err) {
		t.Errorf("a reader that is gone: %v", err)
	}
	full, err := os.OpenFile("/dev/full", os.O_WRONLY, 0)
	if err != nil {
		t.Fatal(err)
	}
	defer full.Close()
	failed := make(chan struct{})
	w = NewWriter(NewLog(full, false), full, func() { close(failed) })
	w.Write(&Line{At: t0, Level: Info, Action: "start", Message: "started"})
	select { // no other line follows
	case <-failed:
	case <-time.After(10 * time.Second):
		t.Error("a full device is not noticed")
	}
	if err := w.Close(); err == nil || !strings.Contains(err.Error(), unix.ENOSPC.Error()) {
		t.Errorf("a full device: %v", err)
	}
	reader, stuck, err := os.Pipe()
	if err != nil {
		t.Fatal(err)
	}
	defer reader.Close()
	w = NewWriter(NewLog(stuck, false), stuck, func() {})
	for i := 0; err == nil && i < 2*writerBacklog; i++ {
		err = w.Write(&Line{At: t0, Level: Info, Action: "start", Message: strings.Repeat("x", 100)})
	}
	if err == nil || !strings.Contains(err.Error(), "accepts none") {
		t.Errorf("a reader that takes nothing: %v", err)
	}
}
