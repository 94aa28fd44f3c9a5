package cgroupfs

// SwapEvents is v2's memory.swap.events. They are counters: how often swap use was over memory.swap.high (since 5.8),
// how often memory.swap.max stopped it, and how often there was no swap to be had, for either reason.
//
//	high 0
//	max 0
//	fail 0
//
// Source: cgroup-v2.rst, "memory.swap.events".
type SwapEvents struct {
	High, Max, Fail Figure
}

func parseSwapEvents(data []byte) SwapEvents {
	e := without[SwapEvents](Unsupported)
	flatKeyed(data, []keyed{{"high", &e.High}, {"max", &e.Max}, {"fail", &e.Fail}})
	return e
}
