package doctor

import (
	"context"
	"errors"
	"os"
	"os/exec"

	"haltscope/cgroupfs"
	"haltscope/cgroupfs/proc"
	"haltscope/compare/document"
	"haltscope/compare/fault"
	"haltscope/compare/host"
	"haltscope/compare/value"
	"haltscope/dockercli"
)

// Examine looks at this host and judges each condition. It touches nothing. Its error is an interruption: what cannot be
// asked is a finding.
func Examine(ctx context.Context, docker *dockercli.Client) (*document.Doctor, error) {
	f := look(ctx, docker)
	if ctx.Err() != nil {
		return nil, fault.ErrInterrupted
	}
	doc := &document.Doctor{Schema: document.DoctorSchema, Fit: true, Conditions: Judge(&f)}
	for _, c := range doc.Conditions {
		doc.Fit = doc.Fit && c.State != document.Unfit
	}
	doc.Host = f.host()
	doc.Notes = document.Notes(doc)
	return doc, nil
}

// look gathers the facts. Each stands alone: what fails leaves the others.
func look(ctx context.Context, docker *dockercli.Client) Facts {
	f := Facts{User: os.Geteuid(), Kernel: host.Release(), Binary: docker.Path}
	f.FirstUser, f.FirstPID, f.FirstCgroup = proc.InitialNamespaces()
	f.OwnProc, f.ProcErr = proc.ShowsOwnNamespace()
	f.Pressure = proc.ReadMemoryStall()
	f.Swap = proc.ReadMeminfo().SwapTotal
	f.NoKernelMemory, _ = proc.BootOption("cgroup.memory=nokmem")
	f.NoMemory, _ = proc.BootOption("cgroup_disable=memory")
	if p, err := proc.OpenProcess(os.Getpid()); err != nil {
		f.HandleErr = err
	} else {
		p.Close()
	}
	if f.Cgroups, f.CgroupsErr = cgroupfs.NewHost(); f.CgroupsErr == nil {
		f.Controllers, f.ControllersErr = f.Cgroups.Controllers()
		f.Freezer = f.Cgroups.HasFile("cgroup.freeze", "cgroup.procs")
		f.Reclaim = f.Cgroups.HasFile("memory.reclaim", "memory.current")
	}
	if path, err := exec.LookPath(docker.Path); err == nil {
		f.Binary = path
	}
	f.Info, f.InfoErr = docker.Info(ctx)
	if errors.Is(f.InfoErr, dockercli.ErrNoBinary) {
		return f
	}
	f.Endpoint, f.EndpointErr = docker.Endpoint(ctx)
	if f.FirstPID.Is(0) {
		f.Outside = host.DaemonOutside(ctx, docker)
	}
	if f.InfoErr == nil && f.CgroupsErr == nil {
		f.Containers, f.PlaceErr = host.FindContainers(ctx, docker, f.Cgroups)
	}
	return f
}

// host is what the head of the document says.
func (f *Facts) host() document.DoctorHost {
	told := func(text, why string) value.Maybe[string] {
		if text == "" {
			return value.Absent[string](value.Failed, why)
		}
		return value.Known(value.Clean(text))
	}
	h := document.DoctorHost{Kernel: f.Kernel,
		EngineVersion: told(f.Info.ServerVersion, "no docker daemon answers"),
		ClientVersion: told(f.Info.ClientInfo.Version, "docker does not tell its version"),
		CgroupDriver:  told(f.Info.CgroupDriver, "no docker daemon answers"),
		CgroupVersion: value.Absent[int](value.Failed, "no cgroups are found"),
		CgroupHybrid:  value.Absent[bool](value.Failed, "no cgroups are found")}
	if f.Cgroups != nil {
		h.CgroupVersion, h.CgroupHybrid = value.Known(f.Cgroups.Version), value.Known(f.Cgroups.Hybrid)
	}
	return h
}
