package doctor

import (
	"errors"
	"fmt"
	"os"
	"strings"
	"testing"

	"golang.org/x/sys/unix"

	"haltscope/cgroupfs"
	"haltscope/cgroupfs/figure"
	"haltscope/cgroupfs/socket"
	"haltscope/cgroupfs/trace"
	"haltscope/compare/document"
	"haltscope/compare/host"
	"haltscope/dockercli"
)

// good returns the facts of a host that meets every condition.
func good() Facts {
	one, zero := figure.Number(1), figure.Number(0)
	f := Facts{Kernel: "6.18.1-generic",
		DockerFacts: DockerFacts{Binary: "/usr/bin/docker", Endpoint: dockercli.Endpoint{Context: "default", Host: "unix:///var/run/docker.sock"},
			Containers: host.Containers{Running: 2, Here: 2, Tied: true}},
		NamespaceFacts: NamespaceFacts{InitialUser: one, InitialPID: one, InitialCgroup: one, OwnProc: true},
		CgroupFacts: CgroupFacts{Cgroups: &cgroupfs.Host{Version: 2}, Controllers: strings.Fields("cpuset cpu io memory hugetlb pids"),
			Freezer: figure.Present, Reclaim: figure.Present},
		MemoryFacts: MemoryFacts{MemoryDisabled: zero, KernelMemoryDisabled: zero, Swap: figure.Number(1 << 30), Pressure: zero}}
	f.Info.ServerVersion, f.Info.KernelVersion, f.Info.CgroupDriver = "26.1.5", "6.18.1-generic", "systemd"
	f.Info.ClientInfo.Version, f.Info.Engine = "26.1.5", dockercli.Docker
	f.API = host.API{Asked: "1.45", Client: "1.45", Server: "1.45", ServerOldest: "1.24", ClientVersion: "26.1.5", EngineVersion: "26.1.5"}
	f.Init, f.TimeSpace, f.Runc, f.Containerd = "systemd", true, "1.2.4", "1.7.25"
	return f
}

func TestGood(t *testing.T) {
	f := good()
	for _, c := range Judge(&f) {
		if c.State != document.OK || c.Means != "" || len(c.Fix) > 0 || c.Found == "" {
			t.Errorf("%+v", c)
		}
	}
}

// v1 makes the host one of cgroup v1.
func v1(f *Facts) {
	f.Cgroups = &cgroupfs.Host{Version: 1, Hybrid: true}
	f.Controllers = strings.Fields("freezer memory cpu cpuacct pids blkio")
	f.Freezer, f.Reclaim = figure.NotMeasured, figure.NotMeasured
}

// refused makes the daemon refuse the client.
func refused(f *Facts) {
	unreachable("client version is too old")(f)
	f.API = host.API{Client: "1.45", Asked: "1.45"}
}

// unreachable makes the daemon unreachable.
func unreachable(text string) func(*Facts) {
	return func(f *Facts) {
		f.Info, f.API, f.Runc, f.Containerd = dockercli.Info{}, host.API{}, "", ""
		f.InfoErr = fmt.Errorf("%w: %s", dockercli.ErrNoDaemon, text)
		f.Running, f.Here, f.Tied = 0, 0, false
	}
}

