package watch

import (
	"slices"
	"time"

	"haltscope/cgroupfs"
	"haltscope/compare/rules/verdict"
	"haltscope/compare/value"
)

// freezer is what Docker and the kernel say of a freeze.
type freezer struct {
	pause         *pending  // Docker's; nil while it does not say paused
	unpause       *pending  // of a pause that has not been told of yet
	lastUnpause   time.Time // when Docker's last unpause was learnt: an inspection asked for before may still show the pause
	frozenOutside *pending  // frozen, and Docker does not say paused
	thawedOutside *pending  // Docker says paused, and it was seen thawed
	sample        *cgroupfs.Sight
	frozenSample  *cgroupfs.Sight // of the present pause, or of what may become one: it was seen frozen
	sources       map[string]string
	frozenMemory  *uint64 // memory when the freeze was confirmed
	inquired      bool    // an inspection on it is wanted already
	answered      time.Time
}

// tellFreezer tells of freezes and thaws.
func (l *Timeline) tellFreezer(i *run, now time.Time, over bool) (all []Line) {
	due := func(p *pending) bool { return p != nil && !p.written && (over || !now.Before(p.due)) }
	frozen := i.sample != nil && i.sample.Freezer.Frozen.Is(1)
	if i.pause != nil && !i.pause.written && (due(i.pause) || i.frozenSample != nil || i.unpause != nil) {
		i.pause.written = true
		all = append(all, l.paused(i))
	}
	if p := i.unpause; p != nil {
		lasted := p.at.Sub(i.pause.at)
		line := l.line(p.at, "unpause", verdict.Resumed, "", verdict.Observation{Source: p.source, Value: "unpause"})
		line.Message, line.Memory = "resumed", i.frozenMemory
		if lasted >= 0 && i.pause.source != sourceInspect {
			line.Duration = &lasted
			line.Message += " after " + value.Age(float64(lasted.Microseconds())/1000)
		}
		if i.frozenMemory != nil {
			line.Message += ", having held " + value.Bytes(*i.frozenMemory)
			line.MemoryAfter = i.heldAt(p)
			switch last := line.MemoryAfter; {
			case last == nil:
			case *last > *i.frozenMemory+steady || *last+steady < *i.frozenMemory:
				line.Message += " at first and " + value.Bytes(*last) + " at the end"
			default:
				line.Message += " throughout"
			}
		}
		all = append(all, line)
		i.pause, i.unpause, i.thawedOutside, i.frozenMemory, i.frozenSample = nil, nil, nil, nil, nil
	}
	if over {
		return all
	}
	// Of what is done behind Docker's back, Docker is asked once more before it is told.
	confirmed := func(p *pending) bool {
		if !due(p) {
			return false
		}
		if !i.answered.After(p.learned) {
			l.wantsInspect = l.wantsInspect || !i.inquired
			i.inquired = true
			return !now.Before(p.learned.Add(noAnswerWait))
		}
		return true
	}
	if p := i.frozenOutside; confirmed(p) {
		p.written = true
		if l.status == "paused" {
			i.frozenOutside = nil
		} else {
			all = append(all, l.frozenOutside(i, p))
		}
	}
	if p := i.frozenOutside; p != nil && p.written && !frozen {
		lasted := i.sample.At.Sub(p.at)
		line := l.line(i.sample.At, ActionThaw, verdict.Resumed, "no longer frozen, after "+value.Age(float64(lasted.Microseconds())/1000)+"; it was frozen behind Docker's back",
			verdict.Observation{Source: i.sources["frozen"], Value: "0"})
		line.Duration, line.Memory = &lasted, i.frozenMemory
		all = append(all, line)
		i.frozenOutside, i.frozenMemory = nil, nil
	}
	if p := i.thawedOutside; confirmed(p) {
		p.written = true
		if l.status == "paused" {
			v := verdict.Judge(verdict.Facts{Verb: "pause", State: &verdict.State{Status: "paused"}, Freezer: i.freezerFacts(i.sample)})
			line := l.line(p.at, ActionThaw, v.Kind, "thawed behind Docker's back: Docker says it is paused, and it runs", v.Because...)
			if !i.answered.After(p.learned) {
				line.Message, line.Missing = "thawed; Docker, which said it was paused, has not answered since", unanswered
			}
			all = append(all, line)
		}
	}
	return all
}

func (i *run) freezerFacts(s *cgroupfs.Sight) *verdict.Freezer {
	if s == nil {
		return nil
	}
	return &verdict.Freezer{Requested: truth(s.Freezer.Requested), Frozen: truth(s.Freezer.Frozen),
		RequestedSource: i.sources["requested"], FrozenSource: i.sources["frozen"]}
}

