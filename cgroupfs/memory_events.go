package cgroupfs

// parseOOMKill reads `oom_kill`, how many processes of the cgroup (and, on v2, of those below it) the OOM killer has
// killed. v2 has it in memory.events, v1 since 4.13 in memory.oom_control. `oom` beside it on v2 counts attempts, of
// which one kill may need thousands.
//
//	low 0
//	high 0
//	max 12
//	oom 1
//	oom_kill 1
//	oom_group_kill 0
//
// Source: cgroup-v2.rst, "memory.events"; cgroup-v1/memory.rst, section 10.
func parseOOMKill(data []byte) Figure { return oneKey(data, "oom_kill") }

// MemoryEvents is v2's memory.events, or memory.events.local, which counts the cgroup without those below it (since
// 5.3). They are counters. `oom_group_kill` came with 5.17; `sock_throttled` is newer than 6.12.
type MemoryEvents struct {
	Low, High, Max, OOM, OOMKill, OOMGroupKill, SockThrottled Figure
}

func parseMemoryEvents(data []byte) MemoryEvents {
	e := without[MemoryEvents](Unsupported)
	flatKeyed(data, []keyed{
		{"low", &e.Low}, {"high", &e.High}, {"max", &e.Max}, {"oom", &e.OOM}, {"oom_kill", &e.OOMKill},
		{"oom_group_kill", &e.OOMGroupKill}, {"sock_throttled", &e.SockThrottled},
	})
	return e
}
