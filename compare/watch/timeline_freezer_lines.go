package watch

import (
	"slices"
	"time"

	"haltscope/cgroupfs"
	"haltscope/cgroupfs/figure"
	"haltscope/compare/rules/verdict"
	"haltscope/compare/value"
)

// steadyMemory is how much memory may differ, in bytes, and count as the same: the kernel charges 64 pages per processor at
// once (MEMCG_CHARGE_BATCH), and a program that has been resumed may allocate some before the sample.
const steadyMemory = 1 << 20

// noAnswer is what is missing of a freeze or a thaw that the kernel has reported while Docker does not answer.
const noAnswer = "whether Docker requested it: docker inspect does not answer"

// pauseLine writes a pause: whether the kernel confirms it.
func (t *Timeline) pauseLine(r *run) Line {
	sample := r.sample
	if r.frozenSample != nil {
		sample = r.frozenSample
	}
	state := &verdict.State{Status: "paused", Source: r.pause.source}
	v := verdict.Judge(verdict.Facts{Verb: value.Pause, State: state, Freezer: r.freezerFacts(sample)})
	line := t.line(r.pause.at, "pause", v.Kind, "", v.Because...)
	line.Missing = v.Missing
	switch {
	case v.Kind == verdict.Paused:
		line.Message = "paused, confirmed by the kernel"
		r.addDelay(&line, sample)
		r.addFrozenMemory(&line, sample)
	case r.endedBeforeSample():
		line.Verdict, line.Level = verdict.Inconclusive, Info
		line.Missing = "the pause was over before the kernel could be asked"
		line.Message = "paused; " + line.Missing
	default:
		line.Message = "Docker says it is paused, but the kernel does not confirm it"
	}
	return line
}

// addDelay adds how long after Docker's event the freeze was seen, or before: if the kernel notifies, it is first.
func (r *run) addDelay(line *Line, s *cgroupfs.Sample) {
	took := s.At.Sub(r.pause.at)
	if r.pause.source == sourceInspect || took.Abs() > maxSkew {
		return // when it was paused is not known, or a clock was set
	}
	if took < 0 {
		line.Message += ", which froze it " + value.Duration(value.Milliseconds(-took)) + " before Docker reported it"
		return
	}
	line.Duration = &took
	line.Message += " after " + value.Duration(value.Milliseconds(took))
}

// addFrozenMemory notes how much memory the container holds as it freezes.
func (r *run) addFrozenMemory(line *Line, s *cgroupfs.Sample) {
	if v, ok := s.Memory.Value(); ok {
		r.frozenMemory, line.Memory = &v, &v
		line.Message += "; it holds " + value.Bytes(v)
	}
}

// endedBeforeSample reports whether something ended a pause before the kernel was asked about it: Docker's unpause, a signal,
// which may thaw, or the end of the run.
func (r *run) endedBeforeSample() bool {
	return r.unpause != nil || r.end != nil || r.exitedAt != nil || r.sample == nil || r.sample.At.Before(r.pause.learned) ||
		slices.ContainsFunc(r.signals, func(s sentSignal) bool { return s.at.After(r.pause.at) })
}

// frozenAbove reports whether a run is frozen by a cgroup above its own after Docker has resumed it: docker unpause succeeds, and
// changes nothing.
func (r *run) frozenAbove() bool {
	return r.unpause != nil && r.sampledFrozen() && !r.sample.At.Before(r.unpause.learned) && r.sample.Freezer.Above != ""
}

// stillFrozenLine writes a docker unpause that has changed nothing.
func (t *Timeline) stillFrozenLine(r *run) Line {
	p, above := r.unpause, value.Quote(r.sample.Freezer.Above)
	line := t.line(p.at, "unpause", verdict.FrozenOutsideDocker, "Docker resumed it, and it is still frozen: a cgroup above its own is, "+
		above,
		verdict.Observation{Source: p.source, Value: "unpause"}, verdict.Observation{Source: r.sources["frozen"], Value: "1"},
		verdict.Observation{Source: r.sources["requested"], Value: "requested for " + above})
	line.Memory = r.frozenMemory
	return line
}

