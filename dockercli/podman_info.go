package dockercli

import "strings"

// podmanInfo is the output of podman info. It has none of the keys of docker info.
//
//	{"host":{"cgroupManager":"cgroupfs","kernel":"6.1.0-…","distribution":{"distribution":"debian","version":"12"},
//	 "security":{"rootless":false}, …},"version":{"Version":"4.3.1", …}, …}
type podmanInfo struct {
	Host *struct {
		CgroupManager, Kernel, Hostname string
		Distribution                    struct{ Distribution, Version string }
		Security                        struct{ Rootless bool }
	}
	Version *struct{ Version string }
}

// info returns the same in docker's form; false if it is not the output of podman.
func (p *podmanInfo) info() (Info, bool) {
	if p.Host == nil || p.Version == nil || p.Version.Version == "" {
		return Info{}, false
	}
	i := Info{ServerVersion: p.Version.Version, KernelVersion: p.Host.Kernel, CgroupDriver: p.Host.CgroupManager, Name: p.Host.Hostname,
		OperatingSystem: strings.TrimSpace(p.Host.Distribution.Distribution + " " + p.Host.Distribution.Version), Engine: Podman}
	// There is no daemon: the client is the engine.
	i.ClientInfo.Version = p.Version.Version
	if p.Host.Security.Rootless {
		i.SecurityOptions = []string{"name=rootless"}
	}
	return i, true
}
