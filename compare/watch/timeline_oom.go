package watch

import (
	"fmt"
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

// oomKills is what the OOM killer did to a run.
type oomKills struct {
	oomEvent        bool          // Docker has reported it, and that is not written
	oomBase         figure.Figure // the kernel's count as the run began, or the watch
	oomBaseAt       time.Time     // when that was; zero for the start of the run
	oomLast         figure.Figure // the kernel's latest count
	oomReported     uint64        // how many kills are written
	oomPending      *pending
	limit, peak     figure.Figure // of the memory, in bytes
	peakKills       figure.Figure // the kernel's count when the peak was read
	victims         []victim
	victimsReported int   // how many of victims are written
	victimsUnknown  error // why the victims are not known; nil if they are
	pastVictims     int   // how many of victims were chosen before the watch began
	pastComplete    bool  // and no others were
}

// victim is a process that the OOM killer chose, by the kernel's log.
type victim struct {
	cgroupfs.OOMVictim
	first *bool // it is the container's main process; nil for unknown
}

// countOOMKills records a sample's figures of the OOM killer.
func (r *run) countOOMKills(s *cgroupfs.Sample, source string, now time.Time) {
	if r.oomBase.State() == figure.NotMeasured {
		r.oomBase, r.oomBaseAt = s.OOMKill, s.At
		if r.startEvent && r.oomBase.State() == figure.Present {
			r.oomBase, r.oomBaseAt = figure.Number(0), time.Time{} // each run has a cgroup of its own
		}
	}
	if s.OOMKill.State() == figure.Present {
		r.oomLast = s.OOMKill
	}
	if s.Limit.State() != figure.NotMeasured {
		r.limit, r.peak, r.peakKills = s.Limit, s.Peak, s.OOMKill
	}
	if n := r.unreportedOOMKills(); n != nil && *n > 0 && r.oomPending == nil {
		o := occurrence{at: s.At, learned: now, source: source}
		r.oomPending = o.pending()
	}
}

// peakAtKill is the peak of the memory, if it was read since the OOM killer killed: one from before may be far lower.
func (r *run) peakAtKill() value.Maybe[uint64] {
	base, known := r.oomBase.Value()
	kills, counted := r.peakKills.Value()
	if r.peak.State() == figure.Present && r.pastUncounted() > 0 {
		return figures.Number(r.peak) // all of them were before the watch read it
	}
	if r.peak.State() == figure.Present && known && (!counted || kills <= base+r.oomReported) {
		return value.Absent[uint64](value.Vanished, "its cgroup disappeared before its peak was read again")
	}
	return figures.Number(r.peak)
}

// recordOOM records Docker's oom event.
func (t *Timeline) recordOOM(r *run, o occurrence) {
	r.oomEvent, t.wantsSample = true, true
	t.wantsInspect = t.wantsInspect || t.container == nil // where its cgroup is
	if r.oomPending == nil {
		r.oomPending = o.pending()
	}
}

// OOMVictim records a victim of the OOM killer in the run with a main process, or in the current run if that is 0: unknown.
func (t *Timeline) OOMVictim(key time.Time, first int, v cgroupfs.OOMVictim) {
	if t.past.has(v) {
		return // it was chosen as the watch began
	}
	r, one := t.current, victim{OOMVictim: v}
	if first != 0 {
		isFirst := v.PID == first
		r, one.first = t.runSince(key), &isFirst
	}
	if r != nil && !r.isWritten() {
		r.victims = append(r.victims, one)
	}
}

// VictimsUnknown records why the victims of the OOM killer in a run are not known.
func (t *Timeline) VictimsUnknown(key time.Time, why error) {
	if r := t.runSince(key); r != nil {
		r.victimsUnknown = why
	}
}

// unreportedOOMKills is how many processes of the run the OOM killer killed that are not written; nil for unknown.
func (r *run) unreportedOOMKills() *uint64 {
	base, ok := r.oomBase.Value()
	last, known := r.oomLast.Value()
	past := r.pastUncounted()
	var kills uint64
	switch {
	case past > 0 && !r.pastComplete:
		return nil
	case ok && known && last >= base:
		kills = last - base + past
	case past > 0 && !ok:
		kills = past
	default:
		return nil
	}
	if kills < r.oomReported {
		return nil
	}
	kills -= r.oomReported
	return &kills
}

// pastUncounted is how many processes were killed, by the kernel's log, before the kernel's count was first read.
func (r *run) pastUncounted() uint64 {
	if r.oomBase.State() == figure.Present && r.oomBaseAt.IsZero() {
		return 0
	}
	return uint64(r.pastVictims)
}

// oomSource is the source of unreportedOOMKills.
func (r *run) oomSource() string {
	if r.pastUncounted() > 0 {
		return sourceKernelLog
	}
	return r.sources["oom_kill"]
}

// dockerSawOOM reports whether Docker has reported that the OOM killer killed in the cgroup.
func (r *run) dockerSawOOM() bool {
	return r.oomEvent || r.inspected != nil && !r.inspectedAnother() && r.inspected.OOMKilled
}

func (r *run) oomAt() time.Time {
	if r.oomPending != nil {
		return r.oomPending.at
	}
	return r.end.at
}

// newVictims are the victims that are not written.
func (r *run) newVictims() []victim { return r.victims[r.victimsReported:] }

// oomSpared is how it is known that the OOM killer chose other processes than the first one; nil if it is not.
func (r *run) oomSpared() *verdict.Observation {
	kills, victims := r.unreportedOOMKills(), r.newVictims()
	switch {
	case !r.oomEvent && kills != nil && *kills == 0 && r.oomReported > 0:
		return &verdict.Observation{Source: r.oomSource(), Value: fmt.Sprintf("+%d, which it survived", r.oomReported)}
	case kills == nil || *kills == 0 || uint64(len(victims)) < *kills:
		return nil
	}
	var pids []string
	for _, v := range victims {
		if v.first == nil || *v.first {
			return nil
		}
		pids = append(pids, "pid "+strconv.Itoa(v.PID))
	}
	return &verdict.Observation{Source: sourceKernelLog, Value: "chosen: " + strings.Join(pids, ", ") + ", not the first process"}
}

// oomNext is the OOM kill that will be written as one that the container outlived; nil for none. If the main process was
// chosen, its end is waited for: a machine out of memory takes its time.
func (r *run) oomNext() *pending {
	if r.oomPending == nil || r.flushed || !r.choseFirst() {
		return r.oomPending
	}
	p := *r.oomPending
	p.due = p.learned.Add(maxSkew)
	return &p
}

// choseFirst reports whether the first process is among the victims that are not written.
func (r *run) choseFirst() bool {
	return slices.ContainsFunc(r.newVictims(), func(v victim) bool { return v.first != nil && *v.first })
}

// oomKilledFirst is whether the OOM killer ended the first process of a run that has ended.
func (r *run) oomKilledFirst(kind verdict.Kind) value.Maybe[bool] {
	switch {
	case kind == verdict.OOMKilled && r.waitStatus != nil && r.waitStatus.Signaled(), r.choseFirst():
		return value.Known(true)
	case kind == verdict.OOMKilled, kind == verdict.Inconclusive:
		return value.Absent[bool](value.NotMeasured, "its first process ended before the kernel could be asked about it")
	}
	return value.Known(false)
}

// addEndOOM adds to the line of an end what is known of the OOM killer's work, if there was any.
func (t *Timeline) addEndOOM(r *run, line *Line, kills *uint64) {
	if kills != nil && *kills > 0 {
		line.OOMKills = kills
	}
	if line.Verdict == verdict.OOMKilled || line.OOMKills != nil || kills == nil && r.dockerSawOOM() {
		t.addOOM(r, line, r.oomKilledFirst(line.Verdict))
	}
}

// oomLines writes kills that the container has outlived; nothing if Docker reported what is written already.
func (t *Timeline) oomLines(r *run) []Line {
	defer func() { r.oomPending, r.oomEvent = nil, false }()
	t.claimPastVictims(r)
	kills := r.unreportedOOMKills()
	if kills != nil && *kills == 0 {
		if !r.oomPending.at.Before(r.oomBaseAt) {
			return nil
		}
		kills = nil // they were before the count was first read
	}
	line := t.line(r.oomPending.at, "oom", "", "")
	line.Level = Error
	if r.oomEvent {
		line.Because = append(line.Because, verdict.Observation{Source: "docker events", Value: "oom"})
	}
	if kills != nil {
		line.OOMKills = kills
		line.Because = append(line.Because, verdict.Observation{Source: r.oomSource(), Value: "+" + strconv.FormatUint(*kills, 10)})
	}
	first, then := r.choseFirst(), "; it keeps running"
	if first {
		then = "; its end has not been seen yet"
	}
	t.addOOM(r, &line, value.Known(first))
	if kills != nil {
		r.oomReported += *kills
	}
	line.setMessage(func(names bool) string {
		return oomKilledText(line.OOM, kills, names) + then
	})
	return []Line{line}
}
