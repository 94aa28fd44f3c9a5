package doctor

import (
	"fmt"
	"strings"

	"haltscope/compare/document"
	"haltscope/compare/fault"
)

// Fixes for a host that is seen from inside a container or from other namespaces.
const (
	onHost      = "run haltscope on the host itself"
	inContainer = "docker run --rm --privileged --pid host --cgroupns host -v /sys/fs/cgroup:/sys/fs/cgroup " +
		"-v /var/run/docker.sock:/var/run/docker.sock IMAGE haltscope …     # an image with haltscope and docker"
)

func (f *Facts) user() document.Condition {
	const name = "user"
	switch {
	case f.User != 0:
		return unfit(name, fmt.Sprintf("user %d", f.User), "Only root may read the cgroup files and /proc entries of containers.",
			"sudo haltscope doctor")
	case f.InitialUser.Is(0):
		return limits(name, "root of a user namespace that is not the machine's initial one",
			"haltscope may not do what only root of the host may: write to cgroups, read other processes.",
			"run haltscope as root of the host itself")
	}
	return ok(name, "root")
}

// inContainer reports whether haltscope runs in namespaces that are not the machine's initial ones.
func (f *Facts) inContainer() bool { return f.InitialPID.Is(0) || f.InitialCgroup.Is(0) }

func (f *Facts) namespaces() document.Condition {
	const name = "namespaces"
	var kinds []string
	if f.InitialPID.Is(0) {
		kinds = append(kinds, "PID")
	}
	if f.InitialCgroup.Is(0) {
		kinds = append(kinds, "cgroup")
	}
	_, known := f.InitialPID.Value()
	switch {
	case f.ProcErr != nil:
		return unfit(name, "not known: this process is not found in /proc: "+fault.Line(f.ProcErr), "Processes cannot be read.",
			"mount -t proc proc /proc")
	case !f.OwnProc:
		return unfit(name, "/proc shows the processes of another PID namespace, not those of haltscope's own",
			"System calls would take the PIDs that are read there for other processes.", onHost, inContainer)
	case f.DaemonOutside:
		return unfit(name, "a different PID namespace from the docker daemon's, which is not visible from here",
			"The processes of its containers are not visible either.", onHost, inContainer)
	case len(kinds) == 0 && known:
		return ok(name, "the machine's own")
	case len(kinds) == 0:
		return unknown(name, "not known: /proc/self/ns/pid is "+f.InitialPID.State().String())
	}
	found := fmt.Sprintf("those of a container or the like: not the machine's initial %s namespace", strings.Join(kinds, " and "))
	if f.Tied {
		return limits(name, found, "The daemon's containers are visible all the same. haltscope cannot do what is not permitted here: "+
			"write to cgroups, read other processes.")
	}
	return limits(name, found, "Cgroups and processes outside are not visible.", onHost, inContainer)
}
