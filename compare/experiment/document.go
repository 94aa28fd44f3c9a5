package experiment

import (
	"slices"
	"time"

	"haltscope/cgroupfs"
	"haltscope/cgroupfs/figure"
	"haltscope/compare/document"
	"haltscope/compare/figures"
	"haltscope/compare/rules/verdict"
	"haltscope/compare/value"
)

// document turns everything that was observed into the document of the JSON contract.
func (x *experiment) document(r recipe, arms []*arm, proofs []document.Proof) *document.Compare {
	doc := &document.Compare{Schema: document.CompareSchema, Host: x.host, StartedAt: x.began.Format(time.RFC3339),
		Invocation: append([]string{}, x.Invocation...), RunID: x.run, Image: r.image, Command: append([]string{}, r.command...),
		Embedded: x.image.embedded, Explanation: []document.Sentence{}, Proofs: append([]document.Proof{}, proofs...), Skipped: []string{},
		Replaced: []document.ReplacedMount{}}
	if l := x.image.like; l != nil {
		doc.Like, doc.Image, doc.Skipped = l.name, l.reference, l.lacks()
		doc.Replaced = append(doc.Replaced, l.replaced...)
	}
	for _, a := range arms {
		doc.Arms = append(doc.Arms, document.Arm{Action: a.action.String(), Runs: []document.Run{a.run()}})
		if a.verdict.Kind == verdict.Paused && len(doc.Explanation) == 0 {
			doc.Explanation = a.explain()
		}
	}
	doc.Notes = document.Notes(doc)
	return doc
}

func (a *arm) run() document.Run {
	held, cpu := a.held()
	p := &a.performed
	ends, missed := p.ListEnds()
	r := document.Run{
		Ends: ends, EndsMissed: missed,
		Container: document.Container{ID: a.id, Name: a.name},
		Command:   p.Command(),
		Verdict:   p.Verdict(a.verdict),
		State:     a.state(),
		Events:    p.ListEvents(p.EventsSeen),
		Top:       a.top(),
		Stats:     a.stats(),
		Cgroup:    a.cgroup(),
		Memory: document.Memory{
			BeforeBytes:  figures.Number(p.ReadBefore.Memory.Current),
			AfterBytes:   figures.Number(p.ReadAfter.Memory.Current),
			ResumedBytes: figures.Number(a.back.memory),
			Ledger:       memoryBreakdown(&p.ReadBefore, &p.ReadAfter, a.group.Version, a.swap),
			OOMKills:     figures.Number(p.OOMKills),
			SwapBytes:    figures.Number(p.ReadAfter.Memory.Swap),
			DirtyBytes:   figures.Number(p.ReadAfter.Memory.FileDirty),
		},
		CPU: document.CPU{
			UsageUsecBefore: figures.Number(p.ReadBefore.CPUUsage),
			UsageUsecDuring: figures.Number(cpu),
			DuringMs:        figures.Without[float64](cpu),
		},
		Data:   a.data(),
		Resume: a.resume(),
		Timing: document.Timing{
			CommandMs: value.Absent[float64](value.NotMeasured, "docker was not run"),
			HoldMs:    figures.Without[float64](cpu),
		},
		Probes:  append([]document.Probe{}, a.probes...),
		Samples: a.sampleList(),
	}
	if a.runBefore != nil {
		before := p.Verdict(*a.runBefore)
		r.PreviousRun = &before
	}
	if _, ok := cpu.Value(); ok {
		r.CPU.DuringMs, r.Timing.HoldMs = value.Known(value.Milliseconds(held)), value.Known(value.Milliseconds(held))
	}
	if p.Call.Elapsed > 0 {
		r.Timing.CommandMs = value.Known(value.Milliseconds(p.Call.Elapsed))
	}
	r.Timing.EffectMs = p.Effect()
	return r
}

// sampleList lists the samples, together with the readings that the report rests on: on a busy machine there may be few samples.
func (a *arm) sampleList() []document.Sample {
	p := &a.performed
	readings := slices.Clone(a.samples)
	for _, r := range []cgroupfs.Reading{p.ReadBefore, p.Effective, p.ReadAfter} {
		if r.Freezer.Frozen.State() == figure.Present {
			readings = append(readings, r)
		}
	}
	slices.SortFunc(readings, func(x, y cgroupfs.Reading) int { return x.At.Compare(y.At) })
	all := []document.Sample{}
	for _, r := range readings {
		all = append(all, document.Sample{
			AtMs:         value.Milliseconds(r.At.Sub(p.Began)),
			MemoryBytes:  figures.Number(r.Memory.Current),
			AnonBytes:    figures.Number(r.Memory.Anon),
			FileBytes:    figures.Number(r.Memory.File),
			ShmemBytes:   figures.Number(r.Memory.Shmem),
			KernelBytes:  figures.Number(r.Memory.Kernel),
			CPUUsageUsec: figures.Number(r.CPUUsage),
			Frozen:       figures.Flag(r.Freezer.Frozen),
		})
	}
	return all
}
