// Package grace decides how long docker stop waits between the stop signal and SIGKILL, and who set that.
//
// The container's stop timeout counts before the daemon's default, and that before Docker's own. An image has none: docker commit does
// not keep the container's, and docker create takes none from an image (moby, daemon/commit.go, merge). The package is pure: no clock,
// no process, no file.
//
// Source: moby container/container.go, StopTimeout; daemon/stop.go from 29.7 on.
package grace
