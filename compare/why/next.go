package why

import (
	"fmt"
	"slices"

	"haltscope/compare/journal"
	"haltscope/compare/rules/past"
	"haltscope/compare/value"
	"haltscope/dockercli"
)

// next returns what to do after an end, as commands for a shell.
func next(sub *subject, f *past.Facts, v *past.Verdict) []string {
	all := []string{}
	name := value.Paste([]string{sub.name})
	removed := sub.container == nil
	log := "docker logs --tail 50 " + name
	const watch = "haltscope watch --journal " + journal.DefaultDir + "   # it sees how the processes end, next time"
	switch v.Kind {
	case value.OOMKilled:
		if !removed {
			all = append(all, moreMemory(&sub.container.HostConfig, f.Kills, name))
		}
	case value.Forced:
		if !removed {
			all = append(all, "haltscope predict --like "+name+"   # why it does not end on "+value.SignalName(stopSignal(f)))
		}
	case value.Crashed, value.FailedStopping:
		if !removed {
			all = append(all, log)
		}
	case value.Inconclusive:
		if !removed {
			all = append(all, log)
		}
		all = append(all, watch)
	}
	return all
}

func stopSignal(f *past.Facts) value.Signal {
	if f.Forced != nil {
		return f.Forced.Signal
	}
	return f.Container.StopSignal
}

// moreMemory doubles the limits of a container, unless it was another limit that ran out.
func moreMemory(h *dockercli.HostConfig, kills []past.OOMKill, name string) string {
	const who = "haltscope ps --all --sort memory   # "
	switch own := slices.ContainsFunc(kills, func(k past.OOMKill) bool { return k.OwnLimit }); {
	case h.Memory <= 0:
		return who + "it has no limit of its own: what uses the memory?"
	case len(kills) > 0 && !own:
		return who + "its own limit did not run out: what uses the memory?"
	}
	doubled := func(bytes int64) string { return fmt.Sprintf("%dm", (2*bytes+1<<20-1)>>20) }
	swap := ""
	if h.MemorySwap > 0 {
		swap = " --memory-swap " + doubled(h.MemorySwap)
	}
	return "docker update --memory " + doubled(h.Memory) + swap + " " + name
}
