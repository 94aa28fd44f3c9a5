package target

import (
	"errors"
	"slices"

	"golang.org/x/sys/unix"

	"haltscope/cgroupfs"
	"haltscope/compare/rules/prediction"
	"haltscope/compare/value"
)

// depth bounds how many inits are looked through, one behind the other.
const depth = 8

// Receiver finds the process that has to deal with a signal to the container, and how it stands to signals now. members
// are the processes of the container.
func FindSignalTarget(first int, members []int) prediction.SignalTarget {
	stats := map[int]cgroupfs.Stat{}
	for _, pid := range members {
		if stat, err := cgroupfs.ReadStat(pid); err == nil {
			stats[pid] = stat
		}
	}
	var r prediction.SignalTarget
	var err error
	if r.First, err = process(first, stats); err != nil {
		r.Error = err.Error()
		return r
	}
	at := r.First
	for range depth {
		name, known := knownInit(&at)
		if !known {
			break
		}
		if r.Init == "" {
			r.Init = name
		}
		if arguments, state := cgroupfs.Arguments(at.PID); state == cgroupfs.Present {
			r.Rewrites = append(r.Rewrites, prediction.ParseRewrites(name, arguments))
		}
		if prediction.Inits[name].Behavior == prediction.StopsServices {
			if at.PID != first {
				r.Child = &at // it stands behind another init, and is the one that decides
			}
			break
		}
		child, ok := eldest(at.PID, stats)
		if !ok {
			r.Child = nil
			break
		}
		if at, err = process(child, stats); err != nil {
			r.Error, r.Child = err.Error(), nil
			break
		}
		behind := at
		r.Child = &behind
	}
	return r
}

// asInit is the name by which a process is known as an init: that of its program, or of the script that it runs.
func knownInit(p *prediction.Process) (string, bool) {
	for _, name := range []string{p.Program, p.Name} {
		if _, known := prediction.Inits[name]; known {
			return name, true
		}
	}
	return "", false
}

// eldest is the child that was there first: what an init has started itself; the later ones may be orphans that it took.
func eldest(parent int, stats map[int]cgroupfs.Stat) (int, bool) {
	var children []cgroupfs.Stat
	for _, s := range stats {
		if s.PPID == parent && s.State != 'Z' {
			children = append(children, s)
		}
	}
	if len(children) == 0 {
		return 0, false
	}
	slices.SortFunc(children, func(a, b cgroupfs.Stat) int {
		if a.StartTime != b.StartTime {
			return int(int64(a.StartTime) - int64(b.StartTime))
		}
		return a.PID - b.PID
	})
	return children[0].PID, true
}

// process reads what a process stands at. The pid is looked at twice, lest another has it meanwhile.
func process(pid int, stats map[int]cgroupfs.Stat) (prediction.Process, error) {
	before, err := cgroupfs.ReadStat(pid)
	if err != nil {
		return prediction.Process{}, err
	}
	status, err := cgroupfs.ReadStatus(pid)
	if err != nil {
		return prediction.Process{}, err
	}
	p := prediction.Process{PID: pid, NSPID: status.NSpid, Name: value.Clean(status.Name), Program: value.Clean(cgroupfs.Exe(pid)),
		NamespaceInit: status.NamespaceInit(), Caught: status.Caught, Ignored: status.Ignored}
	for _, s := range stats {
		if s.PPID == pid && s.State != 'Z' {
			p.Children++
		}
	}
	if p.Threads, err = cgroupfs.ReadThreads(pid); err != nil {
		return p, err
	}
	if p.SignalFDs, err = cgroupfs.ReadSignalFDs(pid); err != nil {
		p.SignalFDError = err.Error()
	}
	if CatchesAll(p.Caught) {
		if g, err := cgroupfs.ReadGo(pid); err == nil {
			g.Version = value.Clean(g.Version)
			p.Go = &g
		}
	}
	if after, err := cgroupfs.ReadStat(pid); err != nil || after.StartTime != before.StartTime {
		return p, errors.Join(cgroupfs.ErrNoProcess, err)
	}
	return p, nil
}

// CatchesAll reports whether a program catches signals that hardly any handles itself, as the Go runtime does for its
// programs (runtime/sigtab_linux_generic.go).
func CatchesAll(caught cgroupfs.SignalSet) bool {
	for _, s := range []unix.Signal{unix.SIGSTKFLT, unix.SIGXFSZ, unix.SIGPROF, unix.SIGURG, unix.SIGIO, unix.SIGPWR} {
		if !caught.Has(s) {
			return false
		}
	}
	return true
}
