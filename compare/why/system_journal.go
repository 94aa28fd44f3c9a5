package why

import (
	"slices"
	"time"

	"haltscope/cgroupfs"
	"haltscope/compare/rules/past"
	"haltscope/compare/value"
)

// systemJournal is the name of systemd's journal in a report, both as a source of its own and as a source of the kernel's records.
const (
	systemJournal = "journalctl: kernel, core dumps, systemd-oomd, earlyoom"
	journalKernel = "journalctl --dmesg"
)

// loggedKill is an OOM kill in the kernel's log.
type loggedKill struct {
	*cgroupfs.PastKill
	source string // "" for /dev/kmsg
}

// loggedFault is a fault in the kernel's log.
type loggedFault struct {
	*cgroupfs.Fault
	source string // "" for /dev/kmsg
}

// sameRecord is how far apart the times of a record in /dev/kmsg and in systemd's journal may be, beyond the time journald took to read it.
const sameRecord = 10 * time.Second

// mergeKernel merges the kernel's records from /dev/kmsg and systemd's journal. If both have a record, it keeps that of /dev/kmsg, whose
// time is exact.
func (s *sources) mergeKernel() {
	if s.kernel != nil {
		for i := range s.kernel.Kills {
			s.kills = append(s.kills, loggedKill{&s.kernel.Kills[i], ""})
		}
		for i := range s.kernel.Faults {
			s.faults = append(s.faults, loggedFault{&s.kernel.Faults[i], ""})
		}
	}
	if s.system == nil {
		return
	}
	known, knownFaults := slices.Clone(s.kills), slices.Clone(s.faults)
	for i := range s.system.Kernel.Kills {
		k := &s.system.Kernel.Kills[i]
		if !slices.ContainsFunc(known, func(o loggedKill) bool {
			return o.PID == k.PID && o.Cgroup == k.Cgroup && sameTime(o.At, k.At, k.Early)
		}) {
			s.kills = append(s.kills, loggedKill{k, journalKernel})
		}
	}
	for i := range s.system.Kernel.Faults {
		x := &s.system.Kernel.Faults[i]
		if !slices.ContainsFunc(knownFaults, func(o loggedFault) bool {
			return o.PID == x.PID && o.Text == x.Text && sameTime(o.At, x.At, x.Early)
		}) {
			s.faults = append(s.faults, loggedFault{x, journalKernel})
		}
	}
}

// sameTime reports whether a record of /dev/kmsg may be the one that the journal has with a time and so much earlier.
func sameTime(kernel, journal time.Time, early time.Duration) bool {
	return !kernel.Before(journal.Add(-early-sameRecord)) && !kernel.After(journal.Add(sameRecord))
}

// atMost returns the time of something that may have been earlier, but was not after the end of a run as far as its time allows that.
func atMost(at time.Time, early time.Duration, ended *time.Time) time.Time {
	if ended != nil && at.After(*ended) {
		at = at.Add(-min(at.Sub(*ended), early))
	}
	return at
}

const (
	// signalBefore is how long before an end a program other than Docker may have sent the signal that caused it: earlyoom waits 10 s for a
	// process to end.
	signalBefore = 12 * time.Second
	// loggedAfter is how long after an end its cause may be logged.
	loggedAfter = 2 * time.Second
	// dumpTime is how long it may take to write a core dump. The process ends when that is done.
	dumpTime = 2 * time.Minute
	// longestText bounds how much of a line of systemd's journal a report shows, in characters.
	longestText = 200
)

// addSystemJournal adds what systemd's journal reports about a run, apart from the kernel's records.
func (s *sources) addSystemJournal(f *past.Facts, sub *subject, r *run) {
	if s.system == nil || r.ended == nil {
		return
	}
	for i := range s.system.Dumps {
		d := &s.system.Dumps[i]
		// Its time is in whole seconds.
		started := r.started == nil || !d.At.Before(r.started.Add(-time.Second))
		if started && inContainer(d.Cgroup, sub.id) && !d.At.After(*r.ended) && r.ended.Sub(d.At) <= dumpTime {
			f.Dumps = append(f.Dumps, past.CoreDump{At: d.At, Source: "journalctl", Signal: d.Signal, PID: d.PID, Name: value.Clean(d.Name)})
		}
	}
	for i := range s.system.Kills {
		k := &s.system.Kills[i]
		whole := k.Cgroup != "" && isContainer(k.Cgroup, sub.id)
		if !within(k.At, r, signalBefore, loggedAfter) || k.Cgroup != "" && !whole {
			continue
		}
		f.OOMSignals = append(f.OOMSignals, past.OOMSignal{At: k.At, Signal: k.Signal, By: k.By, Source: "journalctl",
			Text: value.Truncate(value.Clean(k.Text), longestText), Whole: whole, Done: k.Done, PID: k.PID, Name: value.Clean(k.Name)})
	}
}

// inContainer reports whether a cgroup is a container's own or one below it.
func inContainer(cgroup, id string) bool {
	_, elsewhere := cgroupfs.CutAtID(cgroup, id)
	return elsewhere == nil
}

// isContainer reports whether a cgroup is a container's own, and not one below it.
func isContainer(cgroup, id string) bool {
	own, elsewhere := cgroupfs.CutAtID(cgroup, id)
	return elsewhere == nil && own == cgroup
}
