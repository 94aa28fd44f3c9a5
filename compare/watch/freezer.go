package watch

import (
	"slices"
	"time"

	"haltscope/cgroupfs"
	"haltscope/cgroupfs/figure"
	"haltscope/compare/rules/verdict"
	"haltscope/compare/value"
)

// freezer is what Docker and the kernel say of a freeze.
type freezer struct {
	pause    *pending  // Docker's; nil while it does not say paused
	resumed  *pending  // of a pause that has not been told of yet
	unpaused time.Time // when Docker's last unpause was learnt: an inspection asked for before may still show the pause
	outside  *pending  // frozen, and Docker does not say paused
	thawed   *pending  // Docker says paused, and it was seen thawed
	sight    *cgroupfs.Sample
	confirms *cgroupfs.Sample // of the present pause, or of what may become one: it was seen frozen
	sources  map[string]string
	held     *uint64 // memory when the freeze was confirmed
	asked    bool    // an inspection on it is wanted already
	answered time.Time
}

// tellFreezer tells of freezes and thaws.
func (l *Life) tellFreezer(i *instance, now time.Time, over bool) (all []Line) {
	due := func(p *pending) bool { return p != nil && !p.told && (over || !now.Before(p.due)) }
	frozen := i.sight != nil && i.sight.Freezer.Frozen.Is(1)
	if i.pause != nil && !i.pause.told && (due(i.pause) || i.confirms != nil || i.resumed != nil) {
		i.pause.told = true
		all = append(all, l.paused(i))
	}
	if p := i.resumed; p != nil {
		lasted := p.at.Sub(i.pause.at)
		line := l.line(p.at, "unpause", verdict.Resumed, "", verdict.Observation{Source: p.source, Value: "unpause"})
		line.Message, line.Memory = "resumed", i.held
		if lasted >= 0 && i.pause.source != inspected {
			line.Duration = &lasted
			line.Message += " after " + value.Age(value.Milliseconds(lasted))
		}
		if i.held != nil {
			line.Message += ", having held " + value.Bytes(*i.held)
			line.MemoryAfter = i.heldAt(p)
			switch last := line.MemoryAfter; {
			case last == nil:
			case *last > *i.held+steady || *last+steady < *i.held:
				line.Message += " at first and " + value.Bytes(*last) + " at the end"
			default:
				line.Message += " throughout"
			}
		}
		all = append(all, line)
		i.pause, i.resumed, i.thawed, i.held, i.confirms = nil, nil, nil, nil, nil
	}
	if over {
		return all
	}
	// Of what is done behind Docker's back, Docker is asked once more before it is told.
	confirmed := func(p *pending) bool {
		if !due(p) {
			return false
		}
		if !i.answered.After(p.came) {
			l.wants = l.wants || !i.asked
			i.asked = true
			return !now.Before(p.came.Add(muteWait))
		}
		return true
	}
	if p := i.outside; confirmed(p) {
		p.told = true
		if l.status == "paused" {
			i.outside = nil
		} else {
			all = append(all, l.frozenOutside(i, p))
		}
	}
	if p := i.outside; p != nil && p.told && !frozen {
		lasted := i.sight.At.Sub(p.at)
		line := l.line(i.sight.At, ActionThaw, verdict.Resumed,
			"no longer frozen, after "+value.Age(value.Milliseconds(lasted))+"; it was frozen behind Docker's back",
			verdict.Observation{Source: i.sources["frozen"], Value: "0"})
		line.Duration, line.Memory = &lasted, i.held
		all = append(all, line)
		i.outside, i.held = nil, nil
	}
	if p := i.thawed; confirmed(p) {
		p.told = true
		if l.status == "paused" {
			v := verdict.Judge(verdict.Facts{Verb: "pause", State: &verdict.State{Status: "paused"}, Freezer: i.freezerFacts(i.sight)})
			line := l.line(p.at, ActionThaw, v.Kind, "thawed behind Docker's back: Docker says it is paused, and it runs", v.Because...)
			if !i.answered.After(p.came) {
				line.Message, line.Missing = "thawed; Docker, which said it was paused, has not answered since", unanswered
			}
			all = append(all, line)
		}
	}
	return all
}

