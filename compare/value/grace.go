package value

import "time"

// DefaultGrace is how long docker stop waits before SIGKILL, unless the command, the container or the daemon says otherwise.
// Source: moby container/container.go, StopTimeout.
const DefaultGrace = 10 * time.Second

// Grace returns the grace that a stop timeout of so many seconds gives, or the default for nil. Below 0 it does not end.
func Grace(seconds *int) time.Duration {
	if seconds == nil {
		return DefaultGrace
	}
	return time.Duration(*seconds) * time.Second
}
