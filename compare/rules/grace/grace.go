// Package grace decides how long docker stop waits between the stop signal and SIGKILL, and who set that.
//
// The container's stop timeout counts before the daemon's default, and that before Docker's own. Docker copies the stop timeout of
// the image into the container when it creates it. The package is pure: no clock, no process, no file.
//
// Source: moby container/container.go, StopTimeout.
package grace

import (
	"fmt"
	"time"

	"haltscope/compare/value"
)

// Settings are the stop timeouts that apply to a container, in seconds. Nil means none; a number below 0 means no end.
type Settings struct {
	Container   *int   // of the container's configuration
	Image       *int   // of the image; nil also where it is not known
	Daemon      *int   // default-stop-timeout in daemon.json
	DaemonError string // why Daemon is not known; "" where it is
	Engine      string // the engine's version
}

// Decide returns the grace that applies, and who set it. A grace below 0 has no end.
func Decide(s Settings) (grace time.Duration, from string) {
	switch {
	case s.Container != nil && s.Image != nil && *s.Image == *s.Container:
		return value.Grace(s.Container), "image: StopTimeout"
	case s.Container != nil:
		return value.Grace(s.Container), fmt.Sprintf("docker run --stop-timeout %d", *s.Container)
	case s.DaemonError != "":
		return value.DefaultGrace, "docker's default, unless the daemon sets another: " + s.DaemonError
	case s.Daemon != nil:
		return value.Grace(s.Daemon), fmt.Sprintf("the daemon's default-stop-timeout %d (daemon.json)", *s.Daemon)
	case DaemonMaySet(s.Engine):
		return value.DefaultGrace, "docker's default, unless dockerd was started with --default-stop-timeout"
	default:
		return value.DefaultGrace, "docker's default"
	}
}

// DaemonMaySet reports whether an engine of that version may have a default grace of its own: Docker has that from 29.7 on.
// An engine whose version cannot be read may have one.
func DaemonMaySet(engine string) bool {
	newer, known := value.VersionAtLeast(engine, "29.7")
	return newer || !known
}
