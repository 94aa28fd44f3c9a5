package grace

import (
	"testing"
	"time"

	"haltscope/compare/value"
)

func TestDecide(t *testing.T) {
	seconds := func(n int) *int { return &n }
	for name, c := range map[string]struct {
		settings Settings
		grace    time.Duration
		from     string
	}{
		"nothing":   {Settings{Engine: "20.10.24"}, value.DefaultGrace, "docker's default"},
		"container": {Settings{Container: seconds(4)}, 4 * time.Second, "docker run --stop-timeout 4"},
		"container, over the daemon's": {Settings{Container: seconds(0), Daemon: Daemon{seconds(5), "x", true}, Engine: "29.7.2"}, 0,
			"docker run --stop-timeout 0"},
		"no end": {Settings{Container: seconds(-1)}, -time.Second, "docker run --stop-timeout -1"},
		"daemon": {Settings{Daemon: Daemon{seconds(5), "default-stop-timeout in /etc/docker/daemon.json", false}, Engine: "29.7.2"},
			5 * time.Second, "the daemon's default, 5 s: default-stop-timeout in /etc/docker/daemon.json"},
		"daemon, by a flag": {Settings{Daemon: Daemon{seconds(0), "dockerd --default-stop-timeout", true}, Engine: "29.7.2"}, 0,
			"the daemon's default, 0 s: dockerd --default-stop-timeout"},
		"daemon, none": {Settings{Daemon: Daemon{Known: true}, Engine: "29.7.2"}, value.DefaultGrace, "docker's default"},
		"daemon, not known": {Settings{DaemonError: "denied", Engine: "29.7.2"}, value.DefaultGrace,
			"docker's default, unless the daemon sets another: denied"},
		"daemon, of an unreadable version": {Settings{Engine: "master-a1b2c3d"}, value.DefaultGrace,
			"docker's default, unless dockerd was started with --default-stop-timeout"},
		"daemon, by a flag perhaps": {Settings{Engine: "29.7.2"}, value.DefaultGrace,
			"docker's default, unless dockerd was started with --default-stop-timeout"},
	} {
		if grace, from := Decide(c.settings); grace != c.grace || from != c.from {
			t.Errorf("%s: %s from %q, wanted %s from %q", name, grace, from, c.grace, c.from)
		}
	}
}

// Engines from 29.7 on may have a default of their own, and so may those whose version cannot be read.
func TestDaemonMaySet(t *testing.T) {
	for engine, want := range map[string]bool{"20.10.24+dfsg1": false, "29.6.9": false, "29.7.2": true, "30.0.0-rc.1": true,
		"": true, "master-a1b2c3d": true} {
		if got := DaemonMaySet(engine); got != want {
			t.Errorf("%q: %t", engine, got)
		}
	}
}
