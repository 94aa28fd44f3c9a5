package cgroupfs

// parsePidsEvents reads `max` of pids.events, a counter: how often a fork failed for a pids.max. Until 6.10 the
// cgroup whose task wanted to fork counted it, and on v1 it still does; since 6.11 the one whose limit it was counts
// it, and those above.
//
//	max 0
//
// Source: cgroup-v2.rst, "pids.events"; kernel/cgroup/pids.c.
func parsePidsEvents(data []byte) Figure { return oneKey(data, "max") }
