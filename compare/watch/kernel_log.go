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
		id := strings.TrimSuffix(strings.TrimPrefix(part, "docker-"), ".scope") // as the systemd driver names it
		t := w.timelines[id]
		if t == nil {
			continue
		}
		v.Name, v.LimitOf = value.Clean(v.Name), value.Clean(v.LimitOf) // the container chooses them
		if f := w.watched[id]; f != nil {
			t.OOMVictim(f.started, f.pid, v)
		} else {
			t.OOMVictim(time.Time{}, 0, v)
		}
		return
	}
}
