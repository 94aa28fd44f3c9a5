package acceptance

import (
	"fmt"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"sync"
	"time"

	"golang.org/x/sys/unix"
)

// soakRun is one run of a container, as the kernel shows it.
type soakRun struct {
	name   string
	pid    int
	began  time.Time // when it was found
	ended  time.Time // zero while it runs
	status *unix.WaitStatus
	first  *firstProcess
	execed bool // the container's program runs in it, and not the runtime's any more
}

// census finds the runs of containers by their cgroups, and holds the first process of each. It asks no docker.
type census struct {
	parent string            // the cgroup of the containers
	names  map[string]string // of the containers, by id

	mu   sync.Mutex
	runs map[string][]*soakRun // by name
}

// censusInterval is how often it looks. A run that is shorter may be overlooked.
const censusInterval = 30 * time.Millisecond

func newCensus(parent string, names map[string]string) *census {
	return &census{parent: parent, names: names, runs: map[string][]*soakRun{}}
}

// take looks until stop is closed.
func (c *census) take(stop <-chan struct{}) {
	tick := time.NewTicker(censusInterval)
	defer tick.Stop()
	for {
		for id, name := range c.names {
			c.look(id, name)
		}
		select {
		case <-stop:
			return
		case <-tick.C:
		}
	}
}

func (c *census) look(id, name string) {
	if run := c.running(name); run != nil {
		if !run.execed {
			execed := isExeced(run.pid)
			c.mu.Lock()
			run.execed = execed
			c.mu.Unlock()
		}
		return
	}
	procs, err := os.ReadFile(filepath.Join(hierarchies()[0], c.parent, id, "cgroup.procs"))
	if err != nil {
		return // it has none while it does not run
	}
	for text := range strings.FieldsSeq(string(procs)) {
		pid, err := strconv.Atoi(text)
		if err != nil || !isFirst(pid) {
			continue
		}
		p, err := holdProcess(pid)
		if err != nil {
			continue
		}
		c.mu.Lock()
		c.settle(name)
		c.runs[name] = append(c.runs[name], &soakRun{name: name, pid: pid, began: time.Now(), first: p, execed: isExeced(pid)})
		c.mu.Unlock()
		return
	}
}

// isFirst reports whether a process that lives is the first of a PID namespace below ours. Source: proc_pid_status(5), NSpid.
func isFirst(pid int) bool {
	data, err := os.ReadFile(fmt.Sprintf("/proc/%d/status", pid))
	if err != nil || strings.Contains(string(data), "State:\tZ") {
		return false
	}
	for line := range strings.Lines(string(data)) {
		if rest, ok := strings.CutPrefix(line, "NSpid:"); ok {
			pids := strings.Fields(rest)
			return len(pids) > 1 && pids[len(pids)-1] == "1"
		}
	}
	return false
}

// isExeced reports whether a container's first process runs its program: until then its name is "runc:[2:INIT]".
func isExeced(pid int) bool {
	name, err := os.ReadFile(fmt.Sprintf("/proc/%d/comm", pid))
	return err == nil && !strings.HasPrefix(string(name), "runc")
}

// running is the run of a container that goes on; nil for none.
func (c *census) running(name string) *soakRun {
	c.mu.Lock()
	defer c.mu.Unlock()
	runs := c.runs[name]
	if len(runs) == 0 {
		return nil
	}
	last := runs[len(runs)-1]
	select {
	case <-last.first.ended:
		return nil
	default:
		return last
	}
}

// settle notes how the ended runs of a container have ended, and lets go of their first processes, once the kernel has told
// or will not tell any more. The lock is held.
func (c *census) settle(name string) {
	for _, run := range c.runs[name] {
		select {
		case <-run.first.ended:
			if run.ended = run.first.at; run.status == nil {
				if status, known := run.first.waitStatus(); known {
					run.status = &status
				}
			}
			if run.status != nil || time.Since(run.ended) > time.Minute {
				run.first.close()
			}
		default:
		}
	}
}

// close lets go of the first processes of all runs that have ended.
func (c *census) close() {
	c.mu.Lock()
	defer c.mu.Unlock()
	for name, runs := range c.runs {
		c.settle(name)
		for _, run := range runs {
			if !run.ended.IsZero() {
				run.first.close()
			}
		}
	}
}

// all are the runs of each container, with how those have ended that did.
func (c *census) all() map[string][]soakRun {
	c.mu.Lock()
	defer c.mu.Unlock()
	all := map[string][]soakRun{}
	for name, runs := range c.runs {
		c.settle(name)
		for _, run := range runs {
			all[name] = append(all[name], *run)
		}
	}
	return all
}

// soakAction is one thing that the soak has done: to a container, or to the daemon.
type soakAction struct {
	name     string // of the container; "" for the daemon
	what     string
	from, to time.Time // to is zero as long as it goes on
	err      string
}

func (a soakAction) String() string {
	text := a.what
	if a.name != "" {
		text += " " + a.name
	}
	text += " " + clock(a.from)
	if !a.to.IsZero() {
		text += fmt.Sprintf(" for %s", a.to.Sub(a.from).Round(time.Millisecond))
	}
	if a.err != "" {
		text += ": " + a.err
	}
	return text
}

func clock(t time.Time) string { return t.UTC().Format("15:04:05.000") }

// soakLog is all that was done.
type soakLog struct {
	mu  sync.Mutex
	all []*soakAction
}

// begins notes that an action begins, and returns what notes that it is over.
func (l *soakLog) begins(name, what string) func(err string) {
	a := &soakAction{name: name, what: what, from: time.Now()}
	l.mu.Lock()
	l.all = append(l.all, a)
	l.mu.Unlock()
	return func(err string) {
		l.mu.Lock()
		defer l.mu.Unlock()
		a.to, a.err = time.Now(), err
	}
}

func (l *soakLog) list() (all []soakAction) {
	l.mu.Lock()
	defer l.mu.Unlock()
	for _, a := range l.all {
		all = append(all, *a)
	}
	return all
}
