package cgroupfs

import "haltscope/cgroupfs/figure"

// CPUStatV1 is v1's cpu.stat. It does not have the CPU time used, which is in cpuacct.usage.
type CPUStatV1 struct {
	NrPeriods, NrThrottled figure.Figure
	ThrottledTime          figure.Figure // nanoseconds
}

// parseCPUStatV1 parses v1's cpu.stat.
//
//	nr_periods 310
//	nr_throttled 12
//	throttled_time 480123456
//	…
//
// Source: scheduler/sched-bwc.rst, "Statistics".
func parseCPUStatV1(data []byte) CPUStatV1 {
	c := figure.AllWithout[CPUStatV1](figure.Unsupported)
	parseFlatKeyed(data, []keyed{
		{"nr_periods", &c.NrPeriods}, {"nr_throttled", &c.NrThrottled}, {"throttled_time", &c.ThrottledTime},
	})
	return c
}