func TestJudge(t *testing.T) {
	zero := figure.Number(0)
	none := func(f *Facts) { f.Running, f.Here, f.Tied = 0, 0, false }
	for _, c := range []struct {
		name   string
		change func(*Facts)
		// name|state|words of found, means or fix; every condition that is not ok must be listed
		want []string
	}{
		{"not root", func(f *Facts) { f.User = 1000 }, []string{"user|unfit|sudo"}},
		{"root of a user namespace", func(f *Facts) { f.InitialUser = zero }, []string{"user|limits|user namespace"}},
		{"no client", func(f *Facts) { f.InfoErr = fmt.Errorf("%w: not found", dockercli.ErrNoBinary) },
			[]string{"docker client|unfit|apt-get install", "docker daemon|unknown|no docker client", "daemon is here|unknown|",
				"cgroup driver|unknown|", "docker API|unknown|", "runc|unknown|"}},
		{"daemon down", unreachable("Cannot connect"), []string{"docker daemon|unfit|systemctl start docker", "daemon is here|unknown|",
			"cgroup driver|unknown|", "docker API|unknown|", "runc|unknown|"}},
		{"remote daemon down", func(f *Facts) { unreachable("Cannot connect")(f); f.Endpoint.Host = "tcp://10.0.0.1:2376" },
			[]string{"docker daemon|unfit|unset DOCKER_HOST", "docker daemon|unfit|tcp://10.0.0.1:2376", "daemon is here|unknown|",
				"cgroup driver|unknown|", "docker API|unknown|", "runc|unknown|"}},
		{"daemon hangs", func(f *Facts) { unreachable("")(f); f.InfoErr = fmt.Errorf("asking: %w", dockercli.ErrTimeout) },
			[]string{"docker daemon|unfit|--timeout", "daemon is here|unknown|", "cgroup driver|unknown|", "docker API|unknown|", "runc|unknown|"}},
		{"daemon refuses a user", func(f *Facts) { unreachable("no daemon answers")(f); f.User, f.SocketErr = 1000, unix.EACCES },
			[]string{"user|unfit|", "docker daemon|unknown|sudo", "daemon is here|unknown|", "cgroup driver|unknown|",
				"docker API|unknown|", "runc|unknown|"}},
		{"daemon refuses root", unreachable("permission denied"), []string{"docker daemon|unfit|permission denied", "daemon is here|unknown|",
			"cgroup driver|unknown|", "docker API|unknown|", "runc|unknown|"}},
		{"Docker 20.10", func(f *Facts) {
			f.Info.ServerVersion, f.API.EngineVersion, f.API.Server, f.API.Asked = "20.10.24", "20.10.24", "1.41", "1.41"
		}, []string{"docker API|limits|1.41 (client: up to 1.45, daemon: 1.24 to 1.41)", "docker API|limits|refuses --signal",
			"docker API|limits|update Docker Engine"}},
		{"a client of 20.10", func(f *Facts) { f.API.Client, f.API.Asked = "1.41", "1.41" },
			[]string{"docker API|limits|update the docker client to 23.0"}},
		{"a client that is too old", func(f *Facts) {
			refused(f)
			f.API.Client, f.API.Asked, f.API.ClientVersion = "1.41", "1.41", "20.10.24"
			f.API.Server, f.API.ServerOldest, f.API.EngineVersion = "1.52", "1.44", "29.0.0"
		}, []string{"docker API|unfit|takes none before 1.44", "docker API|unfit|update the docker client to 25.0",
			"daemon is here|unknown|refuses",
			"cgroup driver|unknown|refuses", "runc|unknown|refuses"}},
		{"a daemon that is too old", func(f *Facts) {
			refused(f)
			f.API.Client, f.API.Asked, f.API.ClientVersion = "1.52", "1.52", "29.1.0"
			f.API.Server, f.API.ServerOldest, f.API.EngineVersion = "1.41", "1.12", "20.10.24"
		}, []string{"docker API|unfit|takes none before 1.44", "docker API|unfit|update Docker Engine to 25.0", "daemon is here|unknown|refuses",
			"cgroup driver|unknown|refuses", "runc|unknown|refuses"}},
		{"API not known", func(f *Facts) { f.API, f.APIErr = host.API{}, errors.New("docker version failed") },
			[]string{"docker API|unknown|docker version failed"}},
		{"runc 1.1", func(f *Facts) { f.Runc = "1.1.5+ds1" },
			[]string{"runc|limits|1.1.5+ds1, containerd 1.7.25", "runc|limits|works with this engine"}},
		{"runc 1.1 and Docker 29.5", func(f *Facts) { f.Runc, f.Info.ServerVersion = "1.1.15", "29.5.0" },
			[]string{"runc|limits|compare, check, start and restart fail", `runc|limits|"time-namespaces": false`}},
		{"runc 1.1 and Docker 29.5, no time namespaces", func(f *Facts) {
			f.Runc, f.Info.ServerVersion, f.TimeSpace = "1.1.15", "29.5.0", false
		}, []string{"runc|limits|works with this engine"}},
		{"runc 1.5", func(f *Facts) { f.Runc, f.Containerd = "1.5.1", "" }, nil},
		{"another runtime", func(f *Facts) { f.Runc = "" }, []string{"runc|unknown|does not report"}},
		{"podman", func(f *Facts) { f.Info.Engine, f.API, f.Runc, f.Containerd = dockercli.Podman, host.API{}, "", "" }, nil},
		{"named context", func(f *Facts) { f.Endpoint = dockercli.Endpoint{Context: "far", Host: "ssh://far"} },
			[]string{"docker daemon|ok|(docker's context far)"}},
		{"another kernel", func(f *Facts) { f.Info.KernelVersion = "5.10.0" },
			[]string{"daemon is here|unfit|another machine", "daemon is here|unfit|ssh"}},
		{"the same kernel elsewhere", func(f *Facts) { f.Here, f.Tied = 0, false }, []string{"daemon is here|unfit|none of its 2"}},
		{"one container elsewhere", func(f *Facts) { f.Running, f.Here, f.Tied = 1, 0, false },
			[]string{"daemon is here|unfit|none of its 1 running container has a cgroup"}},
		{"this machine over TCP", func(f *Facts) { f.Endpoint.Host = "tcp://127.0.0.1:2375" }, []string{"daemon is here|ok|2 of its 2"}},
		{"no container is running", none, []string{"daemon is here|ok|no container is running"}},
		{"no container is running, over TCP", func(f *Facts) { none(f); f.Endpoint.Host = "tcp://127.0.0.1:2375" },
			[]string{"daemon is here|limits|no container is running"}},
		{"containers not found", func(f *Facts) { none(f); f.ContainersErr = errors.New("docker ps failed\nadvice") },
			[]string{"daemon is here|unknown|docker ps failed"}},
		{"Docker Desktop", func(f *Facts) { f.Info.OperatingSystem = "Docker Desktop" }, []string{"daemon is here|unfit|virtual machine"}},
		{"rootless", func(f *Facts) { f.Info.SecurityOptions = []string{"name=seccomp", "name=rootless"} },
			[]string{"cgroup driver|unfit|rootless"}},
		{"no driver", func(f *Facts) { f.Info.CgroupDriver = "none" }, []string{"cgroup driver|unfit|without cgroups"}},
		{"in a container", func(f *Facts) { f.InitialPID, f.InitialCgroup, f.Here, f.Tied = zero, zero, 0, false },
			[]string{"namespaces|limits|PID and cgroup", "daemon is here|unfit|--pid host"}},
		{"in a container that sees cgroups", func(f *Facts) { f.InitialPID, f.Tied = zero, false },
			[]string{"namespaces|limits|initial PID namespace", "daemon is here|unfit|not the processes"}},
		{"in a container that sees the daemon's containers", func(f *Facts) { f.InitialPID, f.InitialCgroup = zero, zero },
			[]string{"namespaces|limits|all the same"}},
		{"the daemon is outside", func(f *Facts) { f.InitialPID, f.DaemonOutside = zero, true }, []string{"namespaces|unfit|--pid host"}},
		{"another namespace's /proc", func(f *Facts) { f.OwnProc = false }, []string{"namespaces|unfit|/proc shows"}},
		{"no /proc", func(f *Facts) { f.OwnProc, f.ProcErr = false, errors.New("no such file") }, []string{"namespaces|unfit|mount -t proc"}},
		{"namespaces not known", func(f *Facts) {
			f.InitialPID, f.InitialCgroup = figure.Without(figure.Denied), figure.Without(figure.Denied)
		},
			[]string{"namespaces|unknown|denied"}},
		{"v1", func(f *Facts) { v1(f); f.Cgroups.Hybrid = false },
			[]string{"cgroup version|limits|unified_cgroup_hierarchy", "reclaim|limits|force_empty"}},
		{"hybrid", v1, []string{"cgroup version|limits|hybrid", "reclaim|limits|force_empty"}},
		{"no cgroups", func(f *Facts) { f.Cgroups, f.CgroupsErr, f.Controllers = nil, cgroupfs.ErrNoCgroups, nil },
			[]string{"cgroup version|unfit|mount -t cgroup2", "controllers|unknown|", "freezer|unknown|", "reclaim|unknown|",
				"kernel memory|unknown|"}},
		{"no memory controller", func(f *Facts) { f.Controllers = []string{"cpu", "io", "pids"} },
			[]string{"controllers|limits|cgroup_enable=memory", "reclaim|unknown|", "kernel memory|unknown|"}},
		{"memory disabled", func(f *Facts) { f.Controllers, f.MemoryDisabled = []string{"cpu", "io", "pids"}, figure.Number(1) },
			[]string{"controllers|limits|without cgroup_disable=memory", "reclaim|unknown|", "kernel memory|unknown|"}},
		{"v1 without accounting", func(f *Facts) { v1(f); f.Controllers = []string{"freezer", "memory"} },
			[]string{"controllers|limits|without cpuacct, pids, blkio", "cgroup version|limits|", "reclaim|limits|"}},
		{"v1 without its memory controller", func(f *Facts) { v1(f); f.Controllers = []string{"freezer", "cpuacct"} },
			[]string{"controllers|limits|CONFIG_MEMCG_V1", "cgroup version|limits|", "reclaim|unknown|", "kernel memory|unknown|"}},
		{"v1 without its memory controller, before 6.11", func(f *Facts) {
			v1(f)
			f.Kernel, f.Info.KernelVersion, f.Controllers = "6.1.0", "6.1.0", []string{"freezer", "cpuacct"}
		}, []string{"controllers|limits|cgroup_enable=memory", "cgroup version|limits|", "reclaim|unknown|", "kernel memory|unknown|",
			"how processes end|limits|6.15"}},
		{"controllers not known", func(f *Facts) { f.Controllers, f.ControllersErr = nil, errors.New("cgroup.controllers: denied") },
			[]string{"controllers|unknown|denied", "reclaim|unknown|", "kernel memory|unknown|"}},
		{"v1 without a freezer", func(f *Facts) { v1(f); f.Controllers = f.Controllers[1:] },
			[]string{"freezer|unfit|docker pause", "cgroup version|limits|", "reclaim|limits|"}},
		{"cgroups that cannot be read", func(f *Facts) { f.Freezer, f.Reclaim = figure.Failed, figure.Failed },
			[]string{"freezer|unknown|could not be read", "reclaim|unknown|could not be read"}},
		{"no freezer", func(f *Facts) { f.Freezer = figure.Unsupported }, []string{"freezer|unfit|5.2"}},
		{"an old kernel", func(f *Facts) {
			f.Kernel, f.Info.KernelVersion = "4.19.0-27-amd64", "4.19.0-27-amd64"
			f.Freezer, f.Reclaim = figure.NotMeasured, figure.NotMeasured
		}, []string{"freezer|unfit|5.2", "reclaim|limits|5.19", "how processes end|limits|6.15"}},
		{"no cgroup to look at", func(f *Facts) { f.Freezer, f.Reclaim = figure.NotMeasured, figure.NotMeasured },
			[]string{"freezer|unknown|", "reclaim|ok|by the kernel's version"}},
		{"a kernel with a backport of it", func(f *Facts) { f.Kernel, f.Info.KernelVersion = "5.14.0-el9", "5.14.0-el9" },
			[]string{"reclaim|ok|memory.reclaim", "how processes end|limits|"}},
		{"a kernel without it", func(f *Facts) { f.Reclaim = figure.Unsupported }, []string{"reclaim|limits|5.19"}},
		{"a release that cannot be parsed", func(f *Facts) {
			f.Kernel, f.Info.KernelVersion, f.Freezer, f.Reclaim = "mine", "mine", figure.NotMeasured, figure.NotMeasured
		}, []string{"freezer|unknown|", "reclaim|unknown|", "how processes end|unknown|"}},
		{"nokmem", func(f *Facts) { f.KernelMemoryDisabled = figure.Number(1) }, []string{"kernel memory|limits|nokmem"}},
		{"nokmem not known", func(f *Facts) { f.KernelMemoryDisabled = figure.Without(figure.Denied) },
			[]string{"kernel memory|unknown|/proc/cmdline is denied"}},
		{"no swap", func(f *Facts) { f.Swap = zero }, []string{"swap|limits|swapon"}},
		{"swap not known", func(f *Facts) { f.Swap = figure.Without(figure.Denied) }, []string{"swap|unknown|denied"}},
		{"PSI off", func(f *Facts) { f.Pressure = figure.Without(figure.Unsupported) }, []string{"pressure (PSI)|limits|psi=1"}},
		{"PSI not known", func(f *Facts) { f.Pressure = figure.Without(figure.Denied) }, []string{"pressure (PSI)|unknown|denied"}},
		{"no pidfd_open", func(f *Facts) { f.HandleErr = fmt.Errorf("process 7: pidfd_open: %w", unix.ENOSYS) },
			[]string{"process handles|limits|5.3"}},
		{"pidfd_open forbidden", func(f *Facts) { f.HandleErr = fmt.Errorf("process 7: pidfd_open: %w", unix.EPERM) },
			[]string{"process handles|limits|--privileged"}},
		{"no process connector", func(f *Facts) { f.TraceErr = fmt.Errorf("process connector: %w", os.ErrDeadlineExceeded) },
			[]string{"process connector|limits|--network host"}},
		{"no process connector for this user", func(f *Facts) { f.TraceErr = fmt.Errorf("process connector: %w", unix.EPERM) },
			[]string{"process connector|limits|NET_ADMIN"}},
		{"no senders here", func(f *Facts) { f.SenderErr = fmt.Errorf("signal tap: %w", &trace.UnsupportedError{Why: "no tracefs"}) },
			[]string{"signal senders|limits|mount -t tracefs"}},
		{"senders not known", func(f *Facts) { f.SenderErr = fmt.Errorf("signal tap: %w", unix.EMFILE) },
			[]string{"signal senders|unknown|"}},
		{"clients not listed", func(f *Facts) { f.ClientErr = fmt.Errorf("socket diagnosis: %w", unix.ENOENT) },
			[]string{"docker's clients|limits|CONFIG_UNIX_DIAG"}},
		{"clients in another network namespace", func(f *Facts) { f.ClientErr = &socket.NotListeningError{Path: "/var/run/docker.sock"} },
			[]string{"docker's clients|limits|--network host"}},
		{"clients over a network", func(f *Facts) {
			f.Endpoint.Host, f.ClientErr = "tcp://127.0.0.1:2375", errors.New("the daemon's address is not a local socket")
		}, []string{"docker's clients|limits|unset DOCKER_HOST"}},
		{"clients not known", func(f *Facts) { f.ClientErr = fmt.Errorf("socket diagnosis: %w", unix.EMFILE) },
			[]string{"docker's clients|unknown|"}},
		{"Linux 6.14", func(f *Facts) { f.Kernel, f.Info.KernelVersion = "6.14.11", "6.14.11" }, []string{"how processes end|limits|"}},
		{"Linux 7.0", func(f *Facts) { f.Kernel, f.Info.KernelVersion = "7.0.0", "7.0.0" }, nil},
	} {
		t.Run(c.name, func(t *testing.T) {
			f := good()
			c.change(&f)
			expected := map[string]bool{}
			judged := map[string]document.Condition{}
			for _, got := range Judge(&f) {
				judged[got.Name] = got
				if (got.State == document.Limits || got.State == document.Unfit) && got.Means == "" {
					t.Errorf("%s does not say what it means", got.Name)
				}
				if got.State == document.Unfit && len(got.Fix) == 0 {
					t.Errorf("%s has no fix", got.Name)
				}
			}
			for _, want := range c.want {
				part := strings.Split(want, "|")
				got := judged[part[0]]
				text := strings.Join(append([]string{got.Found, got.Means}, got.Fix...), "\n")
				if got.State != part[1] || !strings.Contains(text, part[2]) {
					t.Errorf("want %s, got %+v", want, got)
				}
				expected[part[0]] = true
			}
			for _, got := range judged {
				if got.State != document.OK && !expected[got.Name] {
					t.Errorf("not expected: %+v", got)
				}
			}
		})
	}
}

