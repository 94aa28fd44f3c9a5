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
	began  time.Time // when the census found it
	ended  time.Time // zero while it runs
	status *unix.WaitStatus
	first  *firstProcess
	execed bool // the container's program has replaced the runtime's
}

// census finds the runs of containers by their cgroups, and holds the first process of each. It does not use docker.
type census struct {
	parent string            // the cgroup of the containers
	names  map[string]string // of the containers, by id

	mu   sync.Mutex
	runs map[string][]*soakRun // by name
}

// censusInterval is the polling interval. A shorter run may be missed.
const censusInterval = 30 * time.Millisecond

func newCensus(parent string, names map[string]string) *census {
	return &census{parent: parent, names: names, runs: map[string][]*soakRun{}}
}

// take polls until stop is closed.
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
		return // it has no cgroup while it does not run
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

// isFirst reports whether a living process is the first of a PID namespace below ours. Source: proc_pid_status(5),
// NSpid.
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

// running returns the current run of a container, or nil.
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

// settle records how the ended runs of a container have ended, and closes their first processes once the kernel has
// reported the wait status, or no longer will. The caller holds the lock.
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

// close closes the first processes of all runs that have ended.
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

// all returns the runs of each container, with the wait status of those that have ended.
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

// soakAction is one action of the soak, on a container or on the daemon.
type soakAction struct {
	name     string // of the container; "" for the daemon
	what     string
	from, to time.Time // to is zero while the action is in progress
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

// soakLog records all actions.
type soakLog struct {
	mu  sync.Mutex
	all []*soakAction
}

// begins records that an action begins, and returns a function that records its end.
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
