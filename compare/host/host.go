// Package host checks that Docker and the kernel's files describe the same containers on this machine.
package host

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"os"
	"strings"

	"golang.org/x/sys/unix"

	"haltscope/cgroupfs"
	"haltscope/compare/document"
	"haltscope/compare/fault"
	"haltscope/compare/value"
	"haltscope/dockercli"
)

// Check asks Docker and the kernel what this host is, and refuses one on which the two do not speak of the same
// processes.
func Check(ctx context.Context, docker *dockercli.Client) (*cgroupfs.Host, document.Host, error) {
	kernel, err := Kernel()
	if err != nil {
		return nil, document.Host{}, err
	}
	info, err := docker.Info(ctx)
	if err != nil {
		return nil, document.Host{}, Unanswered(ctx, err, "docker info")
	}
	if info.Rootless() || info.CgroupDriver == "none" {
		return nil, document.Host{}, &fault.UnfitError{What: "the engine is rootless, or uses no cgroups (driver " + value.Clean(info.CgroupDriver) + "): where its containers' cgroups are is not known",
			Next: "use the system's daemon: docker context use default"}
	}
	if release := Release(); info.KernelVersion != release {
		return nil, document.Host{}, Remote(fmt.Errorf("it runs on kernel %s (%s), this is kernel %s",
			value.Clean(info.KernelVersion), value.Clean(info.OperatingSystem), release))
	}
	if err := namespaces(ctx, docker, kernel); err != nil {
		return nil, document.Host{}, err
	}
	return kernel, document.Host{
		Engine:        string(info.Engine),
		EngineVersion: value.Clean(info.ServerVersion),
		ClientVersion: value.Clean(info.ClientInfo.Version),
		CgroupVersion: kernel.Version,
		CgroupHybrid:  kernel.Hybrid,
		CgroupDriver:  value.Clean(info.CgroupDriver),
		Kernel:        Release(),
	}, nil
}

// ForPs is Check for a list of containers, which asks the daemon for nothing but that list: what the daemon says of itself is
// asked for only in namespaces that are not the machine's.
func ForPs(ctx context.Context, docker *dockercli.Client) (*cgroupfs.Host, error) {
	kernel, err := Kernel()
	if err != nil {
		return nil, err
	}
	return kernel, namespaces(ctx, docker, kernel)
}

// DockerOnly refuses another engine than Docker's for a command that rests on what only Docker's says or does.
func DockerOnly(here document.Host, command, why string) error {
	if here.Engine == string(dockercli.Docker) {
		return nil
	}
	return &fault.UnfitError{What: fmt.Sprintf("%s does not work with %s: %s", command, here.Engine, why),
		Next: "with " + here.Engine + " there are compare, check, inspect, ps, reclaim, clean, kill, stop, pause, unpause, start and restart"}
}

// Kernel finds out how this machine mounts its cgroups, and whether its user may read them.
func Kernel() (*cgroupfs.Host, error) {
	if os.Geteuid() != 0 {
		return nil, &fault.UnfitError{
			What: fmt.Sprintf("haltscope runs as user %d, and the cgroup files and /proc entries of containers are root's to read", os.Geteuid()),
			Next: "run it as root: sudo haltscope …",
		}
	}
	if err := ownProc(); err != nil {
		return nil, err
	}
	kernel, err := cgroupfs.NewHost()
	if err != nil {
		return nil, &fault.UnfitError{What: "looking for the cgroups of this machine", Err: err,
			Next: "mount cgroup v2: mount -t cgroup2 none /sys/fs/cgroup"}
	}
	return kernel, nil
}

// Unanswered says what to do where the first question to the daemon, asked by call, got no answer.
func Unanswered(ctx context.Context, err error, call string) error {
	switch {
	case ctx.Err() != nil:
		return err
	case errors.Is(err, dockercli.ErrNoBinary):
		return &fault.UnfitError{What: "the docker binary cannot be run", Err: err,
			Next: "install the docker CLI, or name it: --docker PATH"}
	case errors.Is(err, dockercli.ErrNotStarted):
		return err
	case errors.Is(err, dockercli.ErrNoDaemon):
		return &fault.UnfitError{What: "the docker daemon is out of reach", Err: err,
			Next: "start it (systemctl start docker), or check DOCKER_HOST and `docker context ls`"}
	case errors.Is(err, dockercli.ErrTimeout):
		return &fault.UnfitError{What: "the docker daemon does not answer", Err: err,
			Next: "look at its log (journalctl -u docker), or allow it more time: --timeout"}
	default:
		return &fault.UnfitError{What: "the docker daemon gives no account of itself", Err: err,
			Next: "try `" + call + "`"}
	}
}

// Remote is the error for a daemon whose containers are not this machine's processes.
func Remote(why error) error {
	where := "docker's current context"
	if host := os.Getenv("DOCKER_HOST"); host != "" {
		where = "DOCKER_HOST=" + host
	}
	return &fault.UnfitError{
		What: "the docker daemon (" + where + ") is not on this machine, so its containers' cgroups are not here to be read",
		Err:  why,
		Next: "run haltscope on the daemon's own host, or unset DOCKER_HOST to use the local daemon",
	}
}

// Release is the version of this machine's kernel, as uname tells it.
func Release() string {
	var u unix.Utsname
	if err := unix.Uname(&u); err != nil {
		return ""
	}
	release, _, _ := bytes.Cut(u.Release[:], []byte{0})
	return string(release)
}

// BootID names this boot of this machine. Source: proc_sys_kernel(5), random/boot_id.
func BootID() string {
	id, _ := os.ReadFile("/proc/sys/kernel/random/boot_id")
	return strings.TrimSpace(string(id))
}
