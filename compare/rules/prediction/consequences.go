package prediction

import (
	"fmt"
	"strings"
)

// consequences is what else decides what is lost and what comes back.
func (f *Facts) consequences() []Evidence {
	var all []Evidence
	say := func(source, format string, args ...any) {
		all = append(all, Evidence{source, fmt.Sprintf(format, args...)})
	}
	if f.PendingKill != "" {
		say(f.PendingKill, "a SIGKILL is pending: it ends as soon as it is thawed, whatever is done")
	}
	if n := len(f.Unsignaled); n > 0 {
		names := []string{}
		for i, o := range f.Unsignaled {
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
	if f.UnsignaledError != "" {
		say("cgroup.procs", "what else runs in the container is not known: %s", f.UnsignaledError)
	}
	switch f.RestartPolicy {
	case "always":
		say(policySource, "always: stop and kill keep it down, until the daemon starts anew; %s", f.killWithAnotherSignal("brings it back"))
	case "unless-stopped":
		say(policySource, "unless-stopped: stop and any docker kill keep it down, also when the daemon starts anew")
	case "on-failure":
		say(policySource, "on-failure: stop and kill keep it down, until the daemon starts anew if it ends with a failure code, as 137 and 143 are, and has retries left; %s",
			f.killWithAnotherSignal("brings it back after a failure code"))
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
	if len(f.AnonymousVolumes) > 0 && !f.AutoRemove {
		say("docker inspect: Mounts", "anonymous volumes stay until docker rm --volumes: %s", strings.Join(f.AnonymousVolumes, ", "))
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

const policySource = "docker inspect: RestartPolicy"

// Disarmed is the restart policy that a docker kill with a signal turns off, whether or not it ends anything; "" where it
// turns none off. Any kill does that to unless-stopped; to the others, SIGKILL and the stop signal do or, where none is
// configured, any. It lasts until the next start. Source: moby daemon/kill.go, killWithSignal.
func (f *Facts) DisabledPolicy(signal int) string {
	switch f.RestartPolicy {
	case "unless-stopped":
		return f.RestartPolicy
	case "always", "on-failure":
		if signal == sigkill || !f.StopSignalSet || signal == f.ConfiguredSignal {
			return f.RestartPolicy
		}
	}
	return ""
}

// RunsOnDisarmed is what else a docker kill does to a container that it need not end; nil where that is nothing.
func (f *Facts) DisabledPolicyConsequences(signal int) []Evidence {
	policy := f.DisabledPolicy(signal)
	if policy == "" {
		return nil
	}
	return []Evidence{{policySource + "; moby daemon/kill.go", fmt.Sprintf(
		"%s: Docker takes the signal for the wish that it ends: where it runs on, its policy does not start it again, however it ends, until it is started anew (docker restart)", policy)}}
}

// killS is what docker kill with another signal does to a restart policy. Source: moby daemon/kill.go.
func (f *Facts) killWithAnotherSignal(back string) string {
	if !f.StopSignalSet {
		return "so does docker kill -s with any signal, for no stop signal is configured"
	}
	return fmt.Sprintf("docker kill -s with a signal other than %s, if it ends it, %s", Name(f.Signal), back)
}
