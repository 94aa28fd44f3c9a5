package target

import (
	"errors"
	"strings"
	"testing"
	"time"

	"golang.org/x/sys/unix"

	"haltscope/cgroupfs"
	"haltscope/cgroupfs/figure"
	"haltscope/compare/rules/grace"
	"haltscope/dockercli"
)

// Origins of the stop signal and of the grace.
func TestOrigins(t *testing.T) {
	seconds := func(n int) *int { return &n }
	for name, c := range map[string]struct {
		signal, image string
		timeout       *int
		wantSignal    unix.Signal
		wantFrom      string
		wantGrace     time.Duration
		wantGraceFrom string
	}{
		"nothing":      {"", "", nil, 15, "docker's default", 10 * time.Second, "docker's default"},
		"image":        {"SIGQUIT", "SIGQUIT", seconds(3), 3, "image: STOPSIGNAL SIGQUIT", 3 * time.Second, "docker run --stop-timeout 3"},
		"run":          {"INT", "SIGQUIT", seconds(4), 2, "docker run --stop-signal INT", 4 * time.Second, "docker run --stop-timeout 4"},
		"number":       {"37", "", seconds(-1), 37, "docker run --stop-signal 37", -time.Second, "docker run --stop-timeout -1"},
		"not a signal": {"x\x1b[1m", "", nil, -1, "docker run --stop-signal x␛[1m", 10 * time.Second, "docker's default"},
		"no signal":    {"SIGFOO", "SIGFOO", nil, -1, "image: STOPSIGNAL SIGFOO", 10 * time.Second, "docker's default"},
		"no number":    {"99", "", nil, 99, "docker run --stop-signal 99", 10 * time.Second, "docker's default"},
	} {
		s := Inspection{Engine: "20.10.24"}
		s.Container.Config.StopSignal, s.Image.Config.StopSignal = c.signal, c.image
		s.Container.Config.StopTimeout = c.timeout
		signal, from := s.stopSignal()
		grace, graceFrom := s.grace()
		if signal != c.wantSignal || grace != c.wantGrace || c.wantFrom != "" && (from != c.wantFrom || graceFrom != c.wantGraceFrom) {
			t.Errorf("%s: %d from %q, %s from %q", name, signal, from, grace, graceFrom)
		}
	}
}

// The daemon's default applies if the container has no grace.
func TestDaemonGrace(t *testing.T) {
	five := 5
	if d, from := (&Inspection{Engine: "29.7.2", Daemon: grace.Daemon{Seconds: &five, From: "a file"}}).grace(); d != 5*time.Second ||
		!strings.Contains(from, "default, 5 s: a file") {
		t.Error(d, from)
	}
	if _, from := (&Inspection{Engine: "29.7.2"}).grace(); !strings.Contains(from, "dockerd was started") {
		t.Error(from)
	}
	if _, from := (&Inspection{Engine: "29.7.2", DaemonErr: errors.New("denied")}).grace(); !strings.Contains(from, "denied") {
		t.Error(from)
	}
}

// What docker inspect says about what is lost with the container, and what comes back.
func TestFacts(t *testing.T) {
	anonymousName := strings.Repeat("0123456789abcdef", 4)
	s := Inspection{Version: 2}
	config, host := &s.Container.Config, &s.Container.HostConfig
	config.StopSignal = "SIGQUIT"
	host.PidMode, host.AutoRemove, host.RestartPolicy.Name = "host", true, "always"
	host.Tmpfs = map[string]string{"/run": "", "/cache": "size=1m"}
	yes := true
	host.OomKillDisable = &yes
	s.Container.State.Health = &dockercli.Health{Status: "healthy"}
	mount := func(kind, name, at string) {
		s.Container.Mounts = append(s.Container.Mounts, dockercli.Mount{Type: kind, Name: name, Destination: at})
	}
	mount("volume", anonymousName, "/anonymous")
	mount("volume", "data", "/data")
	mount("tmpfs", "", "/tmp")
	f := s.facts()
	if f.Signal != unix.SIGQUIT || f.ConfiguredSignal != unix.SIGQUIT || !f.StopSignalSet || f.SignalText != "SIGQUIT" {
		t.Errorf("stop signal: %+v", f)
	}
	if f.PIDMode != "host" || !f.AutoRemove || f.RestartPolicy != "always" || !f.OOMKillDisable || f.Health != "healthy" ||
		f.CgroupVersion != 2 {
		t.Errorf("%+v", f)
	}
	if got := strings.Join(f.Tmpfs, " ") + "; " + strings.Join(f.AnonymousVolumes, " "); got != "/cache /run /tmp; /anonymous" {
		t.Error(got)
	}
	s = Inspection{}
	s.Container.State.Health = &dockercli.Health{Status: "none"}
	if f = s.facts(); f.Signal != unix.SIGTERM || f.ConfiguredSignal != 0 || f.StopSignalSet || f.Health != "" {
		t.Errorf("nothing configured: %+v", f)
	}
}

// A freeze that is requested for a cgroup above is none of the container's own: docker pause and unpause then work, and change nothing.
func TestRequestedFor(t *testing.T) {
	yes, no := figure.Number(1), figure.Number(0)
	for name, c := range map[string]struct {
		freezer cgroupfs.Freezer
		want    *bool
	}{
		"of its own":     {cgroupfs.Freezer{Requested: yes, By: "/cg/c"}, ptr(true)},
		"of one above":   {cgroupfs.Freezer{Requested: yes, By: "/cg", Above: "/cg"}, ptr(false)},
		"of both":        {cgroupfs.Freezer{Requested: yes, By: "/cg/c", Above: "/cg"}, ptr(true)},
		"of none":        {cgroupfs.Freezer{Requested: no}, ptr(false)},
		"not to be read": {cgroupfs.Freezer{Requested: figure.Without(figure.Failed)}, nil},
	} {
		if got := requestedFor("/cg/c", &c.freezer); (got == nil) != (c.want == nil) || got != nil && *got != *c.want {
			t.Errorf("%s: %v", name, got)
		}
	}
}

func ptr[T any](v T) *T { return &v }
