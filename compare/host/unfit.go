package host

import (
	"context"
	"errors"
	"os"
	"strings"

	"haltscope/cgroupfs"
	"haltscope/compare/fault"
	"haltscope/dockercli"
)

// DaemonError returns the error for a daemon that did not answer its first question. The question is docker's command call. An
// interruption, and a docker binary that this machine could not start, are returned as they are: they say nothing about the host.
func DaemonError(ctx context.Context, docker Versions, err error, call string) error {
	if ctx.Err() == nil && errors.Is(err, dockercli.ErrNoDaemon) {
		if api, _, askErr := AskAPI(ctx, docker); askErr == nil {
			if m := api.Mismatch(); m != nil {
				return &fault.UnfitError{What: m.What, Err: errors.New(dockercli.Cause(err)), Next: strings.Join(m.Fix, "; ")}
			}
		}
	}
	switch {
	case ctx.Err() != nil, errors.Is(err, dockercli.ErrNotStarted):
		return err
	case errors.Is(err, dockercli.ErrNoBinary):
		return &fault.UnfitError{What: "the docker binary cannot be run", Err: err,
			Next: "install the docker CLI, or name it: --docker PATH"}
	case errors.Is(err, dockercli.ErrNoDaemon):
		return &fault.UnfitError{What: "the docker daemon cannot be reached", Err: err,
			Next: "start it (systemctl start docker), or check DOCKER_HOST and `docker context ls`"}
	case errors.Is(err, dockercli.ErrTimeout):
		return &fault.UnfitError{What: "the docker daemon does not answer", Err: err,
			Next: "look at its log (journalctl -u docker), or allow it more time: --timeout"}
	default:
		return &fault.UnfitError{What: "the docker daemon's answer to `" + call + "` cannot be used", Err: err,
			Next: "run `" + call + "` to see what it prints"}
	}
}

// RemoteError returns the error for a daemon whose containers do not run on this machine. The error why is the evidence.
func RemoteError(why error) error {
	where := "docker's current context"
	if host := os.Getenv("DOCKER_HOST"); host != "" {
		where = "DOCKER_HOST=" + host
	}
	return &fault.UnfitError{
		What: "the docker daemon (" + where + ") is not on this machine, so the cgroups of its containers cannot be read here",
		Err:  why,
		Next: "run haltscope on the daemon's own host, or unset DOCKER_HOST to use the local daemon",
	}
}

// namespaceError returns the error for a namespace in which Docker's containers are not visible. The error why is the evidence.
func namespaceError(kind string, why error) error {
	return &fault.UnfitError{What: "haltscope runs in a different " + kind + " namespace from the docker daemon", Err: why,
		Next: "run haltscope on the host itself, or in a container with --privileged --pid host --cgroupns host"}
}

// LocateError explains why a container's cgroup was not found by its main process, if the reason is that this host is not the
// daemon's or that haltscope is in another cgroup namespace. It returns any other error as it is.
func LocateError(err error) error {
	var elsewhere *cgroupfs.NotInContainerError
	switch {
	case errors.As(err, &elsewhere):
		return RemoteError(err)
	case errors.Is(err, cgroupfs.ErrOutside):
		return namespaceError("cgroup", err)
	}
	return err
}
