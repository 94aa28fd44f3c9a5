package action

import (
	"slices"
	"strings"

	"golang.org/x/sys/unix"

	"haltscope/compare/document"
	"haltscope/compare/rules/prediction"
	"haltscope/compare/value"
	"haltscope/dockercli"
)

// restore returns what brings the container back, or undoes the action.
func (r *record) restore() document.Undo {
	switch {
	case r.dryRun:
		return r.restoreLater()
	case !r.performed():
		return document.Undo{Effect: "nothing was done"}
	case r.AfterErr != nil:
		return document.Undo{Command: "haltscope inspect " + r.name(), Effect: "its state could not be read: " +
			dockercli.Cause(r.AfterErr)}
	case r.Ends() && r.interrupted() && !r.hasEnded():
		return document.Undo{Command: "haltscope inspect " + r.name(), Effect: r.tool() +
			" was abandoned before it answered, and the daemon may still complete it: check again"}
	case r.alive() != nil && (r.After == nil || !r.After.State.Running):
		return r.restoreAlive()
	case r.unchanged():
		return document.Undo{Effect: "nothing to undo: it has changed nothing"}
	case r.After == nil && r.Before.HostConfig.AutoRemove:
		return r.restoreRemoved()
	case r.After == nil:
		return document.Undo{Effect: "nothing brings it back: the container no longer exists"}
	case r.After.State.Running:
		return r.restoreRunning()
	}
	return r.restoreEnded()
}

// hadEnded reports whether the container was not running before the action.
func (r *record) hadEnded() bool {
	return slices.Contains([]string{"created", "exited", "dead"}, r.Before.State.Status)
}

// unchanged reports whether the container is as it was: one that had ended, or one that was to be paused and was paused.
func (r *record) unchanged() bool {
	if r.After == nil || !r.hadEnded() && (r.Verb != value.Pause || r.Before.State.Status != "paused" || r.killPending != "") {
		return false
	}
	b, a := &r.Before.State, &r.After.State
	return a.Status == b.Status && a.StartedAt.Equal(b.StartedAt) && a.Pid == b.Pid
}

// restoreLater returns what would bring the container back after the action, if it were performed.
func (r *record) restoreLater() document.Undo {
	switch {
	case r.Verb == value.Pause && !r.Before.State.Paused && !r.hadEnded():
		return r.restoreByUnpause()
	case r.sendsSIGSTOP():
		return r.restoreBySIGCONT()
	case r.Verb == value.Restart && r.mayEnd():
		return document.Undo{Effect: "nothing to do: it would run again, as a new process; what was in memory would be lost"}
	case r.mayEnd() && r.Before.HostConfig.AutoRemove:
		return r.restoreRemoved()
	case r.mayEnd() || r.expected.outcome != nil && r.expected.outcome.Kind == prediction.Cancelled:
		return r.restoreByStart()
	}
	return document.Undo{Effect: "there would be nothing to undo"}
}

// restoreRunning is for a container of which Docker says that it is running, paused or restarting.
func (r *record) restoreRunning() document.Undo {
	name, tool, policy := r.name(), r.tool(), r.policy()
	switch s := &r.After.State; {
	case r.killPending != "" && s.Status == "paused":
		return document.Undo{Command: r.restoreByUnpause().Command, Effect: "ends it, because a SIGKILL is pending"}
	case r.killPending != "" && len(r.Below) > 0:
		return document.Undo{Command: r.wayOut()[0], Effect: "ends it, because a SIGKILL is pending: a cgroup below its own is frozen"}
	case r.exiting:
		return document.Undo{Effect: "its program has ended: it ends as soon as the other processes of its PID namespace do"}
	case r.killPending != "":
		return document.Undo{Effect: "a SIGKILL is pending: it ends as soon as it can"}
	case s.Status == "paused":
		return r.restoreByUnpause()
	case s.Status == "restarting":
		return r.restoreRestarting()
	case r.Ends() && len(r.Below) > 0:
		return document.Undo{Command: r.wayOut()[0], Effect: "thaws what keeps the container from ending"}
	case len(r.wayOut()) > 0:
		return document.Undo{Command: strings.Join(r.wayOut(), " && "), Effect: "thaws it: " + tool + " cannot thaw what it did not freeze"}
	case r.ReadAfter.Freezer.Frozen.Is(1):
		return document.Undo{Command: "haltscope inspect " + name, Effect: tool +
			" cannot thaw what it did not freeze; haltscope inspect shows how to thaw it"}
	case r.hasEnded() && r.Verb != value.Restart:
		starter := "its restart policy, " + policy + ","
		if policy == "" || policy == "no" {
			starter = "another client"
		}
		return document.Undo{Effect: "nothing to do: " + starter + " has started it again, as a new process; what was in memory is lost"}
	case r.hasEnded():
		return restoredByRestart
	case r.sendsSIGSTOP() && r.CommandErr == nil:
		return r.restoreBySIGCONT()
	}
	return document.Undo{Effect: "nothing to do: it is running" + r.policyDisabled()}
}

