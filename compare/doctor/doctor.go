// Package doctor checks whether haltscope can run on this host, and says what each condition means and how to fix what is missing.
//
// [Examine] gathers the [Facts] and judges them. [Judge] is pure. There is one file per group of conditions.
package doctor

import (
	"cmp"
	"context"
	"fmt"

	"haltscope/compare/document"
	"haltscope/compare/fault"
	"haltscope/compare/value"
	"haltscope/dockercli"
)

// Examine checks this host and changes nothing on it. The only error is an interruption: what cannot be read is a condition.
func Examine(ctx context.Context, docker engine) (*document.Doctor, error) {
	f := gather(ctx, docker)
	if ctx.Err() != nil {
		return nil, fault.ErrInterrupted
	}
	doc := &document.Doctor{Schema: document.DoctorSchema, Host: hostOf(&f, docker.Engine()), Fit: true, Conditions: Judge(&f)}
	for _, c := range doc.Conditions {
		doc.Fit = doc.Fit && c.State != document.Unfit
	}
	doc.Notes = document.Notes(doc)
	return doc, nil
}

// Judge judges every condition. Those without which haltscope cannot run come first.
func Judge(f *Facts) []document.Condition {
	all := []document.Condition{f.user(), f.client(), f.daemon(), f.api(), f.daemonIsHere(), f.driver(), f.runc(), f.namespaces(), f.cgroups(),
		f.controllers(), f.freezer(), f.reclaim(), f.kernelMemory(), f.swap(), f.pressure(), f.handles(), f.processConnector(),
		f.signalSenders(), f.socketClients(), f.waitStatus()}
	for i := range all {
		if all[i].Fix == nil {
			all[i].Fix = []string{}
		}
	}
	return all
}

// ok returns a condition that is met.
func ok(name, found string, args ...any) document.Condition {
	return document.Condition{Name: name, State: document.OK, Found: fmt.Sprintf(found, args...)}
}

// limits returns a condition without which haltscope works, except for what means says.
func limits(name, found, means string, fix ...string) document.Condition {
	return document.Condition{Name: name, State: document.Limits, Found: found, Means: means, Fix: fix}
}

// unfit returns a condition without which haltscope cannot work.
func unfit(name, found, means string, fix ...string) document.Condition {
	return document.Condition{Name: name, State: document.Unfit, Found: found, Means: means, Fix: fix}
}

// unknown returns a condition that could not be checked.
func unknown(name, why string, fix ...string) document.Condition {
	return document.Condition{Name: name, State: document.Unknown, Found: why, Fix: fix}
}

// hostOf returns what the document says about the host.
func hostOf(f *Facts, engine dockercli.Engine) document.DoctorHost {
	known := func(text, why string) value.Maybe[string] {
		return value.KnownOr(value.Clean(text), text != "", value.Failed, why)
	}
	reported := func(text string) value.Maybe[string] { return known(text, "the daemon does not report it") }
	h := document.DoctorHost{Engine: string(engine), Kernel: f.Kernel,
		EngineVersion: known(cmp.Or(f.Info.ServerVersion, f.API.EngineVersion), "no docker daemon answers"),
		APIVersion:    known(f.agreed(), "docker and its daemon have agreed on none"),
		Containerd:    reported(f.Containerd),
		Runc:          reported(f.Runc),
		ClientVersion: known(f.clientVersion(), "docker does not report its version"),
		CgroupDriver:  known(f.Info.CgroupDriver, "no docker daemon answers"),
		CgroupVersion: value.Absent[int](value.Failed, "no cgroup file system was found"),
		CgroupHybrid:  value.Absent[bool](value.Failed, "no cgroup file system was found")}
	if f.Cgroups != nil {
		h.CgroupVersion, h.CgroupHybrid = value.Known(f.Cgroups.Version), value.Known(f.Cgroups.Hybrid)
	}
	return h
}