func (i *instance) freezerFacts(s *cgroupfs.Sample) *verdict.Freezer {
	if s == nil {
		return nil
	}
	return &verdict.Freezer{Requested: truth(s.Freezer.Requested), Frozen: truth(s.Freezer.Frozen),
		RequestedSource: i.sources["requested"], FrozenSource: i.sources["frozen"]}
}

// paused tells of a pause: whether the kernel confirms it.
func (l *Life) paused(i *instance) Line {
	p := i.pause
	sight := i.sight
	if i.confirms != nil {
		sight = i.confirms
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
func (i *instance) delay(line *Line, s *cgroupfs.Sample) {
	took := s.At.Sub(i.pause.at)
	if i.pause.source == inspected || took.Abs() > giveUp {
		return // when it was paused is not known, or a clock was set
	}
	if took < 0 {
		line.Message += ", which had it frozen " + value.Duration(value.Milliseconds(-took)) + " before Docker told"
		return
	}
	line.Duration = &took
	line.Message += " after " + value.Duration(value.Milliseconds(took))
}

// lateFor reports whether the kernel has not been asked about a pause before something ended it: Docker's unpause, a
// signal, which may thaw, or the end.
func (i *instance) lateFor(p *pending) bool {
	return i.resumed != nil || i.died != nil || i.ended != nil || i.sight == nil || i.sight.At.Before(p.came) ||
		slices.ContainsFunc(i.kills, func(k sent) bool { return k.at.After(p.at) })
}

// steady is what memory may differ by and count as the same: the kernel charges a processor's share at once, 64 pages
// each (MEMCG_CHARGE_BATCH), and a program that goes on takes some before it is looked at.
const steady = 1 << 20

// heldAt is what the container held when it was looked at once it was resumed; nil where it was not.
func (i *instance) heldAt(resumed *pending) *uint64 {
	if i.sight == nil || i.sight.At.Before(resumed.came) {
		return nil
	}
	if v, ok := i.sight.Memory.Value(); ok {
		return &v
	}
	return nil
}

// hold notes what the container holds as it freezes.
func (i *instance) hold(line *Line, s *cgroupfs.Sample) {
	if v, ok := s.Memory.Value(); ok {
		i.held, line.Memory = &v, &v
		line.Message += "; it holds " + value.Bytes(v)
	}
}

// unanswered is what is missing of a freeze or a thaw that the kernel has told while Docker is mute.
const unanswered = "whether Docker was asked for it: it does not answer"

func (l *Life) frozenOutside(i *instance, p *pending) Line {
	v := verdict.Judge(verdict.Facts{State: &verdict.State{Status: "running"}, Freezer: i.freezerFacts(i.sight)})
	line := l.line(p.at, ActionFreeze, v.Kind, "frozen, and Docker does not say so", v.Because...)
	if !i.answered.After(p.came) {
		line.Message, line.Missing = "frozen, and Docker has not answered since", unanswered
	}
	if by := i.sight.Freezer.By; by != "" {
		line.Because = append(line.Because, verdict.Observation{Source: i.sources["requested"], Value: "asked of " + by})
	}
	i.hold(&line, i.sight)
	return line
}

// Frozen is since when the container is frozen, as far as was told, and what it held then.
func (l *Life) Frozen() (since time.Time, held *uint64, ok bool) {
	i := l.current
	switch {
	case i == nil || i.told:
		return time.Time{}, nil, false
	case i.pause != nil && i.pause.told && i.sight != nil && i.sight.Freezer.Frozen.Is(1):
		return i.pause.at, i.held, true
	case i.outside != nil && i.outside.told:
		return i.outside.at, i.held, true
	}
	return time.Time{}, nil, false
}

// truth turns a figure of 0 or 1 into a bool; nil when it is not there.
func truth(f figure.Figure) *bool {
	v, ok := f.Value()
	if !ok {
		return nil
	}
	t := v != 0
	return &t
}