// restoreEnded is for a container of which Docker says that it is not running.
func (r *record) restoreEnded() document.Undo {
	s := &r.After.State
	switch {
	case s.Status == "paused":
		return r.restoreByUnpause()
	case s.Status == "restarting":
		return r.restoreRestarting()
	case s.Status == "removing" && r.Before.HostConfig.AutoRemove:
		return r.restoreRemoved()
	}
	back := r.restoreByStart()
	if policy := r.policy(); !r.expected.noRules && (policy == "always" || policy == "on-failure" && s.ExitCode != 0 && r.hasRetries()) {
		back.Effect += "; a daemon restart also starts it, by its restart policy, " + policy
	}
	return back
}

func (r *record) restoreRestarting() document.Undo {
	policy := r.policy()
	if r.Verb == value.Kill && !r.expected.noRules && policy == "unless-stopped" {
		return document.Undo{Effect: "nothing to do: its restart policy, unless-stopped, starts it once more, as a new process, and not again " +
			"after that until " + r.tool() + " start or restart"}
	}
	return document.Undo{Effect: "nothing to do: its restart policy, " + policy + ", starts it again, as a new process"}
}

func (r *record) restoreByStart() document.Undo {
	return document.Undo{Command: r.tool() + " start " + r.name(), Effect: "a new process; what was in memory is lost"}
}

func (r *record) restoreByUnpause() document.Undo {
	return document.Undo{Command: r.tool() + " unpause " + r.name(), Effect: "the same process, with its memory intact"}
}

func (r *record) restoreBySIGCONT() document.Undo {
	return document.Undo{Command: r.tool() + " kill --signal CONT " + r.name(),
		Effect: "the same process, from where it was stopped" + r.policyDisabled()}
}

func (r *record) restoreRemoved() document.Undo {
	return document.Undo{Effect: "nothing brings it back: --rm removes it, with its writable layer; " + r.tool() +
		" run creates another"}
}

var restoredByRestart = document.Undo{Effect: "nothing to do: it is running again, as a new process; what was in memory is lost"}

// policyDisabled says that a docker kill has turned off the restart policy; "" if it has not.
func (r *record) policyDisabled() string {
	if r.Verb != value.Kill || r.expected.facts == nil || r.expected.facts.DisabledPolicy(r.Signal) == "" {
		return ""
	}
	return "; its restart policy, " + r.policy() + ", is off until it is started again (" + r.tool() + " restart)"
}

func (r *record) policy() string { return value.Clean(r.Before.HostConfig.RestartPolicy.Name) }

// hasEnded reports whether the first process was seen to end.
func (r *record) hasEnded() bool { return r.Ends() && r.EffectAt != nil }

func (r *record) sendsSIGSTOP() bool {
	return r.Verb == value.Kill && r.Signal == unix.SIGSTOP && r.Group != nil
}

// hasRetries reports whether the restart policy on-failure starts the container once more (moby, restartmanager).
func (r *record) hasRetries() bool {
	most := r.Before.HostConfig.RestartPolicy.MaximumRetryCount
	return most == 0 || r.After.RestartCount < most
}

// tool returns the name of the command that the user has: docker or podman.
func (r *record) tool() string { return string(r.Docker.Engine()) }
