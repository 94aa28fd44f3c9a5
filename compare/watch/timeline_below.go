package watch

import (
	"fmt"
	"slices"
	"strings"
	"time"

	"haltscope/cgroupfs"
	"haltscope/compare/rules/verdict"
	"haltscope/compare/value"
)

// frozenBelow is what is known of frozen cgroups below a run's own. Neither Docker nor the container's freezer shows them, and the
// kernel notifies nobody, so they are looked for now and then.
type frozenBelow struct {
	version int // of cgroups
	below   map[string]*below
}

// below is a frozen cgroup below a run's own.
type below struct {
	path    string
	members []int
	seen    time.Time
	written bool
	thawed  *time.Time // when it was seen thawed, or gone; nil if it was not
}

// Below records the cgroups below a run's own that are frozen at a time. Key is the run's key, version that of cgroups.
func (t *Timeline) Below(key time.Time, version int, found []cgroupfs.FrozenBelow, now time.Time) {
	r := t.runSince(key)
	if r == nil || r.end != nil || r.exitedAt != nil {
		return
	}
	r.version = version
	frozen := map[string]bool{}
	for i := range found {
		f := &found[i]
		frozen[f.Path] = true
		if b := r.below[f.Path]; b == nil || b.thawed != nil && b.written {
			if r.below == nil {
				r.below = map[string]*below{}
			}
			r.below[f.Path] = &below{path: f.Path, members: f.Members, seen: now}
		}
	}
	for path, b := range r.below {
		if !frozen[path] && b.thawed == nil {
			b.thawed = &now
		}
	}
}

// WantsBelow reports whether to look at the cgroups below the current run's: some are frozen, or a signal was sent a while ago that they
// may hold up.
func (t *Timeline) WantsBelow(now time.Time) bool {
	r := t.current
	return r != nil && r.state <= running && (len(r.below) > 0 || r.awaitsSignal(now))
}

// hasNewsBelow reports whether something of the cgroups below the current run's is to be written.
func (t *Timeline) hasNewsBelow() bool { return t.current != nil && t.current.hasNews() }

// sorted returns some of the cgroups below, by path.
func (f *frozenBelow) sorted(wanted func(*below) bool) (some []*below) {
	for _, b := range f.below {
		if wanted(b) {
			some = append(some, b)
		}
	}
	slices.SortFunc(some, func(a, b *below) int { return strings.Compare(a.path, b.path) })
	return some
}

func (f *frozenBelow) unwritten() []*below {
	return f.sorted(func(b *below) bool { return !b.written })
}
func (f *frozenBelow) thawedOnes() []*below {
	return f.sorted(func(b *below) bool { return b.written && b.thawed != nil })
}

// hasNews reports whether something is to be written.
func (f *frozenBelow) hasNews() bool { return len(f.unwritten()) > 0 || len(f.thawedOnes()) > 0 }

// belowLines writes the cgroups below that were found frozen, or found thawed.
func (t *Timeline) belowLines(r *run) (lines []Line) {
	if r.start != nil && !r.start.written {
		return nil
	}
	if frozen := r.unwritten(); len(frozen) > 0 {
		for _, b := range frozen {
			b.written = true
		}
		lines = append(lines, t.frozenBelowLine(r, frozen))
	}
	if thawed := r.thawedOnes(); len(thawed) > 0 {
		for _, b := range thawed {
			delete(r.below, b.path)
		}
		lines = append(lines, t.thawedBelowLine(r, thawed))
	}
	return lines
}

func (t *Timeline) frozenBelowLine(r *run, frozen []*below) Line {
	takes := "act on no signal but SIGKILL"
	if r.version == 1 {
		takes = "take no signal, not even SIGKILL"
	}
	line := t.line(frozen[0].seen, ActionFreeze, verdict.FrozenBelow, "")
	for _, b := range frozen {
		line.Because = append(line.Because, verdict.Observation{Source: r.freezerFile(), Value: b.text(true)})
		line.RedactedBecause = append(line.RedactedBecause, verdict.Observation{Source: r.freezerFile(), Value: b.text(false)})
	}
	line.setMessage(func(names bool) string {
		message, thaw := "a cgroup below its own is frozen: %s. Its processes %s", "; to thaw it: "
		if len(frozen) > 1 {
			message, thaw = "cgroups below its own are frozen: %s. Their processes %s", "; to thaw them: "
		}
		message = fmt.Sprintf(message, listed(frozen, names), takes)
		if !names {
			return message
		}
		var ways []string
		for _, b := range frozen {
			ways = append(ways, value.ThawCommand(r.version, b.path))
		}
		return message + thaw + strings.Join(ways, "; ")
	})
	return line
}

func (t *Timeline) thawedBelowLine(r *run, thawed []*below) Line {
	lasted := thawed[0].thawed.Sub(thawed[0].seen)
	line := t.line(*thawed[0].thawed, ActionThaw, verdict.Resumed, "")
	line.Duration = &lasted
	line.Because = []verdict.Observation{{Source: r.freezerFile(), Value: "no longer frozen: " + quoted(thawed)}}
	line.RedactedBecause = []verdict.Observation{{Source: r.freezerFile(), Value: "no longer frozen: " + listed(thawed, false)}}
	line.setMessage(func(names bool) string {
		message := "the cgroup below its own is no longer frozen: "
		if len(thawed) > 1 {
			message = "cgroups below its own are no longer frozen: "
		}
		if !names {
			return message + listed(thawed, false)
		}
		return message + quoted(thawed)
	})
	return line
}

// freezerFile is the kernel's file that shows whether a cgroup is frozen.
func (f *frozenBelow) freezerFile() string {
	if f.version == 1 {
		return "freezer.state"
	}
	return "cgroup.events: frozen"
}

// text is the cgroup's path and its processes; without its path if names are left out, because that may have names in it.
func (b *below) text(names bool) string {
	pids := strings.Trim(fmt.Sprint(b.members), "[]")
	switch {
	case names:
		return fmt.Sprintf("%s (%s)", value.Quote(b.path), pids)
	case len(b.members) == 0:
		return "no process"
	case len(b.members) == 1:
		return "pid " + pids
	}
	return "pids " + pids
}

func listed(all []*below, names bool) string {
	var texts []string
	for _, b := range all {
		texts = append(texts, b.text(names))
	}
	return strings.Join(texts, ", ")
}

func quoted(all []*below) string {
	var paths []string
	for _, b := range all {
		paths = append(paths, value.Quote(b.path))
	}
	return strings.Join(paths, ", ")
}

// heldBelow follows a text that says that a run goes on, and names what is frozen below; "" for nothing.
func (r *run) heldBelow(names bool) string {
	frozen := r.sorted(func(b *below) bool { return b.thawed == nil })
	what := quoted(frozen)
	if !names {
		what = value.Count(len(frozen), "cgroup", "cgroups")
	}
	switch len(frozen) {
	case 0:
		return ""
	case 1:
		return ": " + what + ", below its cgroup, is frozen"
	}
	return ": " + what + ", below its cgroup, are frozen"
}
