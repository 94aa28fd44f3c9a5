package drift

import (
	"fmt"

	"haltscope/compare/document"
	"haltscope/compare/value"
)

// ancestorLimits finds limits of cgroups above the container's that are smaller than its own.
func ancestorLimits(_ string, _ *Docker, k *Kernel) []document.Finding {
	memoryFile, quotaFile, noMemoryLimit, noQuota := "memory.max", "cpu.max", "max", "max"
	if k.Version == 1 {
		memoryFile, quotaFile, noMemoryLimit, noQuota = "memory.limit_in_bytes", "cpu.cfs_quota_us", "-1", "-1"
	}
	var all []document.Finding
	if l := k.Details.MemoryLimit; l.Effective != l.Own {
		if v, ok := l.Effective.Value(); ok {
			all = append(all, limitedAbove("memory is", value.Bytes(v), l.By, memoryFile, noMemoryLimit)...)
		}
	}
	if l := k.Details.PidsLimit; l.Effective != l.Own {
		if v, ok := l.Effective.Value(); ok {
			all = append(all, limitedAbove("tasks are", fmt.Sprint(v), l.By, "pids.max", "max")...)
		}
	}
	if l := k.Details.CPULimit; l.By != "" && l.Effective != l.Own {
		if cores, ok := l.Effective.CPUs(); ok {
			all = append(all, limitedAbove("CPU time is", coresText(cores), l.By, quotaFile, noQuota)...)
		}
	}
	return all
}

func limitedAbove(what, limit, path, file, none string) []document.Finding {
	return finding(LimitedAbove, fmt.Sprintf("Its %s limited to %s by its ancestor cgroup %s, together with everything else in it", what,
		limit, value.Quote(path)),
		"echo "+none+" > "+value.Quote(path+"/"+file)+" # or a higher limit")
}
