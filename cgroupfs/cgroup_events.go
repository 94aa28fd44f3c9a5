package cgroupfs

import "haltscope/cgroupfs/figure"

// Events is v2's cgroup.events. Populated is 1 while the cgroup or one below it has a live process. Frozen is 1 once the
// freezing that cgroup.freeze requests is complete.
type Events struct {
	Populated, Frozen figure.Figure
}

// parseEvents parses v2's cgroup.events.
//
//	populated 1
//	frozen 0
//
// Source: cgroup-v2.rst, "cgroup.events". The key frozen came with Linux 5.2.
func parseEvents(data []byte) Events {
	missing := figure.Without(figure.Unsupported)
	e := Events{missing, missing}
	parseFlatKeyed(data, []keyed{{"populated", &e.Populated}, {"frozen", &e.Frozen}})
	return e
}
