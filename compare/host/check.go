package host

import (
	"context"
	"fmt"

	"haltscope/cgroupfs"
	"haltscope/compare/document"
	"haltscope/compare/fault"
	"haltscope/compare/value"
	"haltscope/dockercli"
)

// Check checks this machine and its Docker Engine, and returns where the cgroups are and what a report says about the host.
func Check(ctx context.Context, docker Engine) (*cgroupfs.Host, document.Host, error) {
	kernel, err := Kernel()
	if err != nil {
		return nil, document.Host{}, err
	}
	info, err := docker.Info(ctx)
	if err != nil {
		return nil, document.Host{}, DaemonError(ctx, docker, err, "docker info")
	}
	if err := checkEngine(&info); err != nil {
		return nil, document.Host{}, err
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

// checkEngine refuses an engine whose cgroups are unknown, and one that runs on another kernel.
func checkEngine(info *dockercli.Info) error {
	const next = "use the system's daemon: docker context use default"
	driver := value.Clean(info.CgroupDriver)
	switch {
	case info.Rootless():
		return &fault.UnfitError{What: "the engine is rootless (cgroup driver " + driver + "), so the cgroups of its containers cannot be found",
			Next: next}
	case info.CgroupDriver == "none":
		return &fault.UnfitError{What: "the engine uses no cgroups (cgroup driver none), so its containers cannot be measured", Next: next}
	case info.KernelVersion != Release():
		return RemoteError(fmt.Errorf("it runs on kernel %s (%s), but this is kernel %s",
			value.Clean(info.KernelVersion), value.Clean(info.OperatingSystem), Release()))
	}
	return nil
}

// CheckForPs checks the host for a list of containers. It asks the daemon nothing if haltscope is in the machine's initial
// namespaces, so that ps needs one docker call.
func CheckForPs(ctx context.Context, docker Daemon) (*cgroupfs.Host, error) {
	kernel, err := Kernel()
	if err != nil {
		return nil, err
	}
	return kernel, namespaces(ctx, docker, kernel)
}

// DockerOnly refuses an engine other than Docker's for a command that depends on it. The clause why says for what.
func DockerOnly(here document.Host, command, why string) error {
	if here.Engine == string(dockercli.Docker) {
		return nil
	}
	return &fault.UnfitError{What: fmt.Sprintf("%s does not work with %s: %s", command, here.Engine, why),
		Next: "with " + here.Engine + ", use compare, check, inspect, ps, reclaim, clean, kill, stop, pause, unpause, start or restart"}
}
