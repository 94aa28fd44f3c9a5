package cgroupfs

import "haltscope/cgroupfs/figure"

// SwapEvents is v2's memory.swap.events. The counters say how often swap use was above memory.swap.high, how often
// memory.swap.max stopped it, and how often there was no swap left for either reason.
type SwapEvents struct {
	High, Max, Fail figure.Figure
}

// parseSwapEvents parses v2's memory.swap.events.
//
//	high 0
//	max 0
//	fail 0
//
// Source: cgroup-v2.rst, "memory.swap.events". The key high came with Linux 5.8.
func parseSwapEvents(data []byte) SwapEvents {
	e := figure.AllWithout[SwapEvents](figure.Unsupported)
	parseFlatKeyed(data, []keyed{{"high", &e.High}, {"max", &e.Max}, {"fail", &e.Fail}})
	return e
}
