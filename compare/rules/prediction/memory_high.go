package prediction

import (
	"fmt"

	"haltscope/compare/value"
)

// OverHigh is that more memory is charged than memory.high allows: the kernel makes each task that needs memory sleep, up to 2 s each
// time, so that a handler may have no chance. Source: cgroup-v2.rst, "memory.high"; mm/memcontrol.c, mem_cgroup_handle_over_high.
type OverHigh struct {
	Current, High uint64 // bytes
	By            string // folder of the cgroup that sets it
}

// noteOverHigh notes that the kernel throttles the program.
func (f *Facts) noteOverHigh(o *Outcome) {
	if h := f.OverHigh; h != nil {
		o.note("memory.current, memory.high", "%s are charged, and memory.high is %s: the kernel makes each task that needs memory sleep, a "+
			"handler's too", value.Bytes(h.Current), value.Bytes(h.High))
	}
}

func (h *OverHigh) command() string {
	return fmt.Sprintf("echo max > %s # or a higher value", value.Quote(h.By+"/memory.high"))
}
