package compare

import (
	"slices"
	"time"

	"haltscope/cgroupfs"
	"haltscope/compare/act"
	"haltscope/compare/report"
	"haltscope/compare/verdict"
	"haltscope/dockercli"
)

// document turns what was seen into the document of the JSON contract.
func (x *experiment) document() *report.Compare {
	doc := &report.Compare{Schema: report.CompareSchema, Host: x.host, Began: x.beganAt.Format(time.RFC3339), Invocation: append([]string{}, x.Invocation...), Run: x.run, Image: x.Image,
		Command: append([]string{}, x.Command...), Embedded: x.embedded, Explanation: []report.Sentence{}, Proofs: append([]report.Proof{}, x.proofs...), Skipped: []string{}}
	if x.like != nil {
		doc.Like, doc.Image, doc.Skipped = x.like.name, x.like.reference, x.like.lacks()
	}
	for _, a := range x.arms {
		doc.Arms = append(doc.Arms, report.Arm{
			Action: a.action.String(),
			Runs:   []report.Run{a.run()},
		})
		if a.verdict.Kind == verdict.Paused && len(doc.Explanation) == 0 {
			doc.Explanation = a.explain()
		}
	}
	doc.Notes = report.Notes(doc)
	return doc
}

func (a *arm) run() report.Run {
	held, during := a.held()
	r := report.Run{
		Container: report.Container{ID: a.id, Name: a.name},
		Command:   a.Act.Command(),
		Verdict:   a.Verdict(a.verdict),
		State:     a.state(),
		Events:    a.List(a.Heard),
		Top:       a.topOf(),
		Stats:     a.statsOf(),
		Cgroup:    a.cgroup(),
		Memory: report.Memory{
			BeforeBytes:  report.Number(a.ReadBefore.Memory.Current),
			AfterBytes:   report.Number(a.ReadAfter.Memory.Current),
			ResumedBytes: report.Number(a.resumedAt.Memory.Current),
			Ledger:       ledgerOf(&a.ReadBefore, &a.ReadAfter, a.Group.Version, a.swap),
			OOMKills:     report.Number(a.OOMKills),
			SwapBytes:    report.Number(a.ReadAfter.Memory.Swap),
			DirtyBytes:   report.Number(a.ReadAfter.Memory.FileDirty),
		},
		CPU: report.CPU{
			UsageUsecBefore: report.Number(a.ReadBefore.CPUUsage),
			UsageUsecDuring: report.Number(during),
			DuringMs:        report.Without[float64](during),
		},
		Data:    a.data(),
		Resume:  a.resumeOf(),
		Timing:  report.Timing{CommandMs: report.Absent[float64](report.NotMeasured, "docker was not run"), HoldMs: report.Without[float64](during)},
		Probes:  append([]report.Probe{}, a.probed...),
		Samples: a.samples(),
	}
	if a.runBefore != nil {
		before := a.Verdict(*a.runBefore)
		r.RunBefore = &before
	}
	if _, ok := during.Value(); ok {
		r.CPU.DuringMs, r.Timing.HoldMs = report.Known(act.Ms(held)), report.Known(act.Ms(held))
	}
	if a.Call.Elapsed > 0 {
		r.Timing.CommandMs = report.Known(act.Ms(a.Call.Elapsed))
	}
	r.Timing.EffectMs = a.Effect()
	return r
}

func (a *arm) state() report.State {
	s := a.State()
	reason, detail := act.GoneOr(a.psErr, "docker ps does not list it")
	s.Ps = report.Absent[string](reason, detail)
	if a.ps != nil {
		s.Ps = report.Known(dockercli.Clean(a.ps.Status))
	}
	return s
}

func (a *arm) topOf() report.Top {
	if a.top == nil {
		return report.Top{Processes: report.Absent[int](report.Failed, "docker top gave an error"), Error: dockercli.Cause(a.topErr)}
	}
	return report.Top{OK: true, Processes: report.Known(len(a.top.Processes))}
}

