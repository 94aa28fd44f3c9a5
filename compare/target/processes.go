package target

import (
	"cmp"
	"errors"
	"fmt"
	"path/filepath"
	"slices"
	"time"

	"golang.org/x/sys/unix"

	"haltscope/cgroupfs/figure"
	"haltscope/cgroupfs/proc"
	"haltscope/compare/rules/prediction"
	"haltscope/compare/rules/verdict"
	"haltscope/compare/value"
)

// ReadProcesses reads what a verdict needs to know about the processes of a container, if signal is about to reach its programs; 0 for
// none. first is the container's first process, and members are all of its processes. Those that have ended are left out. The error says
// why another one is left out, or why something is not known of one: the first thing that could not be read.
func ReadProcesses(first int, members []int, signal unix.Signal) ([]verdict.Process, error) {
	return readProcesses(first, members, signal, &processReader{proc.ReadStat, proc.ReadStatus, proc.Cmdline})
}

// processReader reads files in /proc/PID.
type processReader struct {
	stat    readStat
	status  func(pid int) (proc.Status, error)
	cmdline func(pid int) ([]string, figure.State)
}

func readProcesses(first int, members []int, signal unix.Signal, read *processReader) (all []verdict.Process, unread error) {
	failed := func(err error) {
		if err != nil && !errors.Is(err, proc.ErrNoProcess) && unread == nil {
			unread = fmt.Errorf("reading the processes of the container: %w", err)
		}
	}
	stats := map[int]proc.Stat{}
	for _, pid := range members {
		stat, err := read.stat(pid)
		if failed(err); err == nil {
			stats[pid] = stat
		}
	}
	status, err := read.status(first)
	failed(err) // then it is not known which processes came from outside
	namespace := err == nil && status.NamespaceInit()
	for _, pid := range members {
		stat, ok := stats[pid]
		if !ok {
			continue
		}
		name, err := read.name(&stat)
		failed(err)
		idle, err := read.isIdle(pid, name)
		failed(err)
		p := verdict.Process{PID: pid, Parent: stat.PPID, Name: value.Clean(name), Idle: idle}
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

// name returns the name of a process. One that has executed /proc/self/exe is called exe until it says otherwise: an applet of busybox's
// shell is, for a moment. Its first argument has the name then.
func (r *processReader) name(stat *proc.Stat) (string, error) {
	if stat.Comm != "exe" {
		return stat.Comm, nil
	}
	arguments, err := r.arguments(stat.PID)
	if len(arguments) > 0 && arguments[0] != "" {
		return filepath.Base(arguments[0]), err
	}
	return stat.Comm, err
}

// arguments returns those of a process; none for one that has ended.
func (r *processReader) arguments(pid int) ([]string, error) {
	arguments, state := r.cmdline(pid)
	if state == figure.Present || state == figure.Vanished {
		return arguments, nil
	}
	return nil, fmt.Errorf("/proc/%d/cmdline: %s", pid, state)
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
func (r *processReader) isIdle(pid int, name string) (bool, error) {
	if !prediction.HasApplets(name) {
		return slices.Contains(idleTools, name), nil
	}
	arguments, err := r.arguments(pid)
	return slices.Contains(idleTools, cmp.Or(prediction.Applet(name, arguments), name)), err // without them, it has no name but its own
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
