// Package doctor checks whether haltscope can run on this host, says what each condition means, and how to fix what is
// missing. Judge is pure; look.go gathers what it judges.
package doctor

import (
	"fmt"

	"haltscope/cgroupfs"
	"haltscope/cgroupfs/figure"
	"haltscope/compare/document"
	"haltscope/compare/fault"
	"haltscope/compare/host"
	"haltscope/dockercli"
)

// Facts are what is known of a host.
type Facts struct {
	User   int // effective
	Kernel string

	Binary      string // docker's path, or its name where it is not found
	Info        dockercli.Info
	InfoErr     error
	Endpoint    dockercli.Endpoint
	EndpointErr error

	host.Containers // of the daemon's containers
	PlaceErr        error
	Outside         bool // the daemon's process is not seen from this PID namespace
	OwnProc         bool // /proc shows the processes of this PID namespace
	ProcErr         error

	Cgroups        *cgroupfs.Host // nil where there is an error
	CgroupsErr     error
	Controllers    []string
	ControllersErr error
	Freezer        figure.State // Present where some cgroup of v2 has cgroup.freeze
	Reclaim        figure.State // the same of memory.reclaim
	NoMemory       bool         // booted with cgroup_disable=memory
	NoKernelMemory bool         // booted with cgroup.memory=nokmem
	HandleErr      error        // why the kernel gives no handle on a process; nil where it does

	Swap, Pressure                   figure.Figure
	FirstUser, FirstPID, FirstCgroup figure.Figure // 1 in the namespaces of the boot
}

// Judge judges each condition: those that decide come first.
func Judge(f *Facts) []document.Condition {
	all := []document.Condition{f.user(), f.binary(), f.daemon(), f.place(), f.driver(), f.namespaces(), f.cgroups(), f.controllers(),
		f.freezer(), f.reclaim(), f.kernelMemory(), f.swap(), f.pressure(), f.handles(), f.waitStatus()}
	for i := range all {
		if all[i].Fix == nil {
			all[i].Fix = []string{}
		}
	}
	return all
}

// ok is a condition that is met.
func ok(name, found string, args ...any) document.Condition {
	return document.Condition{Name: name, State: document.OK, Found: fmt.Sprintf(found, args...)}
}

// limits is one without which haltscope works, but for what means names.
func limits(name, found, means string, mend ...string) document.Condition {
	return document.Condition{Name: name, State: document.Limits, Found: found, Means: means, Fix: mend}
}

// unfit is one without which haltscope does not work.
func unfit(name, found, means string, mend ...string) document.Condition {
	return document.Condition{Name: name, State: document.Unfit, Found: found, Means: means, Fix: mend}
}

// unknown is one that could not be asked for.
func unknown(name, why string, mend ...string) document.Condition {
	return document.Condition{Name: name, State: document.Unknown, Found: why, Fix: mend}
}

// oneLine is an error's text.
func oneLine(err error) string { return fault.Line(err) }