// unpauseLine writes the end of a pause, and the memory that it held.
func (t *Timeline) unpauseLine(r *run) Line {
	if r.frozenAbove() {
		return t.stillFrozenLine(r)
	}
	p := r.unpause
	lasted := p.at.Sub(r.pause.at)
	line := t.line(p.at, "unpause", verdict.Resumed, "resumed", verdict.Observation{Source: p.source, Value: "unpause"})
	line.Memory = r.frozenMemory
	if lasted >= 0 && r.pause.source != sourceInspect {
		line.Duration = &lasted
		line.Message += " after " + value.Age(value.Milliseconds(lasted))
	}
	if r.frozenMemory == nil {
		return line
	}
	line.Message += ", having held " + value.Bytes(*r.frozenMemory)
	line.MemoryAfter = r.memoryAfter(p)
	switch last := line.MemoryAfter; {
	case last == nil:
	case *last > *r.frozenMemory+steadyMemory || *last+steadyMemory < *r.frozenMemory:
		line.Message += " at first and " + value.Bytes(*last) + " at the end"
	default:
		line.Message += " throughout"
	}
	return line
}

// memoryAfter is the memory of the container in a sample after it was resumed; nil if there is none.
func (r *run) memoryAfter(resumed *pending) *uint64 {
	if r.sample == nil || r.sample.At.Before(resumed.learned) {
		return nil
	}
	if v, ok := r.sample.Memory.Value(); ok {
		return &v
	}
	return nil
}

// freezeLine writes a freeze outside Docker.
func (t *Timeline) freezeLine(r *run) Line {
	p := r.freezeOutside
	v := verdict.Judge(verdict.Facts{State: &verdict.State{Status: "running"}, Freezer: r.freezerFacts(r.sample)})
	line := t.line(p.at, ActionFreeze, v.Kind, "frozen, but Docker does not say so", v.Because...)
	if !r.answered.After(p.learned) {
		line.Verdict, line.Missing = verdict.Inconclusive, noAnswer
		line.Message = "frozen; docker inspect has not answered since then"
	}
	if by := r.sample.Freezer.By; by != "" {
		line.Because = append(line.Because, verdict.Observation{Source: r.sources["requested"], Value: "requested for " + by})
	}
	r.addFrozenMemory(&line, r.sample)
	return line
}

// thawLine writes the end of a freeze outside Docker.
func (t *Timeline) thawLine(r *run) Line {
	lasted := r.sample.At.Sub(r.freezeOutside.at)
	line := t.line(r.sample.At, ActionThaw, verdict.Resumed,
		"no longer frozen, after "+value.Age(value.Milliseconds(lasted))+"; it was frozen outside Docker",
		verdict.Observation{Source: r.sources["frozen"], Value: "0"})
	line.Duration, line.Memory = &lasted, r.frozenMemory
	return line
}

// thawedWhilePausedLine writes a thaw outside Docker, which still says paused.
func (t *Timeline) thawedWhilePausedLine(r *run) Line {
	p := r.thawOutside
	v := verdict.Judge(verdict.Facts{Verb: value.Pause, State: &verdict.State{Status: "paused"}, Freezer: r.freezerFacts(r.sample)})
	line := t.line(p.at, ActionThaw, v.Kind, "thawed outside Docker: Docker says it is paused, but it is running", v.Because...)
	if !r.answered.After(p.learned) {
		line.Verdict, line.Missing = verdict.Inconclusive, noAnswer
		line.Message = "thawed; Docker said it was paused, and docker inspect has not answered since then"
	}
	return line
}

// freezerFacts are what a sample shows of the freezer, for the rules; nil without a sample.
func (r *run) freezerFacts(s *cgroupfs.Sample) *verdict.Freezer {
	if s == nil {
		return nil
	}
	return &verdict.Freezer{Requested: truth(s.Freezer.Requested), Frozen: truth(s.Freezer.Frozen),
		RequestedSource: r.sources["requested"], FrozenSource: r.sources["frozen"]}
}

// truth converts a figure of 0 or 1; nil if it is absent.
func truth(f figure.Figure) *bool {
	v, ok := f.Value()
	if !ok {
		return nil
	}
	t := v != 0
	return &t
}

// Frozen returns since when the container is frozen, if that is written, and how much memory it held then, in bytes.
func (t *Timeline) Frozen() (since time.Time, memory *uint64, ok bool) {
	r := t.current
	switch {
	case r == nil || r.isWritten():
		return time.Time{}, nil, false
	case r.pause != nil && r.pause.written && r.sampledFrozen():
		return r.pause.at, r.frozenMemory, true
	case r.freezer.state() == frozenOutside:
		return r.freezeOutside.at, r.frozenMemory, true
	}
	return time.Time{}, nil, false
}
