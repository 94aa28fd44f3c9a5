package target

import (
	"os/exec"
	"strings"
	"testing"
	"time"

	"golang.org/x/sys/unix"

	"haltscope/cgroupfs/proc"
	"haltscope/compare/rules/prediction"
)

// Origins of the stop signal and of the grace.
func TestOrigins(t *testing.T) {
	seconds := func(n int) *int { return &n }
	for name, c := range map[string]struct {
		signal, image         string
		timeout, imageTimeout *int
		wantSignal            int
		wantFrom              string
		wantGrace             time.Duration
		wantGraceFrom         string
	}{
		"nothing":      {"", "", nil, nil, 15, "docker's default", 10 * time.Second, "docker's default"},
		"image":        {"SIGQUIT", "SIGQUIT", seconds(3), seconds(3), 3, "image: STOPSIGNAL SIGQUIT", 3 * time.Second, "image: StopTimeout"},
		"run":          {"INT", "SIGQUIT", seconds(4), nil, 2, "docker run --stop-signal INT", 4 * time.Second, "docker run --stop-timeout 4"},
		"number":       {"37", "", seconds(-1), nil, 37, "docker run --stop-signal 37", -time.Second, "docker run --stop-timeout -1"},
		"not a signal": {"x\x1b[1m", "", nil, nil, -1, "docker run --stop-signal x␛[1m", 10 * time.Second, "docker's default"},
		"no signal":    {"SIGFOO", "SIGFOO", nil, nil, -1, "image: STOPSIGNAL SIGFOO", 10 * time.Second, "docker's default"},
		"no number":    {"99", "", nil, nil, 99, "docker run --stop-signal 99", 10 * time.Second, "docker's default"},
	} {
		s := Settings{}
		s.Setup.Config.StopSignal, s.Image.Config.StopSignal = c.signal, c.image
		s.Setup.Config.StopTimeout, s.Image.Config.StopTimeout = c.timeout, c.imageTimeout
		signal, from := s.stopSignal()
		grace, graceFrom := s.grace()
		if signal != c.wantSignal || grace != c.wantGrace || c.wantFrom != "" && (from != c.wantFrom || graceFrom != c.wantGraceFrom) {
			t.Errorf("%s: %d from %q, %s from %q", name, signal, from, grace, graceFrom)
		}
	}
}

// Engines from 29.7 on may have a default of their own.
func TestDaemonGrace(t *testing.T) {
	for engine, has := range map[string]bool{"20.10.24+dfsg1": false, "29.6.9": false, "29.7.2": true, "30.0.0-rc.1": true, "": false} {
		if got := hasDaemonTimeout(engine); got != has {
			t.Errorf("%q: %t", engine, got)
		}
	}
	five := 5
	if grace, from := (&Settings{Engine: "29.7.2", Daemon: &five}).grace(); grace != 5*time.Second || !strings.Contains(from, "default-stop-timeout 5") {
		t.Error(grace, from)
	}
	if _, from := (&Settings{Engine: "29.7.2"}).grace(); !strings.Contains(from, "dockerd was started") {
		t.Error(from)
	}
}

// A process of this machine, and one that is not there.
func TestReceiver(t *testing.T) {
	sleep := exec.Command("sleep", "1000")
	if err := sleep.Start(); err != nil {
		t.Fatal(err)
	}
	defer func() { sleep.Process.Kill(); sleep.Wait() }()
	time.Sleep(200 * time.Millisecond)
	r := FindSignalTarget(sleep.Process.Pid, []int{sleep.Process.Pid})
	p := r.Who()
	if r.Error != "" || p == nil || r.Init != "" || p.NamespaceInit {
		t.Fatalf("%+v", r)
	}
	if way, because := p.Meets(int(unix.SIGTERM), time.Second); way != prediction.Default {
		t.Errorf("%v, %v", way, because)
	}
	if r := FindSignalTarget(1<<22+1, nil); r.Error == "" || r.Who() != nil {
		t.Errorf("%+v", r)
	}
}

// What an init has started itself is its eldest child.
func TestEldest(t *testing.T) {
	stats := map[int]proc.Stat{
		1: {PID: 1, State: 'S'}, 9: {PID: 9, PPID: 1, StartTime: 5, State: 'S'}, 4: {PID: 4, PPID: 1, StartTime: 7, State: 'S'},
		3: {PID: 3, PPID: 1, StartTime: 1, State: 'Z'}, 2: {PID: 2, PPID: 9, StartTime: 2, State: 'S'},
	}
	if pid, ok := eldest(1, stats); !ok || pid != 9 {
		t.Error(pid, ok)
	}
	if _, ok := eldest(4, stats); ok {
		t.Error("a child of none")
	}
}
