package target

import (
	"cmp"
	"errors"
	"fmt"
	"path/filepath"
	"slices"
	"time"

	"golang.org/x/sys/unix"

	"haltscope/cgroupfs/proc"
	"haltscope/compare/rules/prediction"
	"haltscope/compare/rules/verdict"
	"haltscope/compare/value"
)

// ReadProcesses reads what a verdict needs to know about the processes of a container, if signal is about to reach its programs; 0 for
// none. first is the container's first process, and members are all of its processes. Those that have ended are left out. The error says
// why another one is left out: the first that could not be read.
func ReadProcesses(first int, members []int, signal unix.Signal) ([]verdict.Process, error) {
	return readProcesses(first, members, signal, proc.ReadStat)
}

func readProcesses(first int, members []int, signal unix.Signal, read readStat) (all []verdict.Process, unread error) {
	stats := map[int]proc.Stat{}
	for _, pid := range members {
		stat, err := read(pid)
		switch {
		case err == nil:
			stats[pid] = stat
		case !errors.Is(err, proc.ErrNoProcess) && unread == nil:
			unread = fmt.Errorf("reading the processes of the container: %w", err)
		}
	}
	status, err := proc.ReadStatus(first)
	namespace := err == nil && status.NamespaceInit()
	for _, pid := range members {
		stat, ok := stats[pid]
		if !ok {
			continue
		}
		name := nameOf(&stat)
		p := verdict.Process{PID: pid, Parent: stat.PPID, Name: value.Clean(name), Idle: isIdle(pid, name)}
		parent, known := stats[stat.PPID]
		switch {
		case pid == first:
			p.Parent = 0
		case known:
			p.Forked = forked(stat, parent)
		case namespace && isOutside(stat.PPID, first):
			// A process whose parent has ended gets another one in its PID namespace. One that has none in there came from outside.
			p.Injected = true
		default:
			p.Parent = first // its own parent has ended
		}
		if signal != 0 && len(all) < mostBehaviors {
			readBehavior(&p, stats, signal)
		}
		all = append(all, p)
	}
	return all, unread
}

// nameOf returns the name of a process. One that has executed /proc/self/exe is called exe until it says otherwise: an applet of busybox's
// shell is, for a moment. Its first argument has the name then.
func nameOf(stat *proc.Stat) string {
	if stat.Comm != "exe" {
		return stat.Comm
	}
	if arguments, _ := proc.Cmdline(stat.PID); len(arguments) > 0 && arguments[0] != "" {
		return filepath.Base(arguments[0])
	}
	return stat.Comm
}

// isOutside reports whether a parent, as /proc/PID/stat shows it, is outside of the PID namespace of a container's first process. One
// that is ending is no longer in cgroup.procs, and may still be the parent of what it has started.
func isOutside(parent, first int) bool {
	if parent == 0 {
		return true
	}
	its, ok := proc.PIDNamespace(parent).Value()
	own, known := proc.PIDNamespace(first).Value()
	return ok && known && its != own
}

// mostBehaviors bounds for how many processes it is read what they do with signals: that takes a fraction of a millisecond for each, and
// the signal is about to be sent.
const mostBehaviors = 512

// programsUnder returns what the signal target is there for, if it does nothing but wait for others; nil if it may do more. signal is the
// one that Docker would send. The error says why a process could not be read.
func programsUnder(r *prediction.SignalTarget, members []int, signal unix.Signal) (all []verdict.Program, unread error) {
	p := r.Process()
	if p == nil || p.Children == 0 || waits(p) == "" {
		return nil, nil
	}
	processes, unread := ReadProcesses(r.First.PID, members, r.Told(signal))
	for _, program := range (&verdict.Ends{All: processes}).Programs(p.PID) {
		if len(program.Under) > 0 {
			all = append(all, program)
		}
	}
	return all, unread
}

// forked reports whether a process is a copy of its parent. The kernel puts the stack of each program that is executed somewhere
// else, and a fork leaves it where it is.
func forked(child, parent proc.Stat) bool {
	return child.StartStack != 0 && child.StartStack == parent.StartStack
}

// idleTools pass time or text on. No container is there for one that another program has started.
var idleTools = []string{"sleep", "tail", "cat", "tee", "logger"}

// isIdle reports whether a process is one of them, or runs one as an applet.
func isIdle(pid int, name string) bool {
	if prediction.HasApplets(name) {
		arguments, _ := proc.Cmdline(pid) // without them, it has no name but its own
		name = cmp.Or(prediction.Applet(name, arguments), name)
	}
	return slices.Contains(idleTools, name)
}

// readBehavior reads what a process does with signals, and whether it does nothing but wait for others. What cannot be read stays
// unknown.
func readBehavior(p *verdict.Process, stats map[int]proc.Stat, signal unix.Signal) {
	read, err := readProcess(p.PID, stats)
	for try := 0; err == nil && try < settleTries && settles(&read); try++ {
		time.Sleep(settleTime)
		read, err = readProcess(p.PID, stats)
	}
	if err != nil {
		return
	}
	p.Waits = waits(&read)
	p.Caught = read.Caught.Signals()
	p.Target = dispositionTo(&prediction.SignalTarget{First: read}, signal)
}

// A process that has just started others is given this time to begin to wait for them.
const (
	settleTries = 5
	settleTime  = 2 * time.Millisecond
)

// settles reports whether a process has children, and its only thread is doing something right now.
func settles(p *prediction.Process) bool {
	return p.Children > 0 && len(p.Threads) == 1 && p.Threads[0].Call.Running
}

// wrappers are programs that start others and wait for them in a way that looks like work: in poll or epoll_wait.
var wrappers = []string{"s6-supervise", "runsv", "strace"}

// waitCalls are the system calls in which a process waits for its children, or for signals such as SIGCHLD.
var waitCalls = map[int]string{unix.SYS_WAIT4: "wait4", unix.SYS_WAITID: "waitid", unix.SYS_RT_SIGSUSPEND: "rt_sigsuspend",
	unix.SYS_RT_SIGTIMEDWAIT: "rt_sigtimedwait"}

// waits says how a process is known to do nothing but start others and wait for them; "" where it may do more.
func waits(p *prediction.Process) string {
	if name := prediction.InitName(p); name != "" {
		return "runs other programs (" + prediction.Inits[name].Text + ")"
	}
	for _, name := range []string{p.Program, p.Name} {
		if slices.Contains(wrappers, name) {
			return "runs another program"
		}
	}
	if len(p.Threads) != 1 || !p.Threads[0].WaitKnown {
		return ""
	}
	if call, is := waitCalls[p.Threads[0].Call.Number]; is {
		return fmt.Sprintf("does nothing but wait in %s", call)
	}
	return ""
}
