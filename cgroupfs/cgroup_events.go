package cgroupfs

// Events is cgroup.events of v2. Populated is 1 while the cgroup or one below it has a live process. Frozen is 1 once
// freezing, which cgroup.freeze only requests, is complete.
//
//	populated 1
//	frozen 0
//
// Source: cgroup-v2.rst, "cgroup.events".
type Events struct {
	Populated, Frozen Figure
}

func parseEvents(data []byte) Events {
	e := without[Events](Unsupported)
	flatKeyed(data, []keyed{{"populated", &e.Populated}, {"frozen", &e.Frozen}})
	return e
}
