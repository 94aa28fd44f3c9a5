package predict

import (
	"fmt"
	"strings"
)

// consequences is what else decides what is lost and what comes back.
func (f *Facts) consequences() []Because {
	var all []Because
	say := func(source, format string, args ...any) {
		all = append(all, Because{source, fmt.Sprintf(format, args...)})
	}
	if n := len(f.Others); n > 0 {
		names := []string{}
		for i, o := range f.Others {
			if i == 5 {
				names = append(names, "…")
				break
			}
			names = append(names, fmt.Sprintf("%s (%d)", o.Name, o.PID))
		}
		how := "the kernel kills them with SIGKILL when the first process of their PID namespace ends"
		if f.PIDMode != "" {
			how = "containerd's shim kills them with SIGKILL when the first process ends, for the PID namespace is not the container's own"
		}
		say("cgroup.procs", "no signal of Docker's goes to %d more: %s; unless they are told by the first, %s", n, strings.Join(names, ", "), how)
	}
	if f.OthersError != "" {
		say("cgroup.procs", "what else runs in the container is not known: %s", f.OthersError)
	}
	switch f.RestartPolicy {
	case "always":
		say("docker inspect: RestartPolicy", "always: stop and kill keep it down, until the daemon starts anew; %s", f.killS("brings it back"))
	case "unless-stopped":
		say("docker inspect: RestartPolicy", "unless-stopped: stop and any docker kill keep it down, also when the daemon starts anew")
	case "on-failure":
		say("docker inspect: RestartPolicy", "on-failure: stop and kill keep it down; %s", f.killS("brings it back after a failure code"))
	}
	if f.AutoRemove {
		say("docker inspect: AutoRemove", "--rm: when it has ended, the container is removed, with its writable layer and its anonymous volumes")
	}
	if len(f.Tmpfs) > 0 {
		text := ""
		if f.ShmemBytes != nil {
			text = fmt.Sprintf(" (shared memory of the container, all in all: %d bytes)", *f.ShmemBytes)
		}
		say("docker inspect: Mounts, HostConfig.Tmpfs", "what is on tmpfs is gone when it ends: %s%s", strings.Join(f.Tmpfs, ", "), text)
	}
	if len(f.Anonymous) > 0 && !f.AutoRemove {
		say("docker inspect: Mounts", "anonymous volumes stay until docker rm --volumes: %s", strings.Join(f.Anonymous, ", "))
	}
	if f.Health != "" {
		say("docker inspect: Health", "its health is %s; docker pause makes it unhealthy at once and stops the probes, without an event", f.Health)
	}
	if f.OOMKillDisable {
		say("docker inspect: OomKillDisable", "the OOM killer is off: at its memory limit it hangs, handler and all, until the grace runs out")
	}
	if f.DirtyBytes != nil && *f.DirtyBytes > 0 {
		say("memory.stat: dirty", "%d bytes that were written to files are not on disk yet: they outlast the container's end, not the machine's", *f.DirtyBytes)
	}
	return all
}

// killS is what docker kill with another signal does to a restart policy. Source: moby daemon/kill.go.
func (f *Facts) killS(back string) string {
	if !f.StopSignalSet {
		return "so does docker kill -s with any signal, for no stop signal is configured"
	}
	return fmt.Sprintf("docker kill -s with a signal other than %s, if it ends it, %s", Name(f.Signal), back)
}
