// Package prediction says what docker stop, kill and pause would do to a container, and which facts that rests on. Where the
// facts do not decide the outcome, it names the candidates. It is pure: no clock, no process, no file.
package prediction

import (
	"cmp"
	"slices"
	"time"

	"golang.org/x/sys/unix"

	"haltscope/cgroupfs/proc"
)

// Facts is what is known of a container that runs. A nil pointer is something that nobody could tell.
type Facts struct {
	Signal     int           // what a stop begins with
	SignalFrom string        // who has set it
	SignalText string        // as it is configured; "" where it is not
	Grace      time.Duration // what a stop waits before SIGKILL; below 0 for ever
	GraceFrom  string

	Receiver SignalTarget
	Others   []Other // the processes of the container that no signal of Docker's goes to
	// Stuck are threads of the container in uninterruptible sleep (D): no signal and no freeze reaches one before it leaves that.
	Stuck []Stuck
	// OthersError is why Others may not be all.
	OthersError string

	CgroupVersion int
	Paused        bool   // Docker says so
	PendingKill   string // the kernel file in which the first process has a SIGKILL pending; "" for none
	Requested     *bool  // the freeze of the container's own cgroup
	Frozen        *bool  // it is frozen, whoever asked for it

	PIDMode        string // of docker run: "", host, container:ID
	RestartPolicy  string // no, always, unless-stopped, on-failure
	AutoRemove     bool
	StopSignalSet  bool // the container's configuration has a stop signal, be it the default one
	Thaws          int  // the configured stop signal, the only one beside SIGKILL that docker thaws a paused container for; 0 for any
	Tmpfs          []string
	Anonymous      []string // where anonymous volumes are mounted
	Health         string   // starting, healthy, unhealthy; "" without a health check
	OOMKillDisable bool
	DirtyBytes     *uint64 // page cache that is not on disk yet
	ShmemBytes     *uint64

	once bool // the signal is all there is: no grace, and no SIGKILL behind it
}

// LastSignal is the highest number of a signal (signal(7), SIGRTMAX).
const LastSignal = 64

// Unsendable reports whether the stop signal cannot be sent, for there is no such signal.
func (f *Facts) Unsendable() bool { return f.Signal < 1 || f.Signal > LastSignal }

// StopSignal names the stop signal: one that there is not, as it is configured.
func (f *Facts) StopSignal() string {
	if f.Unsendable() && f.SignalText != "" {
		return f.SignalText
	}
	return Name(f.Signal)
}

// Stuck is a thread in uninterruptible sleep.
type Stuck struct {
	PID, TID int
	Name     string
	Wchan    string // the kernel's function that it waits in; "" where that is not told
}

// Other is a process that is not told.
type Other struct {
	PID  int
	Name string
}

// Receiver is who has to deal with the signal.
type SignalTarget struct {
	First  Process
	Error  string   // why First, or what is behind it, is not known
	Init   string   // the known init that the first process is; "" where it is none
	Behind *Process // what the init forwards signals to; nil where Init is "" or where it is not known
	// Rewrites is what each init on the way forwards in place of a signal; 0 for nothing. See [Rewrites].
	Rewrites []map[int]int
}

// Who is the process that decides; nil where it is not known.
func (r *SignalTarget) Who() *Process {
	switch {
	case r.Error != "":
		return nil
	case r.Init == "" || Inits[r.Init].Manner == Stops:
		return &r.First
	default:
		return r.Behind
	}
}

// For is the process that decides what comes of a signal: the init itself where it does not forward that one. No program
// can catch, and so none can forward, SIGSTOP.
func (r *SignalTarget) For(signal int) *Process {
	s := unix.Signal(signal)
	if r.Error == "" && r.Behind != nil && (s == unix.SIGSTOP || slices.Contains(Inits[r.Init].Keeps, s)) {
		return &r.First
	}
	return r.Who()
}

// Comes is the signal that comes to For when one is sent to the container; 0 for none.
func (r *SignalTarget) Comes(signal int) int {
	if r.Behind == nil || r.For(signal) == &r.First {
		return signal
	}
	for _, init := range r.Rewrites {
		if instead, ok := init[signal]; ok {
			signal = instead
		}
	}
	return signal
}

// Process is a process, as the kernel shows it.
type Process struct {
	PID           int
	NSPID         []int  // its pid in each PID namespace, the host's first
	Name          string // its comm
	Alias         string // what reports call it instead; "" for its name
	Program       string // base name of its executable
	NamespaceInit bool   // the kernel drops signals to it whose action is the default one
	Caught        proc.SignalSet
	Ignored       proc.SignalSet
	Threads       []proc.Thread // the first one first
	SignalFDs     []proc.SignalSet
	SignalFDError string // why SignalFDs may not be all
	Children      int
	Go            *proc.GoProgram // nil for a program that is not Go's
}

// halted: it is stopped (SIGSTOP), or a tracer holds each of its threads.
func (p *Process) halted() bool {
	if len(p.Threads) > 0 && p.Threads[0].State == 'T' {
		return true
	}
	return len(p.Threads) > 0 && !slices.ContainsFunc(p.Threads, func(t proc.Thread) bool { return t.State != 't' && t.State != 'T' })
}

func (p *Process) label() string { return cmp.Or(p.Alias, p.Name, p.Program) }
