package doctor

import (
	"errors"
	"fmt"
	"strings"

	"haltscope/compare/document"
	"haltscope/compare/value"
	"haltscope/dockercli"
)

func (f *Facts) user() document.Condition {
	switch {
	case f.User == 0 && f.FirstUser.Is(0):
		return limits("user", "root of a user namespace that the machine has not booted with", "What is root's outside of it (writing to cgroups, reading other processes), haltscope may not do.",
			"run haltscope as root of the host itself")
	case f.User == 0:
		return ok("user", "root")
	}
	return unfit("user", fmt.Sprintf("user %d", f.User),
		"The cgroup files and /proc entries of containers are root's to read.", "sudo haltscope doctor")
}

func (f *Facts) binary() document.Condition {
	if errors.Is(f.InfoErr, dockercli.ErrNoBinary) {
		return unfit("docker client", "cannot be run: "+said(f.InfoErr),
			"haltscope asks Docker by its command line, and by nothing else.",
			"apt-get install docker.io     # Debian, Ubuntu; docker-cli from Debian 13 on", "haltscope doctor --docker /path/to/docker")
	}
	version := "of a version that it does not tell"
	if v := f.Info.ClientInfo.Version; v != "" {
		version = value.Clean(v)
	}
	return ok("docker client", "%s, %s", version, f.Binary)
}

// where is the daemon's address, as far as the client tells.
func (f *Facts) where() string {
	e := f.Endpoint
	switch {
	case e.Host == "":
		return "where docker looks for it"
	case e.Context == "" || e.Context == "default":
		return "at " + e.Host
	}
	return fmt.Sprintf("at %s (docker's context %s)", e.Host, e.Context)
}

// local reports whether the daemon's address is a socket in a file system. What is behind it may be elsewhere still.
func (f *Facts) local() bool {
	return f.Endpoint.Host == "" || strings.HasPrefix(f.Endpoint.Host, "unix://")
}

func (f *Facts) daemon() document.Condition {
	const name = "docker daemon"
	switch {
	case f.InfoErr == nil:
		return ok(name, "%s, %s", value.Clean(f.Info.ServerVersion), f.where())
	case errors.Is(f.InfoErr, dockercli.ErrNoBinary):
		return unknown(name, "not asked: there is no docker client")
	case f.User != 0 && f.local() && strings.Contains(strings.ToLower(f.InfoErr.Error()), "permission denied"):
		return unknown(name, fmt.Sprintf("does not answer user %d, %s", f.User, f.where()), "sudo haltscope doctor")
	case errors.Is(f.InfoErr, dockercli.ErrTimeout):
		return unfit(name, "does not answer "+f.where()+": "+said(f.InfoErr), "Docker's account cannot be asked for.",
			"journalctl -u docker --since -10min", "haltscope doctor --timeout 2m")
	case !f.local():
		return unfit(name, "out of reach "+f.where()+": "+said(f.InfoErr), "Docker's account cannot be asked for.",
			"unset DOCKER_HOST DOCKER_CONTEXT; docker context use default     # for this machine's daemon")
	}
	return unfit(name, "out of reach "+f.where()+": "+said(f.InfoErr), "Docker's account cannot be asked for.",
		"systemctl start docker", "apt-get install docker.io     # where there is none")
}

// place is where the daemon's containers are: their cgroups and processes must be here to be read.
func (f *Facts) place() document.Condition {
	const name = "daemon is here"
	const means = "Its containers are not processes of this machine, so the kernel's account of them is not here to be read."
	system := value.Clean(f.Info.OperatingSystem)
	home := []string{"unset DOCKER_HOST DOCKER_CONTEXT; docker context use default     # for this machine's daemon",
		"ssh ROOT@DAEMONS-HOST haltscope …     # for that daemon"}
	switch {
	case f.InfoErr != nil:
		return unknown(name, "not known: no daemon answers")
	case strings.Contains(system, "Docker Desktop"):
		return unfit(name, "it is Docker Desktop, which runs in a virtual machine", means,
			"docker context use default     # with Docker Engine installed on this machine beside it")
	case f.Info.KernelVersion != f.Kernel:
		return unfit(name, fmt.Sprintf("it runs on kernel %s (%s), this is kernel %s: another machine, %s",
			value.Clean(f.Info.KernelVersion), system, f.Kernel, f.where()), means, home...)
	case f.PlaceErr != nil:
		return unknown(name, "not known: "+oneLine(f.PlaceErr))
	case f.Here > 0 && !f.Tied:
		return unfit(name, fmt.Sprintf("%d of its %s here, but not the processes that Docker tells", f.Here, value.Count(f.Running, "running container has a cgroup", "running containers have a cgroup")),
			"Docker tells the process ids of its own PID namespace, and this is another.", "run haltscope on the host itself", inContainer)
	case f.Here > 0:
		return ok(name, "%d of its %s here", f.Here, value.Count(f.Running, "running container has a cgroup", "running containers have a cgroup"))
	case f.Running > 0 && f.inside():
		return unfit(name, fmt.Sprintf("none of its %s a cgroup here, inside a container", value.Count(f.Running, "running container has", "running containers have")), means,
			"run haltscope on the host itself", inContainer)
	case f.Running > 0:
		return unfit(name, fmt.Sprintf("none of its %s a cgroup here", value.Count(f.Running, "running container has", "running containers have")), means, home...)
	case !f.local() || f.inside():
		return limits(name, "it runs on the same kernel release, and no container runs to show more",
			"Another machine of the same kernel would look the same; haltscope refuses one as soon as a container shows it.")
	}
	return ok(name, "the same kernel release, by a local socket; no container runs to show more")
}

func (f *Facts) driver() document.Condition {
	const name = "cgroup driver"
	rootless := "rootless Docker"
	switch {
	case f.InfoErr != nil:
		return unknown(name, "not known: no daemon answers")
	case f.Info.Rootless(), f.Info.CgroupDriver == "none":
		if !f.Info.Rootless() {
			rootless = "a daemon without cgroups"
		}
		return unfit(name, fmt.Sprintf("%s, driver %s", rootless, value.Clean(f.Info.CgroupDriver)),
			"Where its containers' cgroups are is not known, and without cgroups docker pause and limits do not work.",
			"unset DOCKER_HOST DOCKER_CONTEXT; docker context use default     # for the system's daemon")
	}
	return ok(name, "%s", value.Clean(f.Info.CgroupDriver))
}

// said is docker's own word, without the call; of what kept it from running, the cause.
func said(err error) string {
	return value.Clean(dockercli.Cause(err))
}
