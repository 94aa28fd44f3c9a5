package prediction

import (
	"cmp"
	"path"
	"slices"
	"strings"
	"time"

	"haltscope/cgroupfs/proc"
	"haltscope/compare/rules/verdict"
	"haltscope/compare/value"
)

// Facts are what is known about a running container. A nil pointer is a fact that nobody could find out.
type Facts struct {
	Signal     value.Signal  // what a stop begins with
	SignalFrom string        // who set it
	SignalText string        // as it is configured; "" where it is not
	Grace      time.Duration // what a stop waits before SIGKILL; below 0 for no end
	GraceFrom  string        // who set it

	Target          SignalTarget
	Programs        []verdict.Program   // what the target is there for, if it does nothing but wait for others; nil if it may do more
	Unsignaled      []UnsignaledProcess // the container's processes that no signal of Docker's goes to
	UnsignaledError string              // why Unsignaled may be incomplete
	InTurn          []Member            // the processes that a supervisor signals as it ends: see [ToAll]
	// Stuck are threads of the container in uninterruptible sleep (D): no signal and no freeze reaches one until it wakes up.
	Stuck []Stuck

	// Work is what the signal target is working on. A twin has no clients, even if the container that it copies has some.
	Work Work
	Twin bool

	CgroupVersion int
	Paused        bool     // Docker says so
	Unread        []string // what could not be read of pending signals, uninterruptible sleep, zombies and programs, and why
	PendingKill   string   // the kernel file in which the first process has a SIGKILL pending; "" for none
	Requested     *bool    // the freeze of the container's own cgroup is requested; see FrozenBy for one above
	Frozen        *bool    // it is frozen, whoever requested that
	FrozenBy      string   // folder of the cgroup, the container's own or one above it, for which the freeze is requested; "" for none
	FrozenBelow   []FrozenBelow
	FrozenError   string // why FrozenBelow may be incomplete
	Tasks         Tasks
	Strain        Strain    // what slows it down
	OverHigh      *OverHigh // nil if no more memory is charged than memory.high allows
	Sharers       []Sharer  // other containers whose processes are in this one's PID namespace
	SharersError  string    // why Sharers may be incomplete

	PIDMode          string     // of docker run: "", host, container:ID
	RestartPolicy    string     // no, always, unless-stopped, on-failure
	PolicyOff        *PolicyOff // nil if no signal is known to have turned the restart policy off
	PolicyOffError   string     // why that is not known; "" if it is, as far as Docker remembers
	PolicyOffSince   time.Time  // when Docker's memory of signals begins, if that is after the container's start; else zero
	ManuallyStopped  *bool      // whether the daemon's own file says that it was stopped or signaled; nil if that was not read
	MaxRetries       int        // of the policy on-failure; 0 for no limit
	Restarts         int        // how often its policy has started it
	SwarmTask        bool       // it belongs to a service of a swarm
	AutoRemove       bool
	StopSignalSet    bool         // the container's configuration has a stop signal, even if it is the default one
	ConfiguredSignal value.Signal // that stop signal: Docker thaws a paused container for it and for SIGKILL only; 0 for any signal
	Tmpfs            []string
	AnonymousVolumes []string // where they are mounted
	Health           string   // starting, healthy, unhealthy; "" without a health check
	OOMKillDisable   bool
	DirtyBytes       *uint64 // page cache that is not on disk yet
	ShmemBytes       *uint64

	signalOnly bool // the signal is all there is: no grace, and no SIGKILL after it
}

// InvalidSignal reports whether the stop signal cannot be sent, because there is no such signal.
func (f *Facts) InvalidSignal() bool { return !value.ValidSignal(f.Signal) }

// StopSignalName names the stop signal. One that does not exist is named as it is configured.
func (f *Facts) StopSignalName() string {
	if f.InvalidSignal() && f.SignalText != "" {
		return f.SignalText
	}
	return value.SignalName(f.Signal)
}

// frozen reports whether the container is known to be frozen, whoever requested that.
func (f *Facts) frozen() bool { return f.Frozen != nil && *f.Frozen }

