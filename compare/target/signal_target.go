package target

import (
	"cmp"
	"errors"
	"fmt"
	"maps"
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
func FindSignalTarget(first int, members []int) prediction.SignalTarget {
	var r prediction.SignalTarget
	stats, err := readStats(members, proc.ReadStat)
	if err != nil {
		r.Error = err.Error()
		return r
	}
	if r.First, err = readProcess(first, stats); err != nil {
		r.Error = err.Error()
		return r
	}
	if r.Init = prediction.InitName(&r.First); r.Init != "" {
		lookThrough(&r, stats)
	}
	if p := r.Process(); p != nil {
		readSurroundings(&r, p, stats)
	}
	return r
}

// lookThrough follows the inits and wrappers, each started by the one before, to the process that they forward signals to.
func lookThrough(r *prediction.SignalTarget, stats map[int]proc.Stat) {
	at := r.First
	for range maxInits {
		name := prediction.InitName(&at)
		if name == "" || prediction.Inits[name].Behavior == prediction.StopsServices {
			return
		}
		r.Forwarders = append(r.Forwarders, prediction.Forwarder{Name: name, Process: at,
			Options: prediction.ReadOptions(name, at.Arguments, at.Environment)})
		pid, ok := eldestChild(at.PID, stats)
		if !ok {
			r.Child = nil
			return
		}
		child, err := readProcess(pid, stats)
		if err != nil {
			r.Error, r.Child = err.Error(), nil
			return
		}
		at, r.Child = child, &child
	}
}

// readSurroundings reads what decides with the signal target itself: the files of a supervisor, the commands of a shell, and the
// other processes that get the signal.
func readSurroundings(r *prediction.SignalTarget, p *prediction.Process, stats map[int]proc.Stat) {
	if name := prediction.InitName(p); prediction.Inits[name].Behavior == prediction.StopsServices && name != "" {
		r.Supervisor = name
	}
	if r.Supervisor == "s6-svscan" {
		r.Scripts = s6Scripts(p.PID)
	}
	if r.Supervisor == "busybox init" {
		r.ShutdownActions = readShutdownActions(p.PID)
	}
	if p.IsShell() || waits(p) != "" {
		readCommands(p, stats, maxShells)
	}
	r.Jobs = p.Commands
	for i := range r.Forwarders {
		r.Group = append(r.Group, groupOf(&r.Forwarders[i], r, stats)...)
	}
}

// s6Signals are the signals for which s6-svscan looks for a file of that name. Source: skarnet.org/software/s6/s6-svscan.html.
var s6Signals = []unix.Signal{unix.SIGHUP, unix.SIGINT, unix.SIGTERM, unix.SIGQUIT, unix.SIGUSR1, unix.SIGUSR2, unix.SIGPWR, unix.SIGWINCH}

// s6Scripts returns the files that s6-svscan runs on signals. Its working directory is its scan directory.
func s6Scripts(pid int) map[unix.Signal]string {
	scripts := map[unix.Signal]string{}
	for _, signal := range s6Signals {
		// A directory that cannot be read may hold such a file; the signal's own answer is then only the likeliest.
		if file, ok, err := proc.Executable(pid, ".s6-svscan/"+value.SignalName(signal)); ok || err != nil {
			scripts[signal] = value.Clean(file)
		}
	}
	return scripts
}

// groupOf returns the processes, other than the signal target, that a forwarder signals as well as its child.
func groupOf(w *prediction.Forwarder, r *prediction.SignalTarget, stats map[int]proc.Stat) (all []prediction.Member) {
	leader, ok := 0, false
	switch {
	case w.Options.Group:
		leader, ok = eldestChild(w.Process.PID, stats)
	case w.Options.OwnGroup:
		own, known := stats[w.Process.PID]
		leader, ok = own.PGRP, known
	}
	if !ok || leader == 0 {
		return nil
	}
	target := r.Process()
	for _, pid := range slices.Sorted(maps.Keys(stats)) {
		stat := stats[pid]
		known := slices.ContainsFunc(r.Group, func(m prediction.Member) bool { return m.PID == pid }) ||
			slices.ContainsFunc(r.Forwarders, func(w prediction.Forwarder) bool { return w.Process.PID == pid })
		if stat.PGRP == leader && pid != target.PID && !stat.Ended() && !known {
			all = append(all, prediction.Member{PID: pid, Name: value.Clean(stat.Comm)})
		}
	}
	return all
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

// eldestChild returns the child that was there first: an init started that one itself, and may have adopted the later ones.
func eldestChild(parent int, stats map[int]proc.Stat) (int, bool) {
	all := children(parent, stats)
	if len(all) == 0 {
		return 0, false
	}
	return all[0].PID, true
}

// children returns the children of a process, the eldest first. Zombies are left out.
func children(parent int, stats map[int]proc.Stat) (all []proc.Stat) {
	for _, s := range stats {
		if s.PPID == parent && !s.Ended() {
			all = append(all, s)
		}
	}
	slices.SortFunc(all, func(a, b proc.Stat) int {
		return cmp.Or(cmp.Compare(a.StartTime, b.StartTime), cmp.Compare(a.PID, b.PID))
	})
	return all
}

// maxExecs bounds how often a process is read that executes another program meanwhile.
const maxExecs = 5

// readProcess reads what a process does with signals. It fails if the process is ending, which takes its program and its arguments from
// it before its masks, and if another process got the pid meanwhile.
func readProcess(pid int, stats map[int]proc.Stat) (prediction.Process, error) {
	for range maxExecs {
		before, err := proc.ReadStat(pid)
		if err != nil {
			return prediction.Process{}, err
		}
		p, err := readProgram(pid, before, stats)
		if err != nil {
			return p, err
		}
		after, err := proc.ReadStat(pid)
		switch {
		case err != nil:
			return prediction.Process{}, err
		case after.Exiting:
			return prediction.Process{}, fmt.Errorf("process %d is ending: %w", pid, proc.ErrNoProcess)
		case after.StartStack == before.StartStack && after.Comm == before.Comm:
			return p, nil
		}
	}
	return prediction.Process{}, fmt.Errorf("process %d executes one program after the other", pid)
}

// readProgram is readProcess for a process that goes on to run the same program.
func readProgram(pid int, before proc.Stat, stats map[int]proc.Stat) (prediction.Process, error) {
	status, err := proc.ReadStatus(pid)
	if err != nil {
		return prediction.Process{}, err
	}
	p := prediction.Process{PID: pid, NSPID: status.NSpid, Name: value.Clean(status.Name), Program: value.Clean(proc.Exe(pid)),
		NamespaceInit: status.NamespaceInit(), FirstThreadEnded: before.FirstThreadEnded, Caught: status.Caught, Ignored: status.Ignored,
		CanReboot: status.Capabilities&(1<<unix.CAP_SYS_BOOT) != 0,
		Parent:    before.PPID, Children: len(children(pid, stats))}
	if age, err := before.Age(); err == nil {
		p.Age = &age
	}
	readArguments(&p)
	if p.Threads, err = proc.ReadThreads(pid); err != nil {
		return p, err
	}
	p.InWait4 = len(p.Threads) > 0 && p.Threads[0].WaitKnown && p.Threads[0].Call.Number == unix.SYS_WAIT4
	if p.SignalFDs, err = proc.ReadSignalFDs(pid); err != nil {
		p.SignalFDError = err.Error()
	}
	if CatchesAll(p.Caught) {
		readGo(&p, proc.ReadGo)
	}
	return p, before.ID().Check()
}

// readGo reads whether a process runs a Go program, and what that shows of its signals.
func readGo(p *prediction.Process, read func(pid int) (proc.GoProgram, error)) {
	g, err := read(p.PID)
	switch {
	case err == nil:
		g.Version = value.Clean(g.Version)
		p.Go = &g
	case !errors.Is(err, proc.ErrNotGo):
		p.GoError = err.Error()
	}
}

// readArguments reads what a process was started with. What cannot be read stays unknown.
func readArguments(p *prediction.Process) {
	if arguments, state := proc.Cmdline(p.PID); state == figure.Present {
		p.Arguments = arguments
	}
	if environment, state := proc.Environ(p.PID, prediction.OptionVariables...); state == figure.Present {
		p.Environment = environment
	}
	p.Applet = prediction.Applet(p.Program, p.Arguments)
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
