package watch

import (
	"errors"
	"fmt"
	"io/fs"
	"slices"
	"strconv"
	"strings"
	"time"

	"haltscope/cgroupfs"
	"haltscope/cgroupfs/figure"
	"haltscope/compare/figures"
	"haltscope/compare/rules/verdict"
	"haltscope/compare/value"
)

// What had run out when the OOM killer killed.
const (
	ranOutLimit    = "limit"      // the container's own limit
	ranOutInside   = "descendant" // that of a cgroup that the container has made below its own
	ranOutAncestor = "ancestor"   // that of a cgroup above
	ranOutNodes    = "nodes"      // the memory of the NUMA nodes that could be used: --cpuset-mems, or a memory policy
	ranOutHost     = "host"       // the host's memory
)

// OOM is what is known of the OOM killer's work in a container.
type OOM struct {
	FirstProcess value.Maybe[bool]     `json:"first_process"` // it ended the container's first process, and so the container
	Victims      value.Maybe[[]Victim] `json:"victims"`
	RanOut       value.Maybe[string]   `json:"constraint"`   // one of those above
	LimitOf      value.Maybe[string]   `json:"limit_cgroup"` // the cgroup whose limit it was
	LimitBytes   value.Maybe[uint64]   `json:"limit_bytes"`  // the container's own; not beside that of a cgroup inside
	PeakBytes    value.Maybe[uint64]   `json:"peak_bytes"`
}

// Victim is a process that the OOM killer has ended.
type Victim struct {
	PID          int     `json:"pid"`
	Name         *string `json:"name"`          // nil in a redacted log
	FirstProcess *bool   `json:"first_process"` // nil where it is not known which was the first
}

// ooms is what a run has suffered of the OOM killer.
type ooms struct {
	oom         bool          // Docker has said so, and it has not been told
	oomFirst    figure.Figure // the kernel's count as the run began, or the watch
	oomLast     figure.Figure
	oomTold     uint64
	oomDue      *pending
	limit, peak figure.Figure
	victims     []victim
	namesTold   int   // how many of victims
	unnamed     error // why the victims are not known
}

// victim is one by the kernel's log.
type victim struct {
	cgroupfs.OOMVictim
	first *bool // it is the container's first process; nil where that is not known
}

// counts takes a sight's figures of the OOM killer.
func (i *instance) counts(s *cgroupfs.Sample, source string, now time.Time) {
	if i.oomFirst.State() == figure.NotMeasured {
		i.oomFirst = s.OOMKill
		if i.begunByEvent && i.oomFirst.State() == figure.Present {
			i.oomFirst = figure.Number(0) // each run has a cgroup of its own
		}
	}
	if s.OOMKill.State() == figure.Present {
		i.oomLast = s.OOMKill
	}
	if s.Limit.State() != figure.NotMeasured {
		i.limit, i.peak = s.Limit, s.Peak
	}
	if n := i.oomKills(); n != nil && *n > 0 && i.oomDue == nil {
		i.oomDue = &pending{at: s.At, came: now, due: now.Add(settle), source: source}
	}
}

// Victim takes whom the OOM killer has chosen in the run with a first process, or in the present one where that is 0:
// not known.
func (l *Life) Victim(began time.Time, pid int, v cgroupfs.OOMVictim) {
	i, one := l.run(began), victim{v, nil}
	if pid == 0 {
		i = l.current
	} else {
		first := v.PID == pid
		one.first = &first
	}
	if i != nil && !i.told {
		i.victims = append(i.victims, one)
	}
}

// Unnamed takes why it is not known whom the OOM killer has chosen in a run.
func (l *Life) Unnamed(began time.Time, why error) {
	if i := l.run(began); i != nil {
		i.unnamed = why
	}
}

// oomKills is how many the OOM killer has killed in this run that have not been told of.
func (i *instance) oomKills() *uint64 {
	first, ok := i.oomFirst.Value()
	last, known := i.oomLast.Value()
	if !ok || !known || last < first+i.oomTold {
		return nil
	}
	n := last - first - i.oomTold
	return &n
}

func (i *instance) oomAt() time.Time {
	if i.oomDue != nil {
		return i.oomDue.at
	}
	return i.died.at
}

