package grace

import (
	"fmt"
	"time"

	"haltscope/compare/value"
)

// Settings are the stop timeouts that apply to a container, in seconds. Nil means none; a number below 0 means no end.
type Settings struct {
	Container   *int // of the container's configuration
	Daemon      Daemon
	DaemonError string // why Daemon is not known; "" where it is
	Engine      string // the engine's version
}

// Daemon is the default grace of a daemon for containers without their own.
type Daemon struct {
	Seconds *int   // nil where none was found
	From    string // who set it; "" for none
	Known   bool   // dockerd's command line was read: if Seconds is nil, there is none
}

// Decide returns the grace that applies, and who set it. A grace below 0 has no end.
func Decide(s Settings) (grace time.Duration, from string) {
	switch {
	case s.Container != nil:
		return value.Grace(s.Container), fmt.Sprintf("docker run --stop-timeout %d", *s.Container)
	case s.DaemonError != "":
		return value.DefaultGrace, "docker's default, unless the daemon sets another: " + s.DaemonError
	case s.Daemon.Seconds != nil:
		return value.Grace(s.Daemon.Seconds), fmt.Sprintf("the daemon's default, %d s: %s", *s.Daemon.Seconds, s.Daemon.From)
	case DaemonMaySet(s.Engine) && !s.Daemon.Known:
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
