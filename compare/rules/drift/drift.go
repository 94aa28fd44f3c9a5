package drift

import (
	"fmt"
	"strings"

	"haltscope/cgroupfs"
	"haltscope/cgroupfs/figure"
	"haltscope/compare/document"
	"haltscope/compare/value"
)

// Kinds of drift.
const (
	FrozenOutsideDocker = "frozen-outside-docker" // frozen, and Docker knows nothing of it
	FreezeIncomplete    = "freeze-incomplete"     // freezing is asked for and not done; Docker's pause has failed, or it was not Docker
	ThawedOutsideDocker = "thawed-outside-docker" // Docker says paused, and nothing is frozen
	PauseIncomplete     = "pause-incomplete"      // Docker says paused, freezing is asked for and not done
	FrozenAbove         = "frozen-above"          // a cgroup above is frozen, and with it the container
	FrozenYetRunning    = "frozen-yet-running"    // the kernel says frozen, and CPU time is used
	Gone                = "gone"                  // Docker says running, and there is no process
	Outlived            = "outlived"              // Docker says it has ended, and there are processes
	LimitedAbove        = "limited-above"         // a cgroup above has a smaller limit
	UnderOOM            = "under-oom"             // v1, its OOM killer off: its tasks wait for memory, which looks like a freeze
)

// stirs is how much of a core, in percent, a frozen cgroup may use: a signal wakes each of its tasks for a moment, which
// then goes back into the freezer. Six signals to a frozen nginx within 3 s made 0.01 %, on v2 and 6.12.
const stirs = 0.5

