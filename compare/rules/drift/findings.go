package drift

import (
	"fmt"
	"strings"

	"haltscope/compare/document"
)

// kind is a kind of findings.
type kind = document.FindingKind

// Kinds of findings.
const (
	FrozenOutsideDocker  kind = document.FrozenOutsideDocker // frozen, and Docker does not know
	FreezeIncomplete     kind = "freeze-incomplete"          // a freeze is requested but not complete, and Docker says running
	ThawedOutsideDocker  kind = "thawed-outside-docker"      // Docker says paused, and no freeze is requested for the container itself
	PauseIncomplete      kind = "pause-incomplete"           // Docker says paused, and the freeze is not complete
	FrozenAbove          kind = "frozen-above"               // an ancestor cgroup is frozen, and the container with it
	FrozenBelow          kind = "frozen-below"               // a cgroup below is frozen, with processes in it
	FirstThreadEnded     kind = "first-thread-ended"         // the runtime takes it for stopped, and it runs
	Zombies              kind = "zombies"                    // a process does not wait for its children
	PidsLimit            kind = "pids-limit"                 // its tasks fill its pids limit
	FrozenYetRunning     kind = "frozen-yet-running"         // the kernel says frozen, and CPU time is used
	Gone                 kind = "gone"                       // Docker says running, and there is no process
	Outlived             kind = "outlived"                   // Docker says that it has ended, and there are processes
	LimitedAbove         kind = "limited-above"              // an ancestor cgroup has a smaller limit
	RestartPolicyOff     kind = "restart-policy-off"         // docker inspect shows a restart policy, and a signal has turned it off
	RestartPolicyUnknown kind = "restart-policy-unknown"     // whether a signal has turned the restart policy off is not known
	UnderOOM             kind = "under-oom"                  // v1 with the OOM killer off: tasks wait for memory
)

// OfPause reports whether a kind of finding is that docker pause and the freezer of the container's own cgroup disagree.
func OfPause(k document.FindingKind) bool {
	return k == FrozenOutsideDocker || k == FreezeIncomplete || k == ThawedOutsideDocker || k == PauseIncomplete
}

// Findings returns the known ways in which Docker and the kernel disagree about the container called name: what works, what does
// not, and how to fix it. What the texts say of docker's commands was measured on engines 20.10 and 26.1 with runc 1.1; the
// acceptance tests repeat it.
func Findings(name string, d *Docker, k *Kernel) []document.Finding {
	if !k.populated() {
		return noProcess(name, d)
	}
	var all []document.Finding
	for _, find := range []func(string, *Docker, *Kernel) []document.Finding{
		outlived, firstThread, ownFreezer, ancestorFreezer, frozenBelow, cpuWhileFrozen, underOOM, fullPids, zombies, ancestorLimits,
		policyOff,
	} {
		all = append(all, find(name, d, k)...)
	}
	return all
}

func finding(k kind, text string, fix ...string) []document.Finding {
	return []document.Finding{{Kind: k, Text: text, Fix: append([]string{}, fix...)}}
}

// kill is the fix that always works.
func kill(name string) string { return "docker kill " + name + " # ends it" }

func noProcess(name string, d *Docker) []document.Finding {
	if !d.hasProcess() {
		return nil
	}
	return finding(Gone, "Docker says it is running, but it has no process: Docker has not noticed its end",
		"docker inspect "+name+" # again, in a moment", "journalctl --unit docker --since -10min # the daemon's log")
}

func outlived(_ string, d *Docker, k *Kernel) []document.Finding {
	if k.Ending || d.Status != "exited" && d.Status != "dead" {
		return nil
	}
	var fix []string
	if len(k.MembersAfter) > 0 {
		fix = append(fix, "kill -KILL "+strings.Trim(fmt.Sprint(k.MembersAfter), "[]")+" # ends them")
		if k.frozen() && k.Version == 1 {
			fix = append(fix, k.thaw(k.Path)+" # on v1 SIGKILL ends a frozen process only after it is thawed")
		}
	}
	left := countProcesses(k.MembersAfter)
	if k.MembersError != "" {
		left = "processes that could not all be listed (" + k.MembersError + ")"
	}
	return finding(Outlived,
		"Docker says it has ended, but its cgroup still has "+left+", moved there from elsewhere or left by the runtime. "+
			"What they use is charged to the container, and no docker command reaches them", fix...)
}

func cpuWhileFrozen(name string, _ *Docker, k *Kernel) []document.Finding {
	used, ok := CPUPercent(&k.Before, &k.After)
	if !ok || used < wakeUpPercent || !k.frozen() || !k.Before.Freezer.Frozen.Is(1) {
		return nil
	}
	return finding(FrozenYetRunning,
		fmt.Sprintf("The kernel says it is frozen, but it used %.2f %% of a core meanwhile. If a cgroup has both processes and "+
			"cgroups below it, the kernel may report it as frozen although its own processes are not", used),
		"docker top "+name+" # shows which process")
}

// wakeUpPercent is how much of a core, in percent, a frozen cgroup may use: a signal wakes each of its tasks for a moment, before
// the task goes back into the freezer. Six signals to a frozen nginx within 3 s used 0.01 %, on v2 with Linux 6.12.
const wakeUpPercent = 0.5

func underOOM(name string, _ *Docker, k *Kernel) []document.Finding {
	control := k.Details.V1.OOMControl
	if !control.UnderOOM.Is(1) || !control.OOMKillDisable.Is(1) {
		return nil
	}
	return finding(UnderOOM,
		"It is at its memory limit, and its OOM killer is off (--oom-kill-disable): each task that needs memory waits for it, which looks "+
			"like a freeze",
		"docker update --memory 1g --memory-swap 1g "+name+" # or another limit above what it uses", kill(name))
}

// policyOff is a restart policy that docker inspect shows, and that a signal has turned off, or may have.
func policyOff(name string, d *Docker, _ *Kernel) []document.Finding {
	switch {
	case d.PolicyOffError != "":
		return finding(RestartPolicyUnknown, "docker inspect shows the restart policy "+d.Policy+", and whether a signal of docker kill has "+
			"turned it off is not known: "+d.PolicyOffError, "docker events --since 24h --until 0s --filter event=kill --filter container="+name+
			" # shows the signals, as long as the daemon remembers them")
	case d.PolicyOff == "":
		return nil
	}
	return finding(RestartPolicyOff, "docker inspect shows the restart policy "+d.PolicyOff, "docker restart "+name+
		" # turns it on again, and ends the program")
}
