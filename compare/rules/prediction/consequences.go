package prediction

import (
	"fmt"
	"strings"

	"haltscope/compare/value"
)

// consequences are what else decides what is lost and what comes back, the losses first.
func (f *Facts) consequences() []Evidence {
	var all []Evidence
	note := func(source, format string, args ...any) {
		all = append(all, Evidence{source, fmt.Sprintf(format, args...)})
	}
	if f.PendingKill != "" {
		note(f.PendingKill, "a SIGKILL is pending: the container ends as soon as it is thawed, whatever you do")
	}
	for _, text := range f.Unread {
		note("/proc/PID", "a pending SIGKILL, an uninterruptible wait, zombies or programs may be missing here: %s", text)
	}
	all = append(all, f.unsignaledConsequences()...)
	all = append(all, f.groupConsequences()...)
	all = append(all, f.inTurnConsequences()...)
	all = append(all, f.sharerConsequences()...)
	if f.FrozenError != "" {
		note("cgroup freezer", "whether cgroups below it are frozen is unknown: %s", f.FrozenError)
	}
	if f.AutoRemove {
		note("docker inspect: AutoRemove", "--rm: when the container ends, Docker removes it, with its writable layer and its anonymous volumes")
	}
	if len(f.Tmpfs) > 0 {
		text := ""
		if f.ShmemBytes != nil {
			text = fmt.Sprintf(" (shared memory of the container in total: %s)", value.Bytes(*f.ShmemBytes))
		}
		note("docker inspect: Mounts, HostConfig.Tmpfs", "files on tmpfs are lost when it ends: %s%s", strings.Join(f.Tmpfs, ", "), text)
	}
	all = append(all, f.policyConsequences()...)
	all = append(all, f.strainConsequences()...)
	all = append(all, f.offConsequences()...)
	if len(f.AnonymousVolumes) > 0 && !f.AutoRemove {
		note("docker inspect: Mounts", "anonymous volumes remain until docker rm --volumes: %s", strings.Join(f.AnonymousVolumes, ", "))
	}
	if f.Health != "" {
		note("docker inspect: Health", "its health is %s; docker pause marks it unhealthy at once and stops the health checks, without an event",
			f.Health)
	}
	if f.OOMKillDisable {
		note("docker inspect: OomKillDisable",
			"the OOM killer is disabled: at its memory limit the container hangs, including its signal handler, until the grace runs out")
	}
	if f.DirtyBytes != nil && *f.DirtyBytes > 0 {
		note("memory.stat: dirty",
			"%s written to files is not on disk yet: it survives the end of the container, but not a crash of the machine",
			value.Bytes(*f.DirtyBytes))
	}
	return all
}

// maxNames is how many processes are named.
const maxNames = 5

// listed names processes, with their pids.
func listed(all []Member) []string {
	names := []string{}
	for _, p := range all[:min(len(all), maxNames)] {
		names = append(names, fmt.Sprintf("%s (%d)", p.Name, p.PID))
	}
	if n := len(all); n > maxNames {
		names = append(names, fmt.Sprintf("and %d more", n-maxNames))
	}
	return names
}

func (f *Facts) unsignaledConsequences() (all []Evidence) {
	if n := len(f.Unsignaled); n > 0 {
		names := listed(f.Unsignaled)
		get, are := "get", "are"
		if n == 1 {
			get, are = "gets", "is"
		}
		text := fmt.Sprintf("%s %s no signal unless PID 1 forwards it, and %s killed when PID 1 exits: Docker signals only the main process.",
			strings.Join(names, ", "), get, are)
		switch reason := f.whyUnsignaled(); {
		case reason != "":
			text = fmt.Sprintf("%s %s no signal, and %s killed when %s exits: %s.", strings.Join(names, ", "), get, are, f.Target.Init, reason)
		case f.stopsServices():
			text = fmt.Sprintf("%s stops its services its own way. Docker signals none of %s; what has not ended by then is killed when %[1]s "+
				"exits.", f.Target.Supervisor, strings.Join(names, ", "))
		case f.PIDMode != "":
			text = fmt.Sprintf("%s %s no signal unless the main process forwards it, and %s killed by containerd's shim when the main process "+
				"exits: Docker signals only the main process, and the container has no PID namespace of its own.",
				strings.Join(names, ", "), get, are)
		}
		all = append(all, Evidence{"cgroup.procs", text})
	}
	if f.UnsignaledError != "" {
		all = append(all, Evidence{"cgroup.procs", "the other processes in the container are unknown: " + f.UnsignaledError})
	}
	return all
}

const policySource = "docker inspect: RestartPolicy"

// policyConsequences are what the restart policy does after stop and kill. Source: moby daemon/kill.go.
func (f *Facts) policyConsequences() []Evidence {
	text := ""
	switch f.RestartPolicy {
	case "always":
		text = "always: a reboot starts it again, and so does a restart of the daemon; after stop or kill it stays down until then; " +
			f.killWithAnotherSignal("Docker starts it again")
	case "unless-stopped":
		text = "unless-stopped: a reboot starts it again, unless it was stopped before; after stop or any docker kill it stays down, even " +
			"when the daemon restarts"
	case "on-failure":
		text = "on-failure: after stop or kill it stays down until the daemon restarts, which starts it if it ended with a failure code (as " +
			"137 and 143 are) and has retries left; " + f.killWithAnotherSignal("Docker starts it again after a failure code")
	default:
		return nil
	}
	return []Evidence{{policySource, text}}
}

// killWithAnotherSignal says what docker kill with a signal other than the stop signal does to the restart policy.
func (f *Facts) killWithAnotherSignal(then string) string {
	if !f.StopSignalSet {
		return "docker kill -s with any signal does the same, because no stop signal is configured"
	}
	return fmt.Sprintf("if docker kill -s with a signal other than %s ends it, %s", value.SignalName(f.Signal), then)
}