// Drift names the ways in which the two accounts are known to part, with what then works and what does not, and the way
// out. Measured on engines 20.10 and 26.1 with runc 1.1, as the acceptance tests repeat it.
func Drift(name string, d *Docker, k *Kernel) []document.Finding {
	var all []document.Finding
	add := func(kind, text string, wayOut ...string) {
		all = append(all, document.Finding{Kind: kind, Text: text, Fix: append([]string{}, wayOut...)})
	}
	if !k.Exists || !k.populated() {
		if d.runs() {
			add(Gone, "Docker says it runs, and it has no process: its end has not reached Docker",
				"docker inspect "+name+" # in a moment, once more", "journalctl --unit docker --since -10min # what the daemon says of it")
		}
		return all
	}
	if d.Status == "exited" || d.Status == "dead" {
		var kill []string
		if len(k.MembersAfter) > 0 {
			kill = []string{"kill -KILL " + strings.Trim(fmt.Sprint(k.MembersAfter), "[]") + " # ends them"}
			if k.frozen() && k.Version == 1 {
				kill = append(kill, k.thaw(k.Path)+" # v1 ends a frozen process once it is thawed")
			}
		}
		left := value.Count(len(k.MembersAfter), "process is", "processes are")
		if k.MembersError != "" {
			left = "processes that could not all be listed (" + k.MembersError + ") are"
		}
		add(Outlived, "Docker says it has ended, and "+left+" in its cgroup still: moved there from elsewhere, or left by the runtime. "+
			"What they use is charged to it, and no docker command reaches them", kill...)
	}
	f := k.After.Freezer
	own := f.By == k.Path
	switch {
	case f.Requested.State() != figure.Present || f.Frozen.State() != figure.Present:
	case !d.Paused && own && f.Frozen.Is(1):
		add(FrozenOutsideDocker, "It is frozen, and Docker says it runs: somebody froze its cgroup, or a docker pause gave up and left it to freeze later. "+
			"docker exec and docker pause fail, docker unpause says it is not paused, docker stop runs out its grace and ends in 137",
			k.thaw(k.Path), "docker kill "+name+" # ends it")
	case !d.Paused && own:
		add(FreezeIncomplete, "Freezing is asked for and not complete, and Docker says it runs: it will freeze as soon as "+k.blocked()+". "+
			"A docker pause that failed leaves this behind on cgroup v2; docker pause and docker unpause then both refuse",
			k.thaw(k.Path))
	case d.Paused && !own && f.Above != "":
		add(ThawedOutsideDocker, "Docker says it is paused, and its own cgroup is not asked to freeze: somebody thawed it, and only the one above holds it. docker unpause fails",
			k.freeze(k.Path)+" && docker unpause "+name, "docker kill "+name+" # ends it")
	case d.Paused && f.Requested.Is(0):
		add(ThawedOutsideDocker, "Docker says it is paused, and it runs: somebody thawed its cgroup. docker unpause fails, and docker exec refuses",
			k.freeze(k.Path)+" && docker unpause "+name, "docker kill "+name+" # ends it")
	case d.Paused && !f.Frozen.Is(1):
		add(PauseIncomplete, "Docker says it is paused, and its freezing is not complete: it will freeze as soon as "+k.blocked())
	}
	if f.Above != "" && f.Requested.Is(1) {
		text := "The cgroup " + value.Quote(f.Above) + " above it is frozen, and the container with it"
		if f.Frozen.Is(0) {
			text = "The cgroup " + value.Quote(f.Above) + " above it is asked to freeze, and the container with it, which is not frozen yet: it will be as soon as " + k.blocked()
		}
		if d.Paused == own {
			text += ". docker pause and docker unpause succeed and change nothing"
		}
		if k.Version == 2 {
			text += "; docker exec hangs"
		}
		add(FrozenAbove, text, k.thaw(f.Above))
	}
	if used, ok := CPUPercent(&k.Before, &k.After); ok && used >= stirs && f.Frozen.Is(1) && k.Before.Freezer.Frozen.Is(1) {
		add(FrozenYetRunning, fmt.Sprintf("The kernel says it is frozen, and it used %.2f %% of a core meanwhile: where a cgroup has both processes and cgroups below it, "+
			"the kernel may count it as frozen though its own processes are not", used), "docker top "+name+" # which process that is")
	}
	if k.Details.V1.OOMControl.UnderOOM.Is(1) && k.Details.V1.OOMControl.OOMKillDisable.Is(1) {
		add(UnderOOM, "It is at its memory limit, and its OOM killer is off (--oom-kill-disable): each of its tasks that needs memory waits until there is some, which looks like a freeze",
			"docker update --memory 1g --memory-swap 1g "+name+" # or another limit above what it holds", "docker kill "+name+" # ends it")
	}
	memory, none := "memory.max", "max"
	if k.Version == 1 {
		memory, none = "memory.limit_in_bytes", "-1"
	}
	for _, l := range []struct {
		what, file, none string
		cgroupfs.Limit
	}{{"memory is", memory, none, k.Details.MemoryLimit}, {"tasks are", "pids.max", "max", k.Details.PidsLimit}} {
		if v, ok := l.Effective.Value(); ok && l.Effective != l.Own {
			text := fmt.Sprint(v)
			if l.what == "memory is" {
				text = value.Bytes(v)
			}
			add(LimitedAbove, limitedAbove(l.what, text, l.By), "echo "+l.none+" > "+value.Quote(l.By+"/"+l.file)+" # or a higher limit")
		}
	}
	if l := k.Details.CPULimit; l.By != "" && l.Effective != l.Own {
		if cores, ok := l.Effective.CPUs(); ok {
			wayOut := "echo max > " + value.Quote(l.By+"/cpu.max")
			if k.Version == 1 {
				wayOut = "echo -1 > " + value.Quote(l.By+"/cpu.cfs_quota_us")
			}
			add(LimitedAbove, limitedAbove("CPU time is", fmt.Sprintf("%.2f cores", cores), l.By), wayOut+" # or a higher limit")
		}
	}
	return all
}

func limitedAbove(what, to, by string) string {
	return fmt.Sprintf("Its %s limited to %s by %s above it, together with all else in there", what, to, value.Quote(by))
}

func (k *Kernel) blocked() string {
	if len(k.Blocked) == 0 {
		return "the last of its tasks gets to the freezer"
	}
	perhaps := ""
	if k.Version == 1 { // what is frozen already may look the same there
		perhaps = " perhaps,"
	}
	return list(k.Blocked) + perhaps + " leaves its uninterruptible wait"
}

// thaw is how to undo a freeze by hand.
func (k *Kernel) thaw(path string) string {
	if k.Version == 2 {
		return "echo 0 > " + value.Quote(path+"/cgroup.freeze")
	}
	return "echo THAWED > " + value.Quote(path+"/freezer.state")
}

func (k *Kernel) freeze(path string) string {
	if k.Version == 2 {
		return "echo 1 > " + value.Quote(path+"/cgroup.freeze")
	}
	return "echo FROZEN > " + value.Quote(path+"/freezer.state")
}