// TestCgroupVersion1 checks what is said of a host of cgroup v1, by the init that would have to mount v2.
func TestCgroupVersion1(t *testing.T) {
	for init, want := range map[string]string{"systemd": "systemd.unified_cgroup_hierarchy=1", "": "systemd.unified_cgroup_hierarchy=1",
		"init": "rc_cgroup_mode", "openrc-init": "rc_cgroup_mode", "s6-svscan": "cgroup_no_v1=all", "one\x1b[2J": "(one"} {
		f := good()
		v1(&f)
		f.Init = init
		c := f.cgroups()
		if len(c.Fix) != 1 || !strings.Contains(c.Fix[0], want) || strings.Contains(c.Fix[0], "\x1b") {
			t.Errorf("%q: %q", init, c.Fix)
		}
		for _, fact := range []string{"Docker 29", "containerd 2.2", "runc 1.4", "May 2029", "systemd 258"} {
			if !strings.Contains(c.Means, fact) {
				t.Errorf("no %s in %s", fact, c.Means)
			}
		}
	}
	f := good()
	v1(&f)
	f.Init, f.InitialPID = "sh", figure.Number(0) // process 1 of a container says nothing of the machine
	if c := f.cgroups(); !strings.Contains(c.Fix[0], "systemd.unified_cgroup_hierarchy=1") {
		t.Errorf("%q", c.Fix)
	}
}