// spared is how it is known that the OOM killer has chosen others than the first process; nil where it is not.
func (i *instance) spared() *verdict.Observation {
	kills := i.oomKills()
	fresh := i.victims[i.namesTold:]
	switch {
	case !i.oom && kills != nil && *kills == 0 && i.oomTold > 0:
		return &verdict.Observation{Source: i.sources["oom_kill"], Value: fmt.Sprintf("+%d, which it outlived", i.oomTold)}
	case kills == nil || *kills == 0 || uint64(len(fresh)) < *kills:
		return nil
	}
	for _, v := range fresh {
		if v.first == nil || *v.first {
			return nil
		}
	}
	return &verdict.Observation{Source: "/dev/kmsg: oom-kill", Value: "chosen: " + pids(fresh) + ", not the first process"}
}

func pids(all []victim) string {
	var texts []string
	for _, v := range all {
		texts = append(texts, "pid "+strconv.Itoa(v.PID))
	}
	return strings.Join(texts, ", ")
}

// oomTellable is the kill that is to be told of as one that the container outlives. Where the first process was chosen, its
// end is waited for: a machine out of memory takes its time.
func (i *instance) oomTellable() *pending {
	if i.oomDue == nil || i.hurried || !i.choseFirst() {
		return i.oomDue
	}
	p := *i.oomDue
	p.due = p.came.Add(giveUp)
	return &p
}

// choseFirst reports whether the first process is among the victims that have not been told of.
func (i *instance) choseFirst() bool {
	return slices.ContainsFunc(i.victims[i.namesTold:], func(v victim) bool { return v.first != nil && *v.first })
}

// oomLine tells of kills that the container has outlived. Nothing where Docker told of what has been told already.
func (l *Life) oomLine(i *instance) []Line {
	defer func() { i.oomDue, i.oom = nil, false }()
	kills := i.oomKills()
	if kills != nil && *kills == 0 {
		return nil
	}
	line := l.line(i.oomDue.at, "oom", "", "")
	if i.oom {
		line.Because = append(line.Because, verdict.Observation{Source: "docker events", Value: "oom"})
	}
	line.Level = Error
	whom := "in it"
	if kills != nil {
		line.OOMKills = kills
		line.Because = append(line.Because, verdict.Observation{Source: i.sources["oom_kill"], Value: "+" + strconv.FormatUint(*kills, 10)})
		whom = value.Count(int(*kills), "process", "processes") + " in it"
		i.oomTold += *kills
	}
	first, then := i.choseFirst(), "; it runs on"
	if first {
		then = "; its end is not seen yet"
	}
	l.explain(i, &line, value.Known(first))
	line.say(func(names bool) string {
		return "the OOM killer has killed " + whom + line.OOM.text(kills, names) + then
	})
	return []Line{line}
}