// paused tells of a pause: whether the kernel confirms it.
func (l *Timeline) paused(i *run) Line {
	p := i.pause
	sight := i.sample
	if i.frozenSample != nil {
		sight = i.frozenSample
	}
	v := verdict.Judge(verdict.Facts{Verb: "pause", State: &verdict.State{Status: "paused", Source: p.source}, Freezer: i.freezerFacts(sight)})
	line := l.line(p.at, "pause", v.Kind, "", v.Because...)
	line.Missing = v.Missing
	switch {
	case v.Kind == verdict.Paused:
		line.Message = "paused, and the kernel confirms it"
		i.delay(&line, sight)
		i.hold(&line, sight)
	case i.lateFor(p):
		line.Verdict, line.Level = verdict.Inconclusive, Info
		line.Missing = "it was over before the kernel could be asked"
		line.Message = "paused; " + line.Missing
	default:
		line.Message = "Docker says it is paused, and the kernel does not confirm it"
	}
	return line
}

// delay says how long after Docker's word it was seen frozen, or before: where the kernel notifies, it is first.
func (i *run) delay(line *Line, s *cgroupfs.Sight) {
	took := s.At.Sub(i.pause.at)
	if i.pause.source == sourceInspect || took.Abs() > maxSkew {
		return // when it was paused is not known, or a clock was set
	}
	if took < 0 {
		line.Message += ", which had it frozen " + value.Duration(float64(-took.Microseconds())/1000) + " before Docker told"
		return
	}
	line.Duration = &took
	line.Message += " after " + value.Duration(float64(took.Microseconds())/1000)
}

// lateFor reports whether the kernel has not been asked about a pause before something ended it: Docker's unpause, a
// signal, which may thaw, or the end.
func (i *run) lateFor(p *pending) bool {
	return i.unpause != nil || i.end != nil || i.exitedAt != nil || i.sample == nil || i.sample.At.Before(p.learned) ||
		slices.ContainsFunc(i.signals, func(k sentSignal) bool { return k.at.After(p.at) })
}

// steady is what memory may differ by and count as the same: the kernel charges a processor's share at once, 64 pages
// each (MEMCG_CHARGE_BATCH), and a program that goes on takes some before it is looked at.
const steady = 1 << 20

// heldAt is what the container held when it was looked at once it was resumed; nil where it was not.
func (i *run) heldAt(resumed *pending) *uint64 {
	if i.sample == nil || i.sample.At.Before(resumed.learned) {
		return nil
	}
	if v, ok := i.sample.Memory.Value(); ok {
		return &v
	}
	return nil
}

// hold notes what the container holds as it freezes.
func (i *run) hold(line *Line, s *cgroupfs.Sight) {
	if v, ok := s.Memory.Value(); ok {
		i.frozenMemory, line.Memory = &v, &v
		line.Message += "; it holds " + value.Bytes(v)
	}
}

// unanswered is what is missing of a freeze or a thaw that the kernel has told while Docker is mute.
const unanswered = "whether Docker was asked for it: it does not answer"

func (l *Timeline) frozenOutside(i *run, p *pending) Line {
	v := verdict.Judge(verdict.Facts{State: &verdict.State{Status: "running"}, Freezer: i.freezerFacts(i.sample)})
	line := l.line(p.at, ActionFreeze, v.Kind, "frozen, and Docker does not say so", v.Because...)
	if !i.answered.After(p.learned) {
		line.Message, line.Missing = "frozen, and Docker has not answered since", unanswered
	}
	if by := i.sample.Freezer.By; by != "" {
		line.Because = append(line.Because, verdict.Observation{Source: i.sources["requested"], Value: "asked of " + by})
	}
	i.hold(&line, i.sample)
	return line
}

// Frozen is since when the container is frozen, as far as was told, and what it held then.
func (l *Timeline) Frozen() (since time.Time, held *uint64, ok bool) {
	i := l.current
	switch {
	case i == nil || i.told:
		return time.Time{}, nil, false
	case i.pause != nil && i.pause.written && i.sample != nil && i.sample.Freezer.Frozen.Is(1):
		return i.pause.at, i.frozenMemory, true
	case i.frozenOutside != nil && i.frozenOutside.written:
		return i.frozenOutside.at, i.frozenMemory, true
	}
	return time.Time{}, nil, false
}

// truth turns a figure of 0 or 1 into a bool; nil when it is not there.
func truth(f cgroupfs.Figure) *bool {
	v, ok := f.Value()
	if !ok {
		return nil
	}
	t := v != 0
	return &t
}
