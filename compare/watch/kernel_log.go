package watch

import (
	"strings"
	"time"

	"haltscope/cgroupfs"
	"haltscope/compare/value"
)

// openKernelLog opens the kernel's log, which names the victims of the OOM killer.
func (w *watch) openKernelLog() {
	if w.kernelLog, w.kernelLogErr = cgroupfs.OpenKernelLog(); w.kernelLogErr != nil {
		w.kernelLog = nil
		w.Log.Warn().Err(w.kernelLogErr).Msg("cannot read the kernel log; reports of OOM kills will not name the process")
	}
}

// kernelPast is what the kernel's log holds of the time before the watch began.
type kernelPast struct {
	kills   map[string][]cgroupfs.PastKill // by container
	missing []span                         // when it may have left out kills
}

// readKernelPast reads whom the OOM killer has chosen since a time.
func (w *watch) readKernelPast(from time.Time) {
	past, err := cgroupfs.ReadKernelPast()
	if err != nil {
		w.Log.Warn().Err(err).Msg("cannot read the kernel log; reports of past OOM kills will not name the process")
		return
	}
	w.past = kernelPast{kills: map[string][]cgroupfs.PastKill{}, missing: suppressedKills(past.Kills, from)}
	if past.Cut && past.Oldest.After(from) {
		w.past.missing = append(w.past.missing, span{from, past.Oldest})
	}
	for _, k := range past.Kills {
		if k.At.Before(from) {
			continue
		}
		cleanVictim(&k.OOMVictim)
		for part := range strings.SplitSeq(k.Cgroup, "/") {
			id := containerOf(part)
			w.past.kills[id] = append(w.past.kills[id], k)
		}
	}
}

// suppressedKills returns when, since a time, the kernel may have left out kills, because it logs at most 10 in 5 seconds. Source:
// oom_rs in mm/oom_kill.c.
func suppressedKills(kills []cgroupfs.PastKill, from time.Time) (all []span) {
	const most, within = 10, 5 * time.Second
	for n := most - 1; n < len(kills); n++ {
		if last, end := kills[n].At, kills[n-most+1].At.Add(within); !last.After(end) && end.After(from) {
			all = append(all, span{last, end})
		}
	}
	return all
}

func (w *watch) closeKernelLog() {
	if w.kernelLog != nil {
		w.kernelLog.Close()
		w.kernelLog = nil
	}
}

// readVictims reads whom the OOM killer has chosen. The kernel logs that before it counts the kill.
func (w *watch) readVictims() {
	if w.kernelLog == nil {
		return
	}
	lost, err := w.kernelLog.Victims(w.victim)
	if lost {
		w.Log.Debug().Msg("the kernel overwrote part of its log before it was read")
	}
	if err == nil {
		return
	}
	w.Log.Warn().Err(err).Msg("cannot read the kernel log; reports of OOM kills will not name the process")
	w.closeKernelLog()
	w.kernelLogErr = err
	for id, f := range w.watched {
		if t := w.timelines[id]; t != nil {
			t.VictimsUnknown(f.started, err)
		}
	}
}

// victim passes a victim of the OOM killer to the timeline of its container.
func (w *watch) victim(v cgroupfs.OOMVictim) {
	for part := range strings.SplitSeq(v.Cgroup, "/") {
		id := containerOf(part)
		t := w.timelines[id]
		if t == nil {
			continue
		}
		cleanVictim(&v)
		if f := w.watched[id]; f != nil {
			t.OOMVictim(f.started, f.pid, v)
		} else {
			t.OOMVictim(time.Time{}, 0, v)
		}
		return
	}
}

// containerOf is the container's id in a part of a cgroup's path, if it is a container's: the systemd driver adds to it.
func containerOf(part string) string {
	return strings.TrimSuffix(strings.TrimPrefix(part, "docker-"), ".scope")
}

// cleanVictim cleans what the container chooses.
func cleanVictim(v *cgroupfs.OOMVictim) {
	v.Name, v.LimitOf = value.Clean(v.Name), value.Clean(v.LimitOf)
}
