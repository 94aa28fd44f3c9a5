package experiment

import (
	"slices"
	"time"

	"haltscope/cgroupfs"
	"haltscope/compare/action"
	"haltscope/compare/document"
	"haltscope/compare/figures"
	"haltscope/compare/rules/verdict"
	"haltscope/compare/value"
	"haltscope/dockercli"
)

// document turns what was seen into the document of the JSON contract.
func (x *experiment) document() *document.Compare {
	doc := &document.Compare{Schema: document.CompareSchema, Host: x.host, StartedAt: x.beganAt.Format(time.RFC3339), Invocation: append([]string{}, x.Invocation...), RunID: x.run, Image: x.Image,
		Command: append([]string{}, x.Command...), Embedded: x.embedded, Explanation: []document.Sentence{}, Proofs: append([]document.Proof{}, x.proofs...), Skipped: []string{}}
	if x.like != nil {
		doc.Like, doc.Image, doc.Skipped = x.like.name, x.like.reference, x.like.lacks()
	}
	for _, a := range x.arms {
		doc.Arms = append(doc.Arms, document.Arm{
			Action: a.action.String(),
			Runs:   []document.Run{a.run()},
		})
		if a.verdict.Kind == verdict.Paused && len(doc.Explanation) == 0 {
			doc.Explanation = a.explain()
		}
	}
	doc.Notes = document.Notes(doc)
	return doc
}

func (a *arm) run() document.Run {
	held, during := a.held()
	r := document.Run{
		Container: document.Container{ID: a.id, Name: a.name},
		Command:   a.Action.Command(),
		Verdict:   a.Verdict(a.verdict),
		State:     a.state(),
		Events:    a.List(a.Heard),
		Top:       a.topOf(),
		Stats:     a.statsOf(),
		Cgroup:    a.cgroup(),
		Memory: document.Memory{
			BeforeBytes:  figures.Number(a.ReadBefore.Memory.Current),
			AfterBytes:   figures.Number(a.ReadAfter.Memory.Current),
			ResumedBytes: figures.Number(a.resumedAt.Memory.Current),
			Ledger:       ledgerOf(&a.ReadBefore, &a.ReadAfter, a.Group.Version, a.swap),
			OOMKills:     figures.Number(a.OOMKills),
			SwapBytes:    figures.Number(a.ReadAfter.Memory.Swap),
			DirtyBytes:   figures.Number(a.ReadAfter.Memory.FileDirty),
		},
		CPU: document.CPU{
			UsageUsecBefore: figures.Number(a.ReadBefore.CPUUsage),
			UsageUsecDuring: figures.Number(during),
			DuringMs:        figures.Without[float64](during),
		},
		Data:    a.data(),
		Resume:  a.resumeOf(),
		Timing:  document.Timing{CommandMs: value.Absent[float64](value.NotMeasured, "docker was not run"), HoldMs: figures.Without[float64](during)},
		Probes:  append([]document.Probe{}, a.probed...),
		Samples: a.samples(),
	}
	if a.runBefore != nil {
		before := a.Verdict(*a.runBefore)
		r.PreviousRun = &before
	}
	if _, ok := during.Value(); ok {
		r.CPU.DuringMs, r.Timing.HoldMs = value.Known(value.Milliseconds(held)), value.Known(value.Milliseconds(held))
	}
	if a.Call.Elapsed > 0 {
		r.Timing.CommandMs = value.Known(value.Milliseconds(a.Call.Elapsed))
	}
	r.Timing.EffectMs = a.Effect()
	return r
}

func (a *arm) state() document.State {
	s := a.State()
	reason, detail := action.GoneOr(a.psErr, "docker ps does not list it")
	s.Ps = value.Absent[string](reason, detail)
	if a.ps != nil {
		s.Ps = value.Known(value.Clean(a.ps.Status))
	}
	return s
}

func (a *arm) topOf() document.Top {
	if a.top == nil {
		return document.Top{Processes: value.Absent[int](value.Failed, "docker top gave an error"), Error: dockercli.Cause(a.topErr)}
	}
	return document.Top{OK: true, Processes: value.Known(len(a.top.Processes))}
}

