package doctor

import (
	"fmt"
	"strings"

	"haltscope/compare/document"
	"haltscope/compare/host"
	"haltscope/compare/value"
	"haltscope/dockercli"
)

func (f *Facts) podman() bool { return f.Info.Engine == dockercli.Podman }

// agreed returns the version of the API that the client and the daemon use; "" if they have agreed on none.
func (f *Facts) agreed() string {
	if f.InfoErr != nil || f.API.Server == "" {
		return ""
	}
	return f.API.Asked
}

// api checks that the client and the daemon have a version of the API in common, and that it is new enough for stop --signal.
//
// Sources: moby, api/docs/CHANGELOG.md, v1.42 ("POST /containers/{id}/stop now accepts a signal"); moby, project/BRANCHES-AND-TAGS.md,
// for the engines that are maintained, as of 29.7.2.
func (f *Facts) api() document.Condition {
	const name = "docker API"
	if m := f.API.Mismatch(); m != nil {
		return unfit(name, m.What, "The daemon refuses what this docker client asks, so haltscope cannot ask it about containers.", m.Fix...)
	}
	switch {
	case f.InfoErr != nil:
		return unknown(name, f.noAnswer())
	case f.podman():
		return ok(name, "not used: podman has no daemon")
	case f.APIErr != nil:
		return unknown(name, "not known: "+cause(f.APIErr))
	case f.agreed() == "":
		return unknown(name, "not known: docker version does not report it")
	}
	found := fmt.Sprintf("%s (client: up to %s, daemon: %s to %s)", f.agreed(), f.API.Client, f.API.ServerOldest, f.API.Server)
	if newer, known := value.VersionAtLeast(f.agreed(), "1.42"); newer || !known {
		return ok(name, "%s", found)
	}
	fix := []string{host.UpdateClient("1.42")}
	if newer, _ := value.VersionAtLeast(f.API.Server, "1.42"); !newer {
		fix = []string{"update Docker Engine to 23.0 or later; the Moby project maintains 29, and 25.0 until December 2026"}
	}
	return limits(name, found, "docker stop and docker restart take a signal from API 1.42 on, and ignore it before: haltscope refuses "+
		"--signal with them.", fix...)
}

// runc checks the runtime. Sources: runc, CHANGELOG.md, 1.2.0-rc.1 ("Support time namespaces"); moby, daemon/pkg/oci/defaults.go, which
// gives every container a time namespace since 29.5, and daemon/daemon_unix.go for the feature that turns that off; runc, RELEASES.md:
// the newest three minor releases get fixes, and 1.5 is out.
func (f *Facts) runc() document.Condition {
	const name = "runc"
	const update = "update runc to 1.3 or later (package containerd.io of Docker, runc of Debian and Ubuntu)"
	switch {
	case f.InfoErr != nil:
		return unknown(name, f.noAnswer())
	case f.podman():
		return ok(name, "not used by haltscope: podman chooses its own runtime")
	case f.Runc == "":
		return unknown(name, "not known: the daemon does not report a runtime of that name")
	}
	found := value.Clean(f.Runc)
	if f.Containerd != "" {
		found += ", containerd " + value.Clean(f.Containerd)
	}
	newer, known := value.VersionAtLeast(f.Runc, "1.2")
	if newer || !known {
		return ok(name, "%s", found)
	}
	if engine, _ := value.VersionAtLeast(f.Info.ServerVersion, "29.5"); engine && f.TimeSpace {
		return limits(name, found, "runc before 1.2 cannot make time namespaces, which Docker gives every container from 29.5 on. "+
			"Unless they are turned off, no container starts, so compare, check, start and restart fail.", update,
			`or turn them off: "features": {"time-namespaces": false} in /etc/docker/daemon.json, then systemctl restart docker`)
	}
	return limits(name, found, "It works with this engine, but gets no more fixes. With Docker 29.5 and later no container starts with it, "+
		"because it cannot make time namespaces.", update)
}

// v1Ends says how long cgroup v1 is still supported. Sources: docker/cli, docs/deprecated.md, "Support for cgroup v1"; containerd,
// RELEASES.md, "Deprecated features"; runc, docs/deprecated.md; systemd, NEWS of 256 ("refuse to boot under it") and 258 ("has been
// removed").
const v1Ends = "Docker 29, containerd 2.2 and runc 1.4 call cgroup v1 deprecated and support it until May 2029. systemd 256 and 257 boot " +
	"with it only if told to (SYSTEMD_CGROUP_ENABLE_LEGACY_FORCE=1), and systemd 258 not at all."

// unified returns how to get cgroup v2 with the init of this machine. Sources: systemd, kernel-command-line(7),
// systemd.unified_cgroup_hierarchy; Linux, Documentation/admin-guide/kernel-parameters.txt, cgroup_no_v1; OpenRC, etc/rc.conf.
func (f *Facts) unified() string {
	switch init := value.Clean(f.Init); {
	case init == "systemd" || init == "" || f.inContainer():
		return "boot with systemd.unified_cgroup_hierarchy=1 on the kernel's command line (GRUB_CMDLINE_LINUX in /etc/default/grub, " +
			"then update-grub)"
	case strings.HasPrefix(init, "init") || strings.HasPrefix(init, "openrc"):
		return `set rc_cgroup_mode="unified" in /etc/rc.conf (OpenRC) and boot again; with another init, boot with cgroup_no_v1=all on the ` +
			"kernel's command line, and have it mount cgroup2 on /sys/fs/cgroup"
	default:
		return fmt.Sprintf("boot with cgroup_no_v1=all on the kernel's command line, and have the init (%s, which is not systemd) mount cgroup2 "+
			"on /sys/fs/cgroup", init)
	}
}