// explain puts what is known of the OOM killer's work beside a line, once.
func (l *Life) explain(i *instance, line *Line, first value.Maybe[bool]) {
	fresh := i.victims[i.namesTold:]
	i.namesTold = len(i.victims)
	o := &OOM{FirstProcess: first, LimitBytes: figures.Number(i.limit), PeakBytes: figures.Number(i.peak)}
	if i.limit.State() == figure.NotMeasured {
		const early = "it ended before its cgroup was found"
		o.LimitBytes, o.PeakBytes = value.Absent[uint64](value.Vanished, early), value.Absent[uint64](value.Vanished, early)
	}
	if len(fresh) == 0 {
		reason, why := value.NotMeasured, "the kernel's log tells of none in this cgroup; where it kills many at once, it tells of some"
		if i.unnamed != nil {
			reason, why = unread(i.unnamed), i.unnamed.Error()
		}
		o.Victims, o.RanOut, o.LimitOf = value.Absent[[]Victim](reason, why), value.Absent[string](reason, why), value.Absent[string](reason, why)
		line.OOM = o
		return
	}
	var all []Victim
	for _, v := range fresh {
		all = append(all, Victim{PID: v.PID, Name: &v.Name, FirstProcess: v.first})
	}
	o.Victims = value.Known(all)
	last := fresh[len(fresh)-1]
	own, elsewhere := cgroupfs.CutAtID(last.LimitOf, l.ID)
	o.LimitOf = value.Known(last.LimitOf)
	switch {
	case last.OutOfNodeMemory():
		o.RanOut, o.LimitOf = value.Known(ranOutNodes), value.Absent[string](value.NotMeasured, "it was no cgroup's limit: the memory of NUMA nodes had run out")
	case last.OutOfHostMemory():
		o.RanOut, o.LimitOf = value.Known(ranOutHost), value.Absent[string](value.NotMeasured, "it was no cgroup's limit: the host's memory had run out")
	case elsewhere != nil:
		o.RanOut = value.Known(ranOutAncestor)
	case own != last.LimitOf:
		o.RanOut, o.LimitBytes = value.Known(ranOutInside), value.Absent[uint64](value.NotMeasured, "it was the limit of a cgroup inside the container, which is not read")
	default:
		o.RanOut = value.Known(ranOutLimit)
	}
	for _, v := range fresh {
		ranOut := "global_oom"
		switch {
		case v.LimitOf != "":
			ranOut = "oom_memcg=" + v.LimitOf
		case v.OutOfNodeMemory():
			ranOut = "constraint=" + v.Constraint
		}
		line.Because = append(line.Because, verdict.Observation{Source: "/dev/kmsg: oom-kill", Value: fmt.Sprintf("%s, pid=%d", ranOut, v.PID)})
	}
	line.OOM = o
}

// unread is why the kernel's log cannot be read, in the document's words.
func unread(err error) value.Reason {
	switch {
	case errors.Is(err, fs.ErrPermission):
		return value.Denied
	case errors.Is(err, fs.ErrNotExist):
		return value.Unsupported
	}
	return value.NotMeasured
}

// text goes on a sentence that the OOM killer has killed in a container: who it was, and what had run out.
func (o *OOM) text(kills *uint64, names bool) string {
	text := ""
	if victims, ok := o.Victims.Get(); ok {
		var all []string
		for _, v := range victims {
			one := fmt.Sprintf("pid %d", v.PID)
			if names && v.Name != nil {
				one = fmt.Sprintf("%s (pid %d)", *v.Name, v.PID)
			}
			if v.FirstProcess != nil && *v.FirstProcess {
				one = "its first process " + one
			}
			all = append(all, one)
		}
		text = ", " + strings.Join(all, ", ") + ","
		if kills != nil && uint64(len(all)) < *kills {
			text = ", " + strings.Join(all, ", ") + " among them,"
		}
	} else if first, _ := o.FirstProcess.Get(); first {
		text = ", its first process,"
	}
	limit, known := o.LimitBytes.Get()
	of, _ := o.LimitOf.Get()
	switch ranOut, _ := o.RanOut.Get(); {
	case ranOut == ranOutHost:
		text += " as the host's memory ran out"
	case ranOut == ranOutNodes:
		text += " as the memory of the NUMA nodes that could be used ran out"
	case ranOut == ranOutAncestor:
		text += " at the limit of " + of
	case ranOut == ranOutInside:
		text += " at the limit of a cgroup inside it, " + of
	case known:
		text += " at its limit of " + value.Bytes(limit)
	}
	if peak, ok := o.PeakBytes.Get(); ok {
		text += "; it held " + value.Bytes(peak) + " at most"
	}
	return strings.TrimSuffix(text, ",")
}

// redacted is the same without the names of programs.
func (o *OOM) redacted() *OOM {
	victims, ok := o.Victims.Get()
	if !ok {
		return o
	}
	some := slices.Clone(victims)
	for n := range some {
		some[n].Name = nil
	}
	other := *o
	other.Victims = value.Known(some)
	return &other
}

// chosen is whether the OOM killer ended the first process of a run that is over.
func (i *instance) chosen(kind verdict.Kind) value.Maybe[bool] {
	switch {
	case kind != verdict.OOMKilled:
		return value.Known(false)
	case i.wait != nil && i.wait.Signaled(), i.choseFirst():
		return value.Known(true)
	}
	return value.Absent[bool](value.NotMeasured, "its first process ended before the kernel could be asked about it")
}