func (a *arm) statsOf() document.Stats {
	reason, detail := action.GoneOr(a.statsErr, "docker ps does not list it")
	if a.ps != nil && a.statsErr == nil {
		reason, detail = value.Failed, "docker stats did not list it"
	}
	s := document.Stats{CPUPercent: value.Absent[float64](reason, detail), MemoryBytes: value.Absent[float64](reason, detail)}
	if a.stats == nil {
		return s
	}
	for _, v := range []struct {
		to   *value.Maybe[float64]
		from *float64
	}{{&s.CPUPercent, a.stats.CPUPercent}, {&s.MemoryBytes, a.stats.MemoryBytes}} {
		if v.from != nil {
			*v.to = value.Known(*v.from)
		} else {
			*v.to = value.Absent[float64](value.Failed, "docker stats had no sample")
		}
	}
	return s
}

func (a *arm) cgroup() document.Cgroup {
	c := document.Cgroup{Exists: a.exists, Path: a.Group.Path,
		Freezer: document.Freezer{
			Requested: figures.Flag(a.ReadAfter.Freezer.Requested),
			Frozen:    figures.Flag(a.ReadAfter.Freezer.Frozen),
		},
		MembersBefore: value.Known(len(a.membersBefore)),
		MembersAfter:  value.Known(len(a.membersAfter)),
	}
	if a.beforeErr != nil {
		c.MembersBefore = value.Absent[int](value.Failed, a.beforeErr.Error())
	}
	if a.membersErr != nil {
		c.MembersAfter = value.Absent[int](value.Failed, a.membersErr.Error())
		if !a.exists {
			c.MembersAfter = value.Absent[int](value.Vanished, "the cgroup is gone")
		}
	}
	return c
}

func (a *arm) data() document.Data {
	if a.records == nil {
		why := value.Absent[int](value.NotMeasured, "only the embedded workload keeps records that can be read back")
		switch {
		case a.recordsErr != nil:
			why = value.Absent[int](value.Failed, a.recordsErr.Error())
		case a.journal != nil:
			why = value.Absent[int](value.NotMeasured, "the twin was not brought back: it runs, or is gone")
		}
		return document.Data{Acknowledged: why, Persisted: why, Lost: why}
	}
	return document.Data{
		Acknowledged: value.Known(a.records.acknowledged),
		Persisted:    value.Known(a.records.persisted),
		// Records are numbered from 1 on without a gap, on disk as in the log.
		Lost: value.Known(max(0, a.records.acknowledged-a.records.persisted)),
	}
}

func (a *arm) resumeOf() document.Resume {
	r := document.Resume{
		Command:       value.Absent[string](value.NotMeasured, "it was not brought back: it runs, or is gone"),
		SameProcess:   value.Absent[bool](value.NotMeasured, "there was no first process to look at"),
		StateSurvived: value.Absent[bool](value.NotMeasured, "only the embedded workload can tell"),
		Events:        []document.Event{},
	}
	if a.resumeCommand == "" {
		return r
	}
	r.Command = value.Known(a.resumeCommand)
	if r.OK = a.resumeErr == nil; !r.OK {
		r.Error = dockercli.Cause(a.resumeErr)
	}
	if a.resumedStat != nil {
		r.SameProcess = value.Known(a.resumedStat.PID == a.Process.PID && a.resumedStat.StartTime == a.Process.StartTime)
	}
	if a.records != nil {
		r.StateSurvived = value.Known(a.records.sameInstance)
	}
	r.Events = a.List(a.resumeEvents)
	return r
}

// samples are the readings that were taken all along, and those that the report rests on among them: on a busy machine
// the others may be few.
func (a *arm) samples() []document.Sample {
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
	all := []document.Sample{}
	for _, r := range readings {
		all = append(all, document.Sample{
			AtMs:         value.Milliseconds(r.At.Sub(a.Began)),
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
