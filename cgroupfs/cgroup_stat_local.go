package cgroupfs

import "haltscope/cgroupfs/figure"

// parseFrozenUsec parses frozen_usec of v2's cgroup.stat.local, in microseconds: the time between each request to freeze,
// for this cgroup or one above it, and the request to thaw. It does not matter whether freezing was ever complete. The time in which
// the machine was suspended is not counted (ktime_get_ns).
//
//	frozen_usec 3600125
//
// Source: cgroup-v2.rst, "cgroup.stat.local", since Linux 6.18.
func parseFrozenUsec(data []byte) figure.Figure { return parseOneKey(data, "frozen_usec") }
