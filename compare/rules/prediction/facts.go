package prediction

import (
	"cmp"
	"slices"
	"time"

	"haltscope/cgroupfs/proc"
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
	Unsignaled      []UnsignaledProcess // the container's processes that no signal of Docker's goes to
	UnsignaledError string              // why Unsignaled may be incomplete
	// Stuck are threads of the container in uninterruptible sleep (D): no signal and no freeze reaches one until it wakes up.
	Stuck  []Stuck
	Strain Strain // what slows it down

	CgroupVersion int
	Paused        bool   // Docker says so
	PendingKill   string // the kernel file in which the first process has a SIGKILL pending; "" for none
	Requested     *bool  // the freeze of the container's own cgroup is requested
	Frozen        *bool  // it is frozen, whoever requested that

	PIDMode          string // of docker run: "", host, container:ID
	RestartPolicy    string // no, always, unless-stopped, on-failure
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

// Stuck is a thread in uninterruptible sleep.
type Stuck struct {
	PID, TID int
	Name     string
	Wchan    string // the kernel function that it waits in; "" where that is not known
}

// UnsignaledProcess is a process that no signal of Docker's goes to.
type UnsignaledProcess struct {
	PID  int
	Name string
}

// SignalTarget is the process that has to act on a signal to the container, with what is between it and Docker.
type SignalTarget struct {
	First Process
	Error string   // why First, or Child, is not known
	Init  string   // the name of the known init that the first process is; "" where it is none
	Child *Process // the child of the init, to which it forwards signals; nil where Init is "" or the child is not known
	// Rewrites are, for each init on the way, the signals that it forwards in place of others; 0 for none. See [ParseRewrites].
	Rewrites []map[value.Signal]value.Signal
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

// ProcessFor returns the process that has to act on one signal: the init itself if it does not forward that signal; nil where
// it is not known. No program can catch, and so none can forward, SIGSTOP.
func (r *SignalTarget) ProcessFor(signal value.Signal) *Process {
	if r.Error == "" && r.Child != nil && (signal == value.SIGSTOP || slices.Contains(Inits[r.Init].NotForwarded, signal)) {
		return &r.First
	}
	return r.Process()
}

// Delivered returns the signal that reaches [SignalTarget.ProcessFor] when one is sent to the container; 0 for none.
func (r *SignalTarget) Delivered(signal value.Signal) value.Signal {
	if r.Child == nil || r.ProcessFor(signal) == &r.First {
		return signal
	}
	for _, rewrites := range r.Rewrites {
		if instead, ok := rewrites[signal]; ok {
			signal = instead
		}
	}
	return signal
}

// Process is a process as the kernel shows it.
type Process struct {
	PID           int
	NSPID         []int  // its pid in each PID namespace, the host's first
	Name          string // its comm
	Alias         string // what reports call it instead; "" for its name
	Program       string // base name of its executable
	NamespaceInit bool   // first in its PID namespace: the kernel drops signals to it whose action is the default one
	Caught        proc.SignalSet
	Ignored       proc.SignalSet
	Threads       []proc.Thread // the first one first
	SignalFDs     []proc.SignalSet
	SignalFDError string // why SignalFDs may be incomplete
	Children      int
	// Commands are the children of a shell, the eldest first; nil if the program is no shell. A shell among them has its own.
	Commands []Process
	Age      *time.Duration // since it started; nil if unknown
	// Arguments are those that it was started with, its name first. They may hold secrets: no report shows them.
	Arguments []string
	InWait4   bool            // its first thread is known to wait for a child in wait4
	Go        *proc.GoProgram // nil if the program is not written in Go
}

// stopped reports whether the process is stopped (SIGSTOP), or a tracer holds each of its threads.
func (p *Process) stopped() bool {
	if len(p.Threads) > 0 && p.Threads[0].State == 'T' {
		return true
	}
	return len(p.Threads) > 0 && !slices.ContainsFunc(p.Threads, func(t proc.Thread) bool { return t.State != 't' && t.State != 'T' })
}

func (p *Process) label() string { return cmp.Or(p.Alias, p.Name, p.Program) }
