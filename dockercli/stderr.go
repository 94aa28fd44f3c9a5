package dockercli

import (
	"errors"
	"strings"
)

// A phrase is something that docker or podman prints to standard error, in all the forms that its versions have. Docker's
// command line gives no error codes, so these texts are the only way to tell one refusal from another. They are the
// only ones that decide anything; redact.go looks for more, to hide secrets. Letter case is ignored, because it changed between versions.
type phrase []string

var (
	// docker inspect: cli, command/inspect/inspector.go ("No such object"); moby, daemon/container.go ("No such container").
	noSuchContainer = phrase{"no such container", "no such object"}

	// docker image inspect: moby, daemon/images/image.go ("No such image"); distribution, reference ("invalid reference
	// format"); containerd's image store ("not found"); podman, libimage ("image not known").
	noSuchImage = phrase{"no such image", "invalid reference format", "not found", "image not known"}

	// docker network inspect: cli, command/inspect ("No such network"); libnetwork, error.go ("network x not found").
	noSuchNetwork = phrase{"no such network", "not found"}

	// docker pause: runc, libcontainer/cgroups/fs/freezer.go ("unable to freeze"), on cgroup v1.
	unableToFreeze = phrase{"unable to freeze"}

	// docker stats: cli, command/container/stats_helpers.go ("timeout waiting for stats").
	statsTimeout = phrase{"timeout waiting for stats"}
)

// says reports whether an error is a docker call that printed a phrase.
func says(err error, what phrase) bool { return timesSaid(err, what) > 0 }

// timesSaid counts how often docker printed a phrase.
func timesSaid(err error, what phrase) (n int) {
	var call *CallError
	if !errors.As(err, &call) {
		return 0
	}
	stderr := strings.ToLower(call.Stderr)
	for _, form := range what {
		n += strings.Count(stderr, form)
	}
	return n
}
