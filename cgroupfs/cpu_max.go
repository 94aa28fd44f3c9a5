package cgroupfs

import (
	"bytes"

	"haltscope/cgroupfs/figure"
)

// CPUQuota is how much CPU time a cgroup may use in each period, both in microseconds. The quota is [figure.Max] if there
// is no limit.
type CPUQuota struct {
	QuotaUsec, PeriodUsec figure.Figure
}

// State is the state of the quota.
func (q CPUQuota) State() figure.State { return q.QuotaUsec.State() }

// CPUs returns the quota as a number of CPUs, such as 1.5 for 150000 in 100000, and whether there is one.
func (q CPUQuota) CPUs() (float64, bool) {
	quota, ok := q.QuotaUsec.Value()
	period, alsoOK := q.PeriodUsec.Value()
	if !ok || !alsoOK || period == 0 {
		return 0, false
	}
	return float64(quota) / float64(period), true
}

// Less reports whether q allows fewer CPUs than other.
func (q CPUQuota) Less(other CPUQuota) bool {
	a, ok := q.CPUs()
	b, alsoOK := other.CPUs()
	return ok && alsoOK && a < b
}

// parseCPUMax parses v2's cpu.max: the quota or "max", and the period.
//
//	50000 100000
//
// Source: cgroup-v2.rst, "cpu.max".
func parseCPUMax(data []byte) CPUQuota {
	quota, period, _ := bytes.Cut(bytes.TrimSuffix(data, newline), space)
	return newCPUQuota(figure.Parse(quota), figure.ParseUint(period))
}

// readCFSQuota reads the two files of v1.
func readCFSQuota(folder string) CPUQuota {
	quota := readParsed(folder, "cpu.cfs_quota_us", parseCFSQuota)
	return newCPUQuota(quota, readFigure(folder, "cpu.cfs_period_us"))
}

// parseCFSQuota parses v1's cpu.cfs_quota_us, which is -1 if there is no limit.
//
//	50000
//
// Source: scheduler/sched-bwc.rst, "Management".
func parseCFSQuota(data []byte) figure.Figure {
	data = bytes.TrimSuffix(data, newline)
	if string(data) == "-1" {
		return figure.Without(figure.Max)
	}
	return figure.ParseUint(data)
}

// newCPUQuota returns a failed quota if the period is malformed or 0, because a quota without its period says nothing.
func newCPUQuota(quota, period figure.Figure) CPUQuota {
	if period.State() == figure.Failed || period.Is(0) {
		return figure.AllWithout[CPUQuota](figure.Failed)
	}
	return CPUQuota{quota, period}
}
