package target

import (
	"errors"
	"strings"
	"testing"
	"time"

	"golang.org/x/sys/unix"
)

// Origins of the stop signal and of the grace.
func TestOrigins(t *testing.T) {
	seconds := func(n int) *int { return &n }
	for name, c := range map[string]struct {
		signal, image         string
		timeout, imageTimeout *int
		wantSignal            unix.Signal
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
		s := Inspection{}
		s.Setup.Config.StopSignal, s.Image.Config.StopSignal = c.signal, c.image
		s.Setup.Config.StopTimeout, s.Image.Config.StopTimeout = c.timeout, c.imageTimeout
		signal, from := s.stopSignal()
		grace, graceFrom := s.grace()
		if signal != c.wantSignal || grace != c.wantGrace || c.wantFrom != "" && (from != c.wantFrom || graceFrom != c.wantGraceFrom) {
			t.Errorf("%s: %d from %q, %s from %q", name, signal, from, grace, graceFrom)
		}
	}
}

// The daemon's default counts where the container has no grace of its own.
func TestDaemonGrace(t *testing.T) {
	five := 5
	if grace, from := (&Inspection{Engine: "29.7.2", Daemon: &five}).grace(); grace != 5*time.Second || !strings.Contains(from, "default-stop-timeout 5") {
		t.Error(grace, from)
	}
	if _, from := (&Inspection{Engine: "29.7.2"}).grace(); !strings.Contains(from, "dockerd was started") {
		t.Error(from)
	}
	if _, from := (&Inspection{Engine: "29.7.2", DaemonErr: errors.New("denied")}).grace(); !strings.Contains(from, "denied") {
		t.Error(from)
	}
}
