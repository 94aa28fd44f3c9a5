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

// maxInits bounds how many inits are looked through, each started by the one before.
const maxInits = 8

// FindSignalTarget finds the process that has to act on a signal to the container, and reads what it does with signals now.
// first is the container's first process, and members are all of its processes.
func FindSignalTarget(first int, members []int) (r prediction.SignalTarget) {
	stats, err := readStats(members, proc.ReadStat)
	if err != nil {
		r.Error = err.Error()
		return r
	}
	if r.First, err = readProcess(first, stats); err != nil {
		r.Error = err.Error()
		return r
	}
	defer func() {
		readCommands(&r.First, stats, maxShells)
		if r.Child != nil {
			readCommands(r.Child, stats, maxShells)
		}
	}()
	at := r.First
	for range maxInits {
		name, known := knownInit(&at)
		if !known {
			break
		}
		if r.Init == "" {
			r.Init = name
		}
		if arguments, state := proc.Cmdline(at.PID); state == figure.Present {
			r.Rewrites = append(r.Rewrites, prediction.ParseRewrites(name, arguments))
		}
		if prediction.Inits[name].Behavior == prediction.StopsServices {
			if at.PID != first {
				r.Child = &at // another init started this one, which decides
			}
			break
		}
		pid, ok := eldestChild(at.PID, stats)
		if !ok {
			r.Child = nil
			break
		}
		if at, err = readProcess(pid, stats); err != nil {
			r.Error, r.Child = err.Error(), nil
			break
		}
		child := at
		r.Child = &child
	}
	return r
}

// readStat reads /proc/PID/stat, as [proc.ReadStat] does.
type readStat func(pid int) (proc.Stat, error)

// readStats reads /proc/PID/stat of processes. Those that have ended are left out.
func readStats(pids []int, read readStat) (map[int]proc.Stat, error) {
	stats := map[int]proc.Stat{}
	for _, pid := range pids {
		stat, err := read(pid)
		switch {
		case errors.Is(err, proc.ErrNoProcess):
		case err != nil:
			return nil, err
		default:
			stats[pid] = stat
		}
	}
	return stats, nil
}

// knownInit returns the name of the init that a process is, by its program or the script that it runs, and whether it is one.
func knownInit(p *prediction.Process) (string, bool) {
	for _, name := range []string{p.Program, p.Name} {
		if _, known := prediction.Inits[name]; known {
			return name, true
		}
	}
	return "", false
}

// eldestChild returns the child that was there first: an init started that one itself, and may have adopted the later ones.
func eldestChild(parent int, stats map[int]proc.Stat) (int, bool) {
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

// readProcess reads what a process does with signals. It fails if another process got the pid meanwhile.
func readProcess(pid int, stats map[int]proc.Stat) (prediction.Process, error) {
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
	if arguments, state := proc.Cmdline(pid); state == figure.Present {
		p.Arguments = arguments
	}
	if age, err := before.Age(); err == nil {
		p.Age = &age
	}
	p.InWait4 = len(p.Threads) > 0 && p.Threads[0].WaitKnown && p.Threads[0].Call.Number == unix.SYS_WAIT4
	if p.SignalFDs, err = proc.ReadSignalFDs(pid); err != nil {
		p.SignalFDError = err.Error()
	}
	if CatchesAll(p.Caught) {
		if g, err := proc.ReadGo(pid); err == nil {
			g.Version = value.Clean(g.Version)
			p.Go = &g
		}
	}
	return p, before.ID().Check()
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
