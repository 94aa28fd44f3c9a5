package prediction

import (
	"fmt"
	"strings"

	"haltscope/compare/value"
)

// consequences are what else decides what is lost and what comes back.
func (f *Facts) consequences() []Evidence {
	var all []Evidence
	note := func(source, format string, args ...any) {
		all = append(all, Evidence{source, fmt.Sprintf(format, args...)})
	}
	if f.PendingKill != "" {
		note(f.PendingKill, "a SIGKILL is pending: it ends as soon as it is thawed, whatever is done")
	}
	all = append(all, f.unsignaledConsequences()...)
	all = append(all, f.policyConsequences()...)
	if f.AutoRemove {
		note("docker inspect: AutoRemove", "--rm: when it has ended, the container is removed, with its writable layer and its anonymous volumes")
	}
	if len(f.Tmpfs) > 0 {
		text := ""
		if f.ShmemBytes != nil {
			text = fmt.Sprintf(" (shared memory of the container, all in all: %d bytes)", *f.ShmemBytes)
		}
		note("docker inspect: Mounts, HostConfig.Tmpfs", "what is on tmpfs is gone when it ends: %s%s", strings.Join(f.Tmpfs, ", "), text)
	}
	if len(f.AnonymousVolumes) > 0 && !f.AutoRemove {
		note("docker inspect: Mounts", "anonymous volumes stay until docker rm --volumes: %s", strings.Join(f.AnonymousVolumes, ", "))
	}
	if f.Health != "" {
		note("docker inspect: Health", "its health is %s; docker pause makes it unhealthy at once and stops the probes, without an event",
			f.Health)
	}
	if f.OOMKillDisable {
		note("docker inspect: OomKillDisable", "the OOM killer is off: at its memory limit it hangs, handler and all, until the grace runs out")
	}
	if f.DirtyBytes != nil && *f.DirtyBytes > 0 {
		note("memory.stat: dirty",
			"%d bytes that were written to files are not on disk yet: they outlast the container's end, not the machine's", *f.DirtyBytes)
	}
	return all
}

// maxNames is how many unsignaled processes are named.
const maxNames = 5

func (f *Facts) unsignaledConsequences() (all []Evidence) {
	if n := len(f.Unsignaled); n > 0 {
		names := []string{}
		for i, p := range f.Unsignaled {
			if i == maxNames {
				names = append(names, "…")
				break
			}
			names = append(names, fmt.Sprintf("%s (%d)", p.Name, p.PID))
		}
		how := "the kernel kills them with SIGKILL when the first process of their PID namespace ends"
		if f.PIDMode != "" {
			how = "containerd's shim kills them with SIGKILL when the first process ends, for the PID namespace is not the container's own"
		}
		all = append(all, Evidence{"cgroup.procs",
			fmt.Sprintf("no signal of Docker's goes to %d more: %s; unless they are told by the first, %s", n, strings.Join(names, ", "), how)})
	}
	if f.UnsignaledError != "" {
		all = append(all, Evidence{"cgroup.procs", "what else runs in the container is not known: " + f.UnsignaledError})
	}
	return all
}

const policySource = "docker inspect: RestartPolicy"

// policyConsequences are what the restart policy does after stop and kill. Source: moby daemon/kill.go.
func (f *Facts) policyConsequences() []Evidence {
	text := ""
	switch f.RestartPolicy {
	case "always":
		text = "always: stop and kill keep it down, until the daemon starts anew; " + f.killWithAnotherSignal("brings it back")
	case "unless-stopped":
		text = "unless-stopped: stop and any docker kill keep it down, also when the daemon starts anew"
	case "on-failure":
		text = "on-failure: stop and kill keep it down, until the daemon starts anew if it ends with a failure code, as 137 and 143 are, and " +
			"has retries left; " +
			f.killWithAnotherSignal("brings it back after a failure code")
	default:
		return nil
	}
	return []Evidence{{policySource, text}}
}

// killWithAnotherSignal says what docker kill with a signal other than the stop signal does to the restart policy.
func (f *Facts) killWithAnotherSignal(back string) string {
	if !f.StopSignalSet {
		return "so does docker kill -s with any signal, for no stop signal is configured"
	}
	return fmt.Sprintf("docker kill -s with a signal other than %s, if it ends it, %s", value.SignalName(f.Signal), back)
}

// DisabledPolicy returns the restart policy that a docker kill with a signal turns off, whether or not the signal ends anything;
// "" where it turns none off. Any kill turns off unless-stopped. SIGKILL and the stop signal, or any signal where none is
// configured, turn off the others. That lasts until the next start. Source: moby daemon/kill.go, killWithSignal.
func (f *Facts) DisabledPolicy(signal value.Signal) string {
	switch f.RestartPolicy {
	case "unless-stopped":
		return f.RestartPolicy
	case "always", "on-failure":
		if signal == value.SIGKILL || !f.StopSignalSet || signal == f.ConfiguredSignal {
			return f.RestartPolicy
		}
	}
	return ""
}

// DisabledPolicyConsequences are what else a docker kill does to a container that survives the signal; nil for nothing.
func (f *Facts) DisabledPolicyConsequences(signal value.Signal) []Evidence {
	policy := f.DisabledPolicy(signal)
	if policy == "" {
		return nil
	}
	return []Evidence{{policySource + "; moby daemon/kill.go", fmt.Sprintf(
		"%s: Docker takes the signal for the wish that it ends: where it runs on, its policy does not start it again, however it ends, until "+
			"it is started anew (docker restart)", policy)}}
}
