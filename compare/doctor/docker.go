package doctor

import (
	"cmp"
	"errors"
	"fmt"
	"io/fs"
	"strings"

	"haltscope/compare/document"
	"haltscope/compare/fault"
	"haltscope/compare/value"
	"haltscope/dockercli"
)

func (f *Facts) client() document.Condition {
	const name = "docker client"
	if errors.Is(f.InfoErr, dockercli.ErrNoBinary) {
		return unfit(name, "cannot be run: "+cause(f.InfoErr), "haltscope talks to Docker only through its command line.",
			"apt-get install docker.io     # Debian, Ubuntu; docker-cli from Debian 13 on", "haltscope doctor --docker /path/to/docker")
	}
	return ok(name, "%s, %s", value.Clean(cmp.Or(f.clientVersion(), "unknown version")), f.Binary)
}

// clientVersion returns the client's version; "" if the client does not report it.
func (f *Facts) clientVersion() string { return cmp.Or(f.Info.ClientInfo.Version, f.API.ClientVersion) }

// address returns the daemon's address, as far as the client reports it.
func (f *Facts) address() string {
	e := f.Endpoint
	switch {
	case e.Host == "":
		return "at an unknown address"
	case e.Context == "" || e.Context == "default":
		return "at " + e.Host
	}
	return fmt.Sprintf("at %s (docker's context %s)", e.Host, e.Context)
}

// local reports whether the daemon's address is a socket in the file system. The daemon may still run elsewhere.
func (f *Facts) local() bool {
	return f.Endpoint.Host == "" || strings.HasPrefix(f.Endpoint.Host, "unix://")
}

func (f *Facts) daemon() document.Condition {
	const name, means = "docker daemon", "haltscope cannot ask Docker about containers."
	switch {
	case f.InfoErr == nil:
		return ok(name, "%s, %s", value.Clean(f.Info.ServerVersion), f.address())
	case f.API.Mismatch() != nil:
		return ok(name, "%s, %s; it refuses this docker client", f.API.EngineVersion, f.address())
	case errors.Is(f.InfoErr, dockercli.ErrNoBinary):
		return unknown(name, "not asked: there is no docker client")
	case f.User != 0 && errors.Is(f.SocketErr, fs.ErrPermission):
		return unknown(name, fmt.Sprintf("does not answer user %d, %s", f.User, f.address()), "sudo haltscope doctor")
	case errors.Is(f.InfoErr, dockercli.ErrTimeout):
		return unfit(name, "does not answer "+f.address()+": "+cause(f.InfoErr), means,
			"journalctl -u docker --since -10min", "haltscope doctor --timeout 2m")
	case !f.local():
		return unfit(name, "cannot be reached "+f.address()+": "+cause(f.InfoErr), means,
			"unset DOCKER_HOST DOCKER_CONTEXT; docker context use default     # for this machine's daemon")
	}
	return unfit(name, "cannot be reached "+f.address()+": "+cause(f.InfoErr), means,
		"systemctl start docker", "apt-get install docker.io     # if it is not installed")
}

// daemonIsHere checks whether the daemon's containers run on this machine, so that their cgroups and processes can be read.
func (f *Facts) daemonIsHere() document.Condition {
	const name = "daemon is here"
	const means = "Its containers are not processes of this machine, so the kernel's files here say nothing about them."
	elsewhere := []string{"unset DOCKER_HOST DOCKER_CONTEXT; docker context use default     # for this machine's daemon",
		"ssh ROOT@DAEMONS-HOST haltscope …     # for that daemon"}
	system := value.Clean(f.Info.OperatingSystem)
	switch {
	case f.InfoErr != nil:
		return unknown(name, f.noAnswer())
	case strings.Contains(system, "Docker Desktop"):
		return unfit(name, "it is Docker Desktop, which runs in a virtual machine", means,
			"docker context use default     # with Docker Engine installed on this machine as well")
	case f.Info.KernelVersion != f.Kernel:
		return unfit(name, fmt.Sprintf("it runs on kernel %s (%s), but this is kernel %s: another machine, %s",
			value.Clean(f.Info.KernelVersion), system, f.Kernel, f.address()), means, elsewhere...)
	case f.ContainersErr != nil:
		return unknown(name, "not known: "+fault.Line(f.ContainersErr))
	case f.Here > 0:
		return f.containersAreHere(name)
	case f.Running > 0 && f.inContainer():
		return unfit(name, fmt.Sprintf("none of its %s a cgroup here, inside a container", f.runningHave("has")), means, onHost, inContainer)
	case f.Running > 0:
		return unfit(name, fmt.Sprintf("none of its %s a cgroup here", f.runningHave("has")), means, elsewhere...)
	case !f.local() || f.inContainer():
		return limits(name, "it runs on the same kernel release, and no container is running that could prove more",
			"Another machine with the same kernel would look the same; haltscope refuses one as soon as a container proves it.")
	}
	return ok(name, "the same kernel release, on a local socket; no container is running that could prove more")
}

// containersAreHere judges a daemon of which at least one container has a cgroup here.
func (f *Facts) containersAreHere(name string) document.Condition {
	found := fmt.Sprintf("%d of its %s a cgroup here", f.Here, f.runningHave("have"))
	if !f.Tied {
		return unfit(name, found+", but not the processes that Docker reports",
			"Docker reports PIDs of its own PID namespace, and haltscope runs in another one.", onHost, inContainer)
	}
	return ok(name, "%s", found)
}

// runningHave returns "1 running container has" or "2 running containers " with the plural, such as have.
func (f *Facts) runningHave(plural string) string {
	return value.Count(f.Running, "running container has", "running containers "+plural)
}

func (f *Facts) driver() document.Condition {
	const name = "cgroup driver"
	driver, found := value.Clean(f.Info.CgroupDriver), ""
	switch {
	case f.InfoErr != nil:
		return unknown(name, f.noAnswer())
	case f.Info.Rootless():
		found = "rootless Docker, driver " + driver
	case f.Info.CgroupDriver == "none":
		found = "a daemon without cgroups, driver none"
	default:
		return ok(name, "%s", driver)
	}
	return unfit(name, found, "haltscope cannot find the cgroups of its containers, and without cgroups docker pause and limits do not work.",
		"unset DOCKER_HOST DOCKER_CONTEXT; docker context use default     # for the system's daemon")
}

// noAnswer says why nothing is known of the daemon.
func (f *Facts) noAnswer() string {
	if f.API.Mismatch() != nil {
		return "not known: the daemon refuses this docker client"
	}
	return "not known: no daemon answers"
}

// cause returns what docker printed, without the call, or why it could not be run and what to do then.
func cause(err error) string { return value.Clean(fault.AddHint(dockercli.Cause(err), err)) }
