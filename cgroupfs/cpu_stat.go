package cgroupfs

import "haltscope/cgroupfs/figure"

// parseUsageUsec parses only usage_usec of v2's cpu.stat: the CPU time that the cgroup and those below it have used, in
// microseconds. The file exists even without the cpu controller.
//
//	usage_usec 1234567
//	user_usec 1000000
//	system_usec 234567
//	…
//
// Source: cgroup-v2.rst, "cpu.stat".
func parseUsageUsec(data []byte) figure.Figure { return parseOneKey(data, "usage_usec") }

// CPUStat is v2's cpu.stat. Figures named Usec are in microseconds, the others are counters. Without the cpu controller,
// only usage, user and system are present.
type CPUStat struct {
	UsageUsec, UserUsec, SystemUsec, NiceUsec figure.Figure
	NrPeriods, NrThrottled, ThrottledUsec     figure.Figure
	NrBursts, BurstUsec                       figure.Figure
}

// parseCPUStat parses v2's cpu.stat.
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
//
// Source: cgroup-v2.rst, "cpu.stat". The bursts came with Linux 5.15, nice_usec after 6.1.
func parseCPUStat(data []byte) CPUStat {
	c := figure.AllWithout[CPUStat](figure.Unsupported)
	parseFlatKeyed(data, []keyed{
		{"usage_usec", &c.UsageUsec}, {"user_usec", &c.UserUsec}, {"system_usec", &c.SystemUsec},
		{"nice_usec", &c.NiceUsec}, {"nr_periods", &c.NrPeriods}, {"nr_throttled", &c.NrThrottled},
		{"throttled_usec", &c.ThrottledUsec}, {"nr_bursts", &c.NrBursts}, {"burst_usec", &c.BurstUsec},
	})
	return c
}
