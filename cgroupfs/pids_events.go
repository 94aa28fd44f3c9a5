package cgroupfs

import "haltscope/cgroupfs/figure"

// parsePidsEvents parses the key max of pids.events: how often a fork failed because of a pids.max. Up to Linux 6.10, and
// still on v1, the cgroup of the task that wanted to fork counts it. Since 6.11 the cgroup that has the limit counts it, and
// those above.
//
//	max 0
//
// Source: cgroup-v2.rst, "pids.events"; kernel/cgroup/pids.c.
func parsePidsEvents(data []byte) figure.Figure { return parseOneKey(data, "max") }
