package target

import (
	"errors"
	"slices"

	"golang.org/x/sys/unix"

	"haltscope/cgroupfs/figure"
	"haltscope/cgroupfs/proc"
	"haltscope/compare/rules/prediction"
	"haltscope/compare/value"
)

// depth bounds how many inits are looked through, one behind the other.
const depth = 8

// Receiver finds the process that has to deal with a signal to the container, and how it stands to signals now. members
// are the processes of the container.
func FindSignalTarget(first int, members []int) prediction.SignalTarget {
	stats := map[int]proc.Stat{}
	for _, pid := range members {
		if stat, err := proc.ReadStat(pid); err == nil {
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
		name, known := asInit(&at)
		if !known {
			break
		}
		if r.Init == "" {
			r.Init = name
		}
		if arguments, state := proc.Cmdline(at.PID); state == figure.Present {
			r.Rewrites = append(r.Rewrites, prediction.Rewrites(name, arguments))
		}
		if prediction.Inits[name].Manner == prediction.Stops {
			if at.PID != first {
				r.Behind = &at // it stands behind another init, and is the one that decides
			}
			break
		}
		child, ok := eldest(at.PID, stats)
		if !ok {
			r.Behind = nil
			break
		}
		if at, err = process(child, stats); err != nil {
			r.Error, r.Behind = err.Error(), nil
			break
		}
		behind := at
		r.Behind = &behind
	}
	return r
}

// asInit is the name by which a process is known as an init: that of its program, or of the script that it runs.
func asInit(p *prediction.Process) (string, bool) {
	for _, name := range []string{p.Program, p.Name} {
		if _, known := prediction.Inits[name]; known {
			return name, true
		}
	}
	return "", false
}

// eldest is the child that was there first: what an init has started itself; the later ones may be orphans that it took.
func eldest(parent int, stats map[int]proc.Stat) (int, bool) {
	var children []proc.Stat
	for _, s := range stats {
		if s.PPID == parent && s.State != 'Z' {
			children = append(children, s)
		}
	}
	if len(children) == 0 {
		return 0, false
	}
	slices.SortFunc(children, func(a, b proc.Stat) int {
		if a.StartTime != b.StartTime {
			return int(int64(a.StartTime) - int64(b.StartTime))
		}
		return a.PID - b.PID
	})
	return children[0].PID, true
}

// process reads what a process stands at. The pid is looked at twice, lest another has it meanwhile.
func process(pid int, stats map[int]proc.Stat) (prediction.Process, error) {
	before, err := proc.ReadStat(pid)
	if err != nil {
		return prediction.Process{}, err
	}
	status, err := proc.ReadStatus(pid)
	if err != nil {
		return prediction.Process{}, err
	}
	p := prediction.Process{PID: pid, NSPID: status.NSpid, Name: value.Clean(status.Name), Program: value.Clean(proc.Exe(pid)),
		NamespaceInit: status.NamespaceInit(), Caught: status.Caught, Ignored: status.Ignored}
	for _, s := range stats {
		if s.PPID == pid && s.State != 'Z' {
			p.Children++
		}
	}
	if p.Threads, err = proc.ReadThreads(pid); err != nil {
		return p, err
	}
	if p.SignalFDs, err = proc.ReadSignalFDs(pid); err != nil {
		p.SignalFDError = err.Error()
	}
	if CatchesAll(p.Caught) {
		if g, err := proc.ReadGo(pid); err == nil {
			g.Version = value.Clean(g.Version)
			p.Go = &g
		}
	}
	if after, err := proc.ReadStat(pid); err != nil || after.StartTime != before.StartTime {
		return p, errors.Join(proc.ErrNoProcess, err)
	}
	return p, nil
}

// CatchesAll reports whether a program catches signals that hardly any handles itself, as the Go runtime does for its
// programs (runtime/sigtab_linux_generic.go).
func CatchesAll(caught proc.SignalSet) bool {
	for _, s := range []unix.Signal{unix.SIGSTKFLT, unix.SIGXFSZ, unix.SIGPROF, unix.SIGURG, unix.SIGIO, unix.SIGPWR} {
		if !caught.Has(s) {
			return false
		}
	}
	return true
}
