package watch

import (
	"slices"
	"time"

	"haltscope/cgroupfs"
)

// pastVictims are the victims of the OOM killer from before the watch began, by the kernel's log.
type pastVictims struct {
	unclaimed []pastVictim // that are not a run's yet
	missing   []span       // when the log may have left out some
}

type pastVictim struct {
	victim
	at time.Time
}

// span is a length of time.
type span struct{ from, to time.Time }

// PastVictims records whom the OOM killer chose in the container before the watch began, and when the kernel's log may have left
// out others.
func (t *Timeline) PastVictims(kills []cgroupfs.PastKill, missing []span) {
	t.past = pastVictims{missing: missing}
	for _, k := range kills {
		t.past.unclaimed = append(t.past.unclaimed, pastVictim{victim{OOMVictim: k.OOMVictim, first: t.choseMainProcess(k)}, k.At})
	}
}

// missingIn reports whether the log may have left out victims of a run.
func (p *pastVictims) missingIn(r *run) bool {
	return slices.ContainsFunc(p.missing, func(s span) bool {
		return s.to.After(r.started) && (r.end == nil || s.from.Before(r.end.at.Add(settleTime)))
	})
}

// choseMainProcess reports whether a victim was the container's main process: the first one that joined its cgroup. It returns nil
// if the kernel did not list the processes of just this cgroup.
func (t *Timeline) choseMainProcess(k cgroupfs.PastKill) *bool {
	own, elsewhere := cgroupfs.CutAtID(k.LimitOf, t.ID)
	if len(k.Tasks) == 0 || elsewhere != nil || own != k.LimitOf || k.Cgroup != k.LimitOf {
		return nil
	}
	first := k.Tasks[0] == k.PID
	return &first
}

// has reports whether a victim is among those that are not a run's yet.
func (p *pastVictims) has(v cgroupfs.OOMVictim) bool {
	return slices.ContainsFunc(p.unclaimed, func(one pastVictim) bool { return one.OOMVictim == v })
}

// claimPastVictims gives a run the victims that were chosen in it.
func (t *Timeline) claimPastVictims(r *run) {
	t.past.unclaimed = slices.DeleteFunc(t.past.unclaimed, func(v pastVictim) bool {
		if t.runNear(v.at) != r {
			return false
		}
		r.victims = append(r.victims, v.victim)
		r.pastVictims++
		r.pastComplete = !t.past.missingIn(r)
		return true
	})
}

// runNear finds the run in which something happened by the kernel's clock, which is not quite Docker's; nil for none.
func (t *Timeline) runNear(at time.Time) *run {
	var nearest *run
	least := maxSkew
	for _, r := range t.runs() {
		if off := r.offFrom(at); off < least || nearest == nil && off == least {
			nearest, least = r, off
		}
	}
	return nearest
}

// offFrom is how long before or after a run a time is; 0 if it is within the run.
func (r *run) offFrom(at time.Time) time.Duration {
	switch {
	case at.Before(r.started):
		return r.started.Sub(at)
	case r.end != nil && at.After(r.end.at):
		return at.Sub(r.end.at)
	}
	return 0
}
