package cgroupfs

// CPUStatV1 is cpu.stat of cgroup v1, which has no CPU time used: that is cpuacct's. Its time is in nanoseconds.
//
//	nr_periods 310
//	nr_throttled 12
//	throttled_time 480123456
//	…
//
// Source: scheduler/sched-bwc.rst, "Statistics".
type CPUStatV1 struct {
	NrPeriods, NrThrottled Figure
	ThrottledTime          Figure // nanoseconds
}

func parseCPUStatV1(data []byte) CPUStatV1 {
	c := without[CPUStatV1](Unsupported)
	flatKeyed(data, []keyed{{"nr_periods", &c.NrPeriods}, {"nr_throttled", &c.NrThrottled}, {"throttled_time", &c.ThrottledTime}})
	return c
}
