package inspect

import (
	"haltscope/cgroupfs/figure"
	"haltscope/cgroupfs/proc"
	"haltscope/compare/document"
	"haltscope/compare/figures"
	"haltscope/compare/value"
)

func process(m *proc.Member) document.Process {
	status := figure.Without(m.StatusState)
	names := func(set proc.SignalSet) value.Maybe[[]string] {
		if m.StatusState != figure.Present {
			return figures.Without[[]string](status)
		}
		return value.Known(append([]string{}, set.Names()...))
	}
	p := document.Process{PID: m.PID, Command: m.Comm, State: value.Known(string(m.Stat.State)), StartTicks: m.StartTime,
		NSPID: figures.Without[int](status), Threads: figures.Without[int](status),
		RSSBytes: figures.Number(m.VMRSS), PSSBytes: figures.Number(m.Rollup.Pss), SwapBytes: figures.Number(m.VMSwap),
		LazyFreeBytes: figures.Number(m.Rollup.LazyFree),
		Signals: document.Signals{Caught: names(m.Caught), Ignored: names(m.Ignored), Blocked: names(m.Blocked),
			Pending: names(m.Pending | m.SharedPending)}}
	p.Wchan = value.KnownOr(m.Wchan, m.WchanState == figure.Present, figures.Reason(m.WchanState), "")
	if m.StatusState == figure.Present {
		p.Threads = value.Known(m.Threads)
		if n := len(m.NSpid); n > 0 {
			p.NSPID = value.Known(m.NSpid[n-1])
		}
	}
	return p
}