func (a *arm) statsOf() report.Stats {
	reason, detail := act.GoneOr(a.statsErr, "docker ps does not list it")
	if a.ps != nil && a.statsErr == nil {
		reason, detail = report.Failed, "docker stats did not list it"
	}
	s := report.Stats{CPUPercent: report.Absent[float64](reason, detail), MemoryBytes: report.Absent[float64](reason, detail)}
	if a.stats == nil {
		return s
	}
	for _, v := range []struct {
		to   *report.Maybe[float64]
		from *float64
	}{{&s.CPUPercent, a.stats.CPUPercent}, {&s.MemoryBytes, a.stats.MemoryBytes}} {
		if v.from != nil {
			*v.to = report.Known(*v.from)
		} else {
			*v.to = report.Absent[float64](report.Failed, "docker stats had no sample")
		}
	}
	return s
}

func (a *arm) cgroup() report.Cgroup {
	c := report.Cgroup{Exists: a.exists, Path: a.Group.Path,
		Freezer: report.Freezer{
			Requested: report.Flag(a.ReadAfter.Freezer.Requested),
			Frozen:    report.Flag(a.ReadAfter.Freezer.Frozen),
		},
		MembersBefore: report.Known(len(a.membersBefore)),
		MembersAfter:  report.Known(len(a.membersAfter)),
	}
	if a.beforeErr != nil {
		c.MembersBefore = report.Absent[int](report.Failed, a.beforeErr.Error())
	}
	if a.membersErr != nil {
		c.MembersAfter = report.Absent[int](report.Failed, a.membersErr.Error())
		if !a.exists {
			c.MembersAfter = report.Absent[int](report.Vanished, "the cgroup is gone")
		}
	}
	return c
}

func (a *arm) data() report.Data {
	if a.records == nil {
		why := report.Absent[int](report.NotMeasured, "only the embedded workload keeps records that can be read back")
		switch {
		case a.recordsErr != nil:
			why = report.Absent[int](report.Failed, a.recordsErr.Error())
		case a.journal != nil:
			why = report.Absent[int](report.NotMeasured, "the twin was not brought back: it runs, or is gone")
		}
		return report.Data{Acknowledged: why, Persisted: why, Lost: why}
	}
	return report.Data{
		Acknowledged: report.Known(a.records.acknowledged),
		Persisted:    report.Known(a.records.persisted),
		// Records are numbered from 1 on without a gap, on disk as in the log.
		Lost: report.Known(max(0, a.records.acknowledged-a.records.persisted)),
	}
}

func (a *arm) resumeOf() report.Resume {
	r := report.Resume{
		Command:       report.Absent[string](report.NotMeasured, "it was not brought back: it runs, or is gone"),
		SameProcess:   report.Absent[bool](report.NotMeasured, "there was no first process to look at"),
		StateSurvived: report.Absent[bool](report.NotMeasured, "only the embedded workload can tell"),
		Events:        []report.Event{},
	}
	if a.resumeCommand == "" {
		return r
	}
	r.Command = report.Known(a.resumeCommand)
	if r.OK = a.resumeErr == nil; !r.OK {
		r.Error = dockercli.Cause(a.resumeErr)
	}
	if a.resumedStat != nil {
		r.SameProcess = report.Known(a.resumedStat.PID == a.Process.PID && a.resumedStat.StartTime == a.Process.StartTime)
	}
	if a.records != nil {
		r.StateSurvived = report.Known(a.records.sameInstance)
	}
	r.Events = a.List(a.resumeEvents)
	return r
}

// samples are the readings that were taken all along, and those that the report rests on among them: on a busy machine
// the others may be few.
func (a *arm) samples() []report.Sample {
	readings := slices.Clone(a.sampler.end())
	if a.nowRead != nil {
		readings = append(readings, a.nowRead.end()...)
	}
	for _, r := range []cgroupfs.Reading{a.ReadBefore, a.Effective, a.ReadAfter} {
		if r.Freezer.Frozen.State() == cgroupfs.Present {
			readings = append(readings, r)
		}
	}
	slices.SortFunc(readings, func(x, y cgroupfs.Reading) int { return x.At.Compare(y.At) })
	all := []report.Sample{}
	for _, r := range readings {
		all = append(all, report.Sample{
			AtMs:         act.Ms(r.At.Sub(a.Began)),
			MemoryBytes:  report.Number(r.Memory.Current),
			AnonBytes:    report.Number(r.Memory.Anon),
			FileBytes:    report.Number(r.Memory.File),
			ShmemBytes:   report.Number(r.Memory.Shmem),
			KernelBytes:  report.Number(r.Memory.Kernel),
			CPUUsageUsec: report.Number(r.CPUUsage),
			Frozen:       report.Flag(r.Freezer.Frozen),
		})
	}
	return all
}
