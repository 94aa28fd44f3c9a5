package drift

import (
	"fmt"

	"haltscope/compare/document"
	"haltscope/compare/value"
)

// frozenBelow finds frozen cgroups below the container's: those of an engine or an init in it, or made by a user.
func frozenBelow(name string, _ *Docker, k *Kernel) []document.Finding {
	if len(k.Below) == 0 {
		return nil
	}
	var paths, fix []string
	count := 0
	for _, b := range k.Below {
		paths, fix = append(paths, value.Quote(b.Path)), append(fix, k.thaw(b.Path))
		count += len(b.Members)
	}
	what, is, state := "The cgroup", "is", "frozen"
	if len(paths) > 1 {
		what, is = "The cgroups", "are"
	}
	for _, b := range k.Below {
		if b.Frozen.Is(0) {
			state = "being frozen"
		}
	}
	text := fmt.Sprintf("%s %s, below its own, %s %s, with %s. docker pause and docker unpause leave that as it is", what, list(paths), is,
		state, value.Count(count, "process", "processes"))
	if k.Version == 1 {
		text += ". These take no signal, not even SIGKILL, so docker stop and docker kill fail until a thaw"
	} else {
		text += ". These do not act on a signal that they handle, so docker stop may wait for the whole grace; SIGKILL ends them"
	}
	return finding(FrozenBelow, text, fix...)
}

// firstThread finds a main process whose first thread has ended while others live on.
func firstThread(_ string, d *Docker, k *Kernel) []document.Finding {
	p := k.FirstThreadEnded
	if p == nil || !d.hasProcess() {
		return nil
	}
	return finding(FirstThreadEnded, fmt.Sprintf("The first thread of its main process, %d (%s), has ended (state Z), and other threads run "+
		"on. The runtime takes the container for stopped: docker stop and docker kill send nothing to it, docker pause and docker exec "+
		"fail, and in the end Docker may say that it has exited while it runs", p.PID, p.Command),
		fmt.Sprintf("kill -TERM %d # on the host: reaches the program", p.PID))
}

// manyZombies is how many zombies of a process are no coincidence: it would have waited for the first ones by now.
const manyZombies = 10

// zombies finds processes that do not wait for their children. Each zombie counts against the pids limit, and cgroup.procs does not
// list it.
func zombies(_ string, _ *Docker, k *Kernel) []document.Finding {
	var all []document.Finding
	limit, limited := k.Details.PidsLimit.Effective.Value()
	tasks, counted := k.After.Pids.Value()
	full := limited && counted && tasks >= limit
	for _, z := range k.Zombies {
		if z.Count < manyZombies && !full {
			continue
		}
		text := fmt.Sprintf("%s of %s (%d), which does not wait for its ended children (zombies): cgroup.procs does not list them",
			value.Count(z.Count, "child", "children"), z.Command, z.PID)
		if counted {
			text = fmt.Sprintf("%d of its %d tasks are zombies of %s (%d), which does not wait for its ended children: cgroup.procs does not "+
				"list them", z.Count, tasks, z.Command, z.PID)
		}
		if limited {
			text += fmt.Sprintf(", and they count against its pids limit, %d", limit)
		}
		all = append(all, finding(Zombies, text, fmt.Sprintf("ps --ppid %d # lists them; they go when %s waits for them or ends", z.PID,
			z.Command))...)
	}
	return all
}

// fullPids finds a container that can make no further process or thread.
func fullPids(name string, d *Docker, k *Kernel) []document.Finding {
	limit, limited := k.Details.PidsLimit.Effective.Value()
	tasks, counted := k.After.Pids.Value()
	if !limited || !counted || tasks < limit || !d.hasProcess() {
		return nil
	}
	text := fmt.Sprintf("It has %d tasks, and its pids limit is %d: its processes can start no process and no thread, so a signal handler "+
		"that does so fails", tasks, limit)
	if failed, ok := k.Details.PidsEvents.Value(); ok && failed > 0 {
		text += fmt.Sprintf("; %s so far", value.Count(int(failed), "fork has failed", "forks have failed"))
	}
	fix := fmt.Sprintf("docker update --pids-limit %d %s # or another limit above what it uses", 2*limit, name)
	if l := k.Details.PidsLimit; l.Own != l.Effective {
		fix = fmt.Sprintf("echo %d > %s # or another limit above what it uses", 2*limit, value.Quote(l.By+"/pids.max"))
	}
	return finding(PidsLimit, text, fix)
}
