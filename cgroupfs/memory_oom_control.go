package cgroupfs

import "haltscope/cgroupfs/figure"

// OOMControl is v1's memory.oom_control: whether the OOM killer is off for the cgroup, whether tasks are waiting for memory
// because of that (both 0 or 1), and how many processes of the cgroup it has killed.
type OOMControl struct {
	OOMKillDisable, UnderOOM, OOMKill figure.Figure
}

// parseOOMControl parses v1's memory.oom_control.
//
//	oom_kill_disable 0
//	under_oom 0
//	oom_kill 0
//
// Source: cgroup-v1/memory.rst, section 10. oom_kill came with Linux 4.13.
func parseOOMControl(data []byte) OOMControl {
	o := figure.AllWithout[OOMControl](figure.Unsupported)
	parseFlatKeyed(data, []keyed{
		{"oom_kill_disable", &o.OOMKillDisable}, {"under_oom", &o.UnderOOM}, {"oom_kill", &o.OOMKill},
	})
	return o
}
