package cgroupfs

// parseUsageUsec reads `usage_usec` of v2's cpu.stat: CPU time used by the cgroup and all below it, in microseconds.
// The file is there without the cpu controller too.
//
//	usage_usec 1234567
//	user_usec 1000000
//	system_usec 234567
//	…
//
// Source: cgroup-v2.rst, "cpu.stat".
func parseUsageUsec(data []byte) Figure { return oneKey(data, "usage_usec") }

// CPUStat is v2's cpu.stat whole. The figures of time are in microseconds, the others are counters. Without the cpu
// controller only usage, user and system are there; `nice_usec` is newer than 6.1, the two of bursts came with 5.15.
//
//	usage_usec 1234567
//	user_usec 1000000
//	system_usec 234567
//	nice_usec 0
//	nr_periods 310
//	nr_throttled 12
//	throttled_usec 480123
//	nr_bursts 0
//	burst_usec 0
type CPUStat struct {
	UsageUsec, UserUsec, SystemUsec, NiceUsec Figure
	NrPeriods, NrThrottled, ThrottledUsec     Figure
	NrBursts, BurstUsec                       Figure
}

func parseCPUStat(data []byte) CPUStat {
	c := without[CPUStat](Unsupported)
	flatKeyed(data, []keyed{
		{"usage_usec", &c.UsageUsec}, {"user_usec", &c.UserUsec}, {"system_usec", &c.SystemUsec},
		{"nice_usec", &c.NiceUsec}, {"nr_periods", &c.NrPeriods}, {"nr_throttled", &c.NrThrottled},
		{"throttled_usec", &c.ThrottledUsec}, {"nr_bursts", &c.NrBursts}, {"burst_usec", &c.BurstUsec},
	})
	return c
}
