package experiment

import (
	"haltscope/compare/action"
	"haltscope/compare/document"
	"haltscope/compare/figures"
	"haltscope/compare/value"
	"haltscope/dockercli"
)

// state is Docker's account of the twin after the action.
func (a *arm) state() document.State {
	s := a.performed.State()
	reason, detail := action.WhyMissing(a.answers.psErr, "docker ps does not list it")
	s.Ps = value.Absent[string](reason, detail)
	if a.answers.ps != nil {
		s.Ps = value.Known(value.Clean(a.answers.ps.Status))
	}
	return s
}

func (a *arm) top() document.Top {
	if a.answers.top == nil {
		return document.Top{Processes: value.Absent[int](value.Failed, "docker top failed"), Error: dockercli.Cause(a.answers.topErr)}
	}
	return document.Top{OK: true, Processes: value.Known(len(a.answers.top.Processes))}
}

func (a *arm) stats() document.Stats {
	reason, detail := action.WhyMissing(a.answers.statsErr, "docker ps does not list it")
	if a.answers.ps != nil && a.answers.statsErr == nil {
		reason, detail = value.Failed, "docker stats did not list it"
	}
	s := document.Stats{CPUPercent: value.Absent[float64](reason, detail), MemoryBytes: value.Absent[float64](reason, detail)}
	if a.answers.stats == nil {
		return s
	}
	for _, v := range []struct {
		to   *value.Maybe[float64]
		from *float64
	}{{&s.CPUPercent, a.answers.stats.CPUPercent}, {&s.MemoryBytes, a.answers.stats.MemoryBytes}} {
		if v.from != nil {
			*v.to = value.Known(*v.from)
		} else {
			*v.to = value.Absent[float64](value.Failed, "docker stats reported no sample")
		}
	}
	return s
}

func (a *arm) cgroup() document.Cgroup {
	c := document.Cgroup{Exists: a.exists, Path: a.group.Path,
		Freezer: document.Freezer{
			Requested: figures.Flag(a.performed.ReadAfter.Freezer.Requested),
			Frozen:    figures.Flag(a.performed.ReadAfter.Freezer.Frozen),
		},
		MembersBefore: value.Known(len(a.baseline.members)),
		MembersAfter:  value.Known(len(a.members)),
	}
	if a.baseline.membersErr != nil {
		c.MembersBefore = value.Absent[int](value.Failed, a.baseline.membersErr.Error())
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
	r := &a.resumed
	if r.records == nil {
		why := value.Absent[int](value.NotMeasured, "only the embedded workload keeps records that can be read back")
		switch {
		case r.recordsErr != nil:
			why = value.Absent[int](value.Failed, r.recordsErr.Error())
		case a.log != nil:
			why = value.Absent[int](value.NotMeasured, "the twin was not brought back: it is running or gone")
		}
		return document.Data{Acknowledged: why, Persisted: why, Lost: why}
	}
	return document.Data{
		Acknowledged: value.Known(r.records.acknowledged),
		Persisted:    value.Known(r.records.persisted),
		// Records are numbered from 1 on without a gap, on disk as well as in the log.
		Lost: value.Known(max(0, r.records.acknowledged-r.records.persisted)),
	}
}

func (a *arm) resume() document.Resume {
	b := &a.resumed
	r := document.Resume{
		Command:       value.Absent[string](value.NotMeasured, "it was not brought back: it is running or gone"),
		SameProcess:   value.Absent[bool](value.NotMeasured, "there was no first process to compare"),
		StateSurvived: value.Absent[bool](value.NotMeasured, "only the embedded workload reports it"),
		Events:        []document.Event{},
	}
	if b.command == "" {
		return r
	}
	r.Command = value.Known(b.command)
	if r.OK = b.err == nil; !r.OK {
		r.Error = dockercli.Cause(b.err)
	}
	if r.OK {
		r.SameProcess = a.back.sameProcess
	}
	if b.records != nil {
		r.StateSurvived = value.Known(b.records.sameInstance)
	}
	r.Events = a.performed.ListEvents(b.events)
	return r
}
