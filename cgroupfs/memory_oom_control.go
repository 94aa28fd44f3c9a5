package cgroupfs

// OOMControl is v1's memory.oom_control: whether the OOM killer is off for the cgroup, whether tasks of it are waiting
// for memory because of that, both 0 or 1, and how many processes of it were killed (since 4.13).
//
//	oom_kill_disable 0
//	under_oom 0
//	oom_kill 0
//
// Source: cgroup-v1/memory.rst, section 10.
type OOMControl struct {
	OOMKillDisable, UnderOOM, OOMKill Figure
}

func parseOOMControl(data []byte) OOMControl {
	o := without[OOMControl](Unsupported)
	flatKeyed(data, []keyed{{"oom_kill_disable", &o.OOMKillDisable}, {"under_oom", &o.UnderOOM}, {"oom_kill", &o.OOMKill}})
	return o
}