// frozenByAncestor reports whether a cgroup above is frozen, so that Docker cannot thaw the container.
func (f *Facts) frozenByAncestor() bool { return f.frozen() && f.Requested != nil && !*f.Requested }

// freezing reports whether a freeze of the container's own cgroup is requested and not complete, and Docker knows nothing of it.
func (f *Facts) freezing() bool {
	return !f.Paused && f.Requested != nil && *f.Requested && f.Frozen != nil && !*f.Frozen
}

// Stuck is a thread in uninterruptible sleep.
type Stuck struct {
	PID, TID int
	Name     string
	Wchan    string // the kernel function that it waits in; "" where that is not known
	Fuse     bool   // it waits for the answer of a FUSE server
	Server   int    // the PID of a FUSE server in the same container; 0 for none
}

// UnsignaledProcess is a process that no signal of Docker's goes to.
type UnsignaledProcess = Member

// SignalTarget is the process that has to act on a signal to the container, with what is between it and Docker.
type SignalTarget struct {
	First Process
	Error string   // why First, or Child, is not known
	Init  string   // the key in [Inits] of the first process; "" if it is not an init
	Child *Process // what the inits and wrappers started, to which they forward signals; nil where Init is "" or it is not known
	// Forwarders are the inits and wrappers on the way to Child, the first of them the first process.
	Forwarders []Forwarder
	Supervisor string                  // the key in [Inits] of the process itself, if it stops services its own way; "" for none
	Scripts    map[value.Signal]string // the files that a supervisor runs on signals, in place of its own answers
	// ShutdownActions is how many commands a supervisor is configured to run before it signals all processes; nil if that is not known.
	ShutdownActions *int
	Jobs            []Process // the children of the process, if that is a shell or only waits for them
	Group           []Member  // the other processes that the forwarders signal as well: those of a process group
}

// Member is a process of the container.
type Member struct {
	PID  int
	Name string
	// Apart: it is in another process group than the signal target, so that no init that signals the group reaches it.
	Apart bool
}

// Process returns the process that has to act on signals, as a rule; nil where it is not known.
func (r *SignalTarget) Process() *Process {
	switch {
	case r.Error != "":
		return nil
	case r.Init == "" || Inits[r.Init].Behavior == StopsServices:
		return &r.First
	default:
		return r.Child
	}
}

// follow follows one signal from Docker to the process that has to act on it: an init or a wrapper itself, if the signal acts on
// that. It returns the signal that arrives there, 0 for none, and the forwarder that stopped it; nil if none did.
func (r *SignalTarget) follow(signal value.Signal) (p *Process, arrives value.Signal, at *Forwarder) {
	if r.Error == "" && r.Child != nil {
		for i := range r.Forwarders {
			w := &r.Forwarders[i]
			if !w.takes(signal) {
				if i == 0 {
					return &r.First, signal, w
				}
				return &w.Process, signal, w
			}
			if signal = w.forwards(signal); signal == 0 {
				return r.Process(), 0, w
			}
		}
	}
	return r.Process(), signal, nil
}

// ProcessFor returns the process that has to act on one signal: an init itself if it does not forward that signal; nil where it is
// not known. No program can catch, and so none can forward, SIGSTOP.
func (r *SignalTarget) ProcessFor(signal value.Signal) *Process {
	p, _, _ := r.follow(signal)
	return p
}

// Delivered returns the signal that reaches [SignalTarget.ProcessFor] when one is sent to the container; 0 for none.
func (r *SignalTarget) Delivered(signal value.Signal) value.Signal {
	_, arrives, _ := r.follow(signal)
	return arrives
}

// Returned returns the exit code of the container after the process that a signal reaches has ended with a code: inits and wrappers
// return another one.
func (r *SignalTarget) Returned(code int, signal value.Signal) int {
	_, _, stopped := r.follow(signal)
	var passed []value.Signal // that each forwarder got
	for i := range r.Forwarders {
		if w := &r.Forwarders[i]; w != stopped {
			passed = append(passed, signal)
			signal = w.forwards(signal)
			continue
		}
		break
	}
	for i, got := range slices.Backward(passed) {
		code = r.Forwarders[i].returns(code, got)
	}
	return code
}

