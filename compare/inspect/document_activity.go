package inspect

import (
	"haltscope/cgroupfs/figure"
	"haltscope/cgroupfs/proc"
	"haltscope/compare/document"
	"haltscope/compare/figures"
	"haltscope/compare/rules/drift"
	"haltscope/compare/value"
)

// cpu returns CPU time. Percent is measured between the two readings.
func (a *account) cpu() document.InspectedCPU {
	k := &a.kernel
	s := k.Details.V2.CPUStat
	doc := document.InspectedCPU{
		UsageUsec: figures.Number(k.After.CPUUsage), UserUsec: figures.Number(s.UserUsec), SystemUsec: figures.Number(s.SystemUsec),
		Throttled: figures.Number(s.NrThrottled), ThrottledUsec: figures.Number(s.ThrottledUsec),
		Percent:  figures.Without[float64](k.After.CPUUsage),
		WindowMs: figures.Without[float64](k.After.CPUUsage),
		LimitBy:  limitBy(k.Details.CPULimit.By, k.Details.CPULimit.Effective.QuotaUsec),
	}
	if k.Version == 1 {
		doc.UserUsec = figures.Number(k.Details.V1.CPUAcctUsageUser.DividedBy(1000))
		doc.SystemUsec = figures.Number(k.Details.V1.CPUAcctUsageSys.DividedBy(1000))
		doc.Throttled = figures.Number(k.Details.V1.CPUStat.NrThrottled)
		doc.ThrottledUsec = figures.Number(k.Details.V1.CPUStat.ThrottledTime.DividedBy(1000))
	}
	if v, ok := drift.CPUPercent(&k.Before, &k.After); ok {
		doc.Percent, doc.WindowMs = value.Known(v), value.Known(value.Milliseconds(a.window()))
	}
	quota := k.Details.CPULimit.Effective
	doc.LimitCores = figures.Without[float64](quota.QuotaUsec)
	if cores, ok := quota.CPUs(); ok {
		doc.LimitCores = value.Known(cores)
	}
	return doc
}

// io returns reads and writes by device.
func (a *account) io() value.Maybe[[]document.IODevice] {
	v2, v1 := a.kernel.Details.V2.IO, a.kernel.Details.V1
	state := v2.State
	all := []document.IODevice{}
	for _, d := range v2.Devices {
		all = append(all, document.IODevice{Device: d.Device, ReadBytes: figures.Number(d.Rbytes), WriteBytes: figures.Number(d.Wbytes),
			Reads: figures.Number(d.Rios), Writes: figures.Number(d.Wios)})
	}
	if a.kernel.Version == 1 {
		state = v1.IOServiceBytes.State
	}
	for _, d := range v1.IOServiceBytes.Devices {
		device := document.IODevice{Device: d.Device, ReadBytes: figures.Number(d.Read), WriteBytes: figures.Number(d.Write)}
		for _, ops := range v1.IOServiced.Devices {
			if ops.Device == d.Device {
				device.Reads, device.Writes = figures.Number(ops.Read), figures.Number(ops.Write)
			}
		}
		all = append(all, device)
	}
	if state != figure.Present {
		return figures.Without[[]document.IODevice](figure.Without(state))
	}
	return value.Known(all)
}

func pressure(p proc.Pressure) document.Pressure {
	percent := func(f figure.Figure) value.Maybe[float64] {
		if v, ok := f.Value(); ok {
			return value.Known(float64(v) / 100)
		}
		return figures.Without[float64](f)
	}
	return document.Pressure{SomePercent10: percent(p.Some.Avg10), SomeUsec: figures.Number(p.Some.Total),
		FullPercent10: percent(p.Full.Avg10), FullUsec: figures.Number(p.Full.Total)}
}
