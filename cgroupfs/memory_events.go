package cgroupfs

import "haltscope/cgroupfs/figure"

// MemoryEvents is v2's memory.events, or memory.events.local, which does not count cgroups below. All are counters.
type MemoryEvents struct {
	Low, High, Max, OOM, OOMKill, OOMGroupKill, SockThrottled figure.Figure
}

// parseMemoryEvents parses v2's memory.events and memory.events.local.
//
//	low 0
//	high 0
//	max 12
//	oom 1
//	oom_kill 1
//	oom_group_kill 0
//
// Source: cgroup-v2.rst, "memory.events". memory.events.local came with Linux 5.3, oom_group_kill with 5.17, sock_throttled
// after 6.12.
func parseMemoryEvents(data []byte) MemoryEvents {
	e := figure.AllWithout[MemoryEvents](figure.Unsupported)
	parseFlatKeyed(data, []keyed{
		{"low", &e.Low}, {"high", &e.High}, {"max", &e.Max}, {"oom", &e.OOM}, {"oom_kill", &e.OOMKill},
		{"oom_group_kill", &e.OOMGroupKill}, {"sock_throttled", &e.SockThrottled},
	})
	return e
}

// parseOOMKill parses only oom_kill, of v2's memory.events or v1's memory.oom_control: the number of processes of the cgroup
// that the OOM killer has killed; on v2, of those below as well. The key oom counts attempts, and one kill may take
// thousands of them.
//
// Source: cgroup-v2.rst, "memory.events"; cgroup-v1/memory.rst, section 10, since Linux 4.13.
func parseOOMKill(data []byte) figure.Figure { return parseOneKey(data, "oom_kill") }
