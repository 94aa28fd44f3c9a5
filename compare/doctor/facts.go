package doctor

import (
	"context"
	"errors"
	"os"
	"os/exec"
	"strings"

	"golang.org/x/sys/unix"

	"haltscope/cgroupfs"
	"haltscope/cgroupfs/figure"
	"haltscope/cgroupfs/proc"
	"haltscope/cgroupfs/socket"
	"haltscope/cgroupfs/trace"
	"haltscope/compare/host"
	"haltscope/dockercli"
)

// Facts are what is known about a host.
type Facts struct {
	User      int    // effective user ID
	Kernel    string // release
	HandleErr error  // why pidfd_open gives no handle on a process; nil if it does
	TraceErr  error  // why the process connector reports nothing; nil if it does
	SenderErr error  // why the kernel does not report who sends signals; nil if it does
	ClientErr error  // why the kernel does not list the clients of Docker's socket; nil if it does
	Init      string // the name of process 1; "" if it is not known
	TimeSpace bool   // whether the kernel has time namespaces
	DockerFacts
	NamespaceFacts
	CgroupFacts
	MemoryFacts
}

// DockerFacts are what the client and the daemon report.
type DockerFacts struct {
	Binary          string // the client's path, or its name if it was not found
	Info            dockercli.Info
	InfoErr         error
	Endpoint        dockercli.Endpoint // its Host is "" if not known
	SocketErr       error              // why this user may not write to the daemon's local socket; nil if it may
	host.Containers                    // of the daemon, on this machine
	ContainersErr   error
	API             host.API
	APIErr          error  // why API is not known
	Runc            string // its version; "" if the daemon does not report it
	Containerd      string // likewise
	DaemonOutside   bool   // the daemon's process is not visible from this PID namespace
}

// NamespaceFacts are about the namespaces in which haltscope runs.
type NamespaceFacts struct {
	// 1 if the namespace is the machine's initial one, 0 if it is another.
	InitialUser, InitialPID, InitialCgroup figure.Figure

	OwnProc bool // /proc shows the processes of this PID namespace
	ProcErr error
}

// CgroupFacts are about the cgroup file systems.
type CgroupFacts struct {
	Cgroups        *cgroupfs.Host // nil if CgroupsErr is not
	CgroupsErr     error
	Controllers    []string
	ControllersErr error
	Freezer        figure.State // Present if some cgroup of v2 has cgroup.freeze
	Reclaim        figure.State // Present if some cgroup of v2 has memory.reclaim
}

// MemoryFacts are about the kernel's memory accounting.
type MemoryFacts struct {
	MemoryDisabled       figure.Figure // 1 if booted with cgroup_disable=memory
	KernelMemoryDisabled figure.Figure // 1 if booted with cgroup.memory=nokmem
	Swap                 figure.Figure // bytes in total
	Pressure             figure.Figure // present if the kernel accounts for pressure
}

// engine is what the facts are asked of.
type engine interface {
	host.Engine
	Engine() dockercli.Engine
	Binary() string
}

// gather gathers the facts. Each stands alone: what cannot be read leaves the others.
func gather(ctx context.Context, docker engine) Facts {
	f := Facts{User: os.Geteuid(), Kernel: host.Release(), NamespaceFacts: gatherNamespaces(), CgroupFacts: gatherCgroups(),
		MemoryFacts: MemoryFacts{MemoryDisabled: bootOption("cgroup_disable=memory"), KernelMemoryDisabled: bootOption("cgroup.memory=nokmem"),
			Swap: proc.ReadMeminfo().SwapTotal, Pressure: proc.ReadMemoryStall()}}
	if p, err := proc.OpenProcess(os.Getpid()); err != nil {
		f.HandleErr = err
	} else {
		p.Close()
	}
	f.TraceErr, f.SenderErr = traceProcesses(), traceSignals()
	if stat, err := proc.ReadStat(1); err == nil {
		f.Init = stat.Comm
	}
	f.TimeSpace = proc.OwnNamespace("time").State() == figure.Present
	f.DockerFacts = gatherDocker(ctx, docker, f.InitialPID, f.Cgroups)
	f.ClientErr = listClients(ctx, docker)
	return f
}

func listClients(ctx context.Context, docker engine) error {
	path, err := host.LocalSocket(ctx, docker)
	if err != nil {
		return err
	}
	listener, err := socket.Open(path)
	if err != nil {
		return err
	}
	return listener.Close()
}

func traceProcesses() error {
	tap, err := trace.OpenProcesses()
	if err != nil {
		return err
	}
	return tap.Close()
}

func traceSignals() error {
	tap, err := trace.OpenSignals()
	if err != nil {
		return err
	}
	return tap.Close()
}

func gatherNamespaces() (f NamespaceFacts) {
	f.InitialUser, f.InitialPID, f.InitialCgroup = proc.InitialNamespaces()
	f.OwnProc, f.ProcErr = proc.ShowsOwnNamespace()
	return f
}

func gatherCgroups() (f CgroupFacts) {
	if f.Cgroups, f.CgroupsErr = cgroupfs.NewHost(); f.CgroupsErr != nil {
		return CgroupFacts{CgroupsErr: f.CgroupsErr}
	}
	f.Controllers, f.ControllersErr = f.Cgroups.Controllers()
	f.Freezer = f.Cgroups.HasFile("cgroup.freeze", "cgroup.procs")
	f.Reclaim = f.Cgroups.HasFile("memory.reclaim", "memory.current")
	return f
}

// bootOption returns 1 if the kernel was booted with an option, and 0 if not.
func bootOption(option string) figure.Figure {
	set, state := proc.BootOption(option)
	switch {
	case state != figure.Present:
		return figure.Without(state)
	case set:
		return figure.Number(1)
	}
	return figure.Number(0)
}

// gatherDocker asks the client and the daemon. It looks for the daemon's containers in cgroups, which may be nil.
func gatherDocker(ctx context.Context, docker engine, initialPID figure.Figure, cgroups *cgroupfs.Host) DockerFacts {
	f := DockerFacts{Binary: docker.Binary()}
	if path, err := exec.LookPath(docker.Binary()); err == nil {
		f.Binary = path
	}
	f.Info, f.InfoErr = docker.Info(ctx)
	if errors.Is(f.InfoErr, dockercli.ErrNoBinary) {
		return f
	}
	if endpoint, err := docker.Endpoint(ctx); err == nil {
		f.Endpoint = endpoint
		if path, local := strings.CutPrefix(endpoint.Host, "unix://"); local {
			f.SocketErr = unix.Access(path, unix.W_OK)
		}
	}
	if f.APIErr = f.InfoErr; docker.Engine() == dockercli.Docker && !errors.Is(f.InfoErr, dockercli.ErrTimeout) {
		var v dockercli.Versions
		f.API, v, f.APIErr = host.AskAPI(ctx, docker)
		f.Runc, f.Containerd = v.Server.Component("runc"), v.Server.Component("containerd")
	}
	if initialPID.Is(0) {
		f.DaemonOutside = host.DaemonOutside(ctx, docker)
	}
	if f.InfoErr == nil && cgroups != nil {
		f.Containers, f.ContainersErr = host.FindContainers(ctx, docker, cgroups)
	}
	return f
}
