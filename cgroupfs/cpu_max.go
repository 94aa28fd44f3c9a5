package cgroupfs

import "bytes"

// CPUQuota is how much CPU time a cgroup may use in each period, both in microseconds. The quota is [Max] where there
// is no limit.
type CPUQuota struct {
	QuotaUsec, PeriodUsec Figure
}

// State is that of the quota.
func (q CPUQuota) State() State { return q.QuotaUsec.State() }

// CPUs is the quota as a number of CPUs, 1.5 for 150000 of 100000, and whether there is one.
func (q CPUQuota) CPUs() (float64, bool) {
	quota, ok := q.QuotaUsec.Value()
	period, known := q.PeriodUsec.Value()
	if !ok || !known || period == 0 {
		return 0, false
	}
	return float64(quota) / float64(period), true
}

func (q CPUQuota) less(other CPUQuota) bool {
	a, _ := q.CPUs()
	b, _ := other.CPUs()
	return a < b
}

// parseCPUMax reads v2's cpu.max: the quota, or "max", and the period.
//
//	50000 100000
//
// Source: cgroup-v2.rst, "cpu.max".
func parseCPUMax(data []byte) CPUQuota {
	quota, period, _ := bytes.Cut(bytes.TrimSuffix(data, newline), []byte{' '})
	return newCPUQuota(parseFigure(quota), parseUint(period))
}

// parseCFSQuota reads v1's cpu.cfs_quota_us, which is -1 where there is no limit.
//
// Source: scheduler/sched-bwc.rst, "Management".
func parseCFSQuota(data []byte) Figure {
	data = bytes.TrimSuffix(data, newline)
	if string(data) == "-1" {
		return Figure{state: Max}
	}
	return parseUint(data)
}

// newCPUQuota fails where only half of the pair could be understood, or where the period is 0.
func newCPUQuota(quota, period Figure) CPUQuota {
	if period.State() == Failed || period.Is(0) {
		return without[CPUQuota](Failed)
	}
	return CPUQuota{quota, period}
}