// Process is a process as the kernel shows it.
type Process struct {
	PID         int
	NSPID       []int  // its pid in each PID namespace, the host's first
	Name        string // its comm
	Alias       string // what reports call it instead; "" for its name
	Program     string // base name of its executable
	Applet      string // of busybox, toybox and coreutils, which are many programs in one: the one that it runs; "" for none known
	Arguments   []string
	Environment map[string]string // [OptionVariables] alone
	Parent      int
	Age         *time.Duration // since it was started; an exec does not change that
	// FirstThreadEnded: its first thread has ended, and others live on.
	FirstThreadEnded bool
	NamespaceInit    bool // first in its PID namespace: the kernel drops signals to it whose action is the default one
	Caught           proc.SignalSet
	Ignored          proc.SignalSet
	Threads          []proc.Thread // the first one first
	SignalFDs        []proc.SignalSet
	SignalFDError    string // why SignalFDs may be incomplete
	CanReboot        bool   // it has CAP_SYS_BOOT
	Children         int
	// Commands are the children of a shell, the eldest first; nil if the program is no shell. A shell among them has its own.
	Commands []Process
	InWait4  bool            // its first thread is known to wait for a child in wait4
	Go       *proc.GoProgram // nil if the program is not written in Go, or that is not known
	GoError  string          // why it is not known whether the program is written in Go; "" if it is
}

// stopped reports whether the process is stopped (SIGSTOP), or a tracer holds each of its threads.
func (p *Process) stopped() bool {
	all := p.livingThreads()
	if len(all) > 0 && all[0].State == 'T' {
		return true
	}
	return len(all) > 0 && !slices.ContainsFunc(all, func(t proc.Thread) bool { return t.State != 't' && t.State != 'T' })
}

// livingThreads are the threads that have not ended: the first one is listed all the same.
func (p *Process) livingThreads() []proc.Thread {
	if len(p.Threads) > 1 && p.Threads[0].Ended() {
		return p.Threads[1:]
	}
	return p.Threads
}

// known returns the name by which the rules know the program of the process: busybox is many programs.
func (p *Process) known() string {
	switch {
	case p.Applet == "":
		return p.Program
	case p.Program == "coreutils":
		return p.Applet
	}
	return "busybox " + p.Applet
}

// HasApplets reports whether a program is many programs in one.
func HasApplets(program string) bool {
	return slices.Contains([]string{"busybox", "busybox-static", "busybox.static", "toybox", "coreutils"}, program)
}

// Applet returns which of its programs busybox, toybox or coreutils runs, by the arguments of the process; "" for any other program,
// or where they do not say. On Alpine sleep, sh and tail are links to busybox.
func Applet(program string, arguments []string) string {
	if !HasApplets(program) {
		return ""
	}
	for _, argument := range arguments[:min(2, len(arguments))] {
		if _, applet, ok := strings.Cut(argument, "--coreutils-prog-shebang="); ok {
			return applet
		}
		name := strings.TrimPrefix(path.Base(argument), "-") // a login shell
		if name != program && name != "busybox" && name != "toybox" {
			return name
		}
	}
	return ""
}

// IsShell reports whether the process is a shell.
func (p *Process) IsShell() bool { return isShell(p) }

// runs reports whether the process runs a program of that name. A * at the end of the name matches anything.
func (p *Process) runs(name string) bool {
	prefix, wild := strings.CutSuffix(name, "*")
	return p.known() == name || wild && strings.HasPrefix(p.known(), prefix)
}

func (p *Process) label() string {
	if p.Applet != "" && p.Name == p.Program { // busybox
		return cmp.Or(p.Alias, p.known())
	}
	return cmp.Or(p.Alias, p.Name, p.Program)
}
