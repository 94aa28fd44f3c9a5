package cgroupfs

import (
	"bytes"
	"fmt"
	"os"
	"strconv"

	"golang.org/x/sys/unix"
)

// SignalSet is a set of signals as /proc/PID/status prints it: bit n−1 is signal n.
type SignalSet uint64

// Has reports whether the set holds the signal.
func (s SignalSet) Has(signal unix.Signal) bool {
	return signal > 0 && signal <= 64 && s&(1<<(signal-1)) != 0
}

// realTime are the first and last signal that a program may use as a real-time one: libc keeps 32 and 33 to itself.
const realTimeFirst, realTimeLast = 34, 64

// Names lists the signals of the set in order: "SIGTERM", "SIGRTMIN+3". From the middle on the real-time ones are
// counted from their end, as `kill -l` and docker do.
func (s SignalSet) Names() []string {
	var names []string
	for n := 1; n <= 64; n++ {
		if !s.Has(unix.Signal(n)) {
			continue
		}
		name := unix.SignalName(unix.Signal(n))
		switch {
		case name != "":
		case n < realTimeFirst:
			name = fmt.Sprintf("SIG%d", n)
		case n == realTimeFirst:
			name = "SIGRTMIN"
		case n == realTimeLast:
			name = "SIGRTMAX"
		case n-realTimeFirst <= realTimeLast-n:
			name = fmt.Sprintf("SIGRTMIN+%d", n-realTimeFirst)
		default:
			name = fmt.Sprintf("SIGRTMAX-%d", realTimeLast-n)
		}
		names = append(names, name)
	}
	return names
}

// Status is what this package takes from /proc/PID/status.
type Status struct {
	Name                     string
	NSpid                    []int // its pid in each PID namespace it is in, ours first
	Threads                  int
	Blocked, Ignored, Caught SignalSet
	Pending, SharedPending   SignalSet // sent to its first thread alone, or to the process, and not yet delivered
	// Bytes; Unsupported for a process without memory of its own, that is, a kernel thread or a zombie.
	VmRSS, VmSwap Figure
}

// NamespaceInit reports whether the process is the first one of a PID namespace other than ours: the kernel drops
// signals to it whose action is the default one (signal(7); kernel/signal.c, sig_task_ignored).
func (s Status) NamespaceInit() bool {
	return len(s.NSpid) > 1 && s.NSpid[len(s.NSpid)-1] == 1
}

// ReadStatus reads /proc/PID/status.
func ReadStatus(pid int) (Status, error) {
	file := fmt.Sprintf("/proc/%d/status", pid)
	data, err := os.ReadFile(file)
	if err != nil {
		if stateOf(file, err) == Vanished {
			err = ErrNoProcess
		}
		return Status{}, fmt.Errorf("process %d: %w", pid, err)
	}
	return parseStatus(data)
}

// parseStatus parses lines of "Key:\tvalue". A text that ends before the signals is malformed: without them it would
// read as of a process that catches none. Source: proc_pid_status(5).
//
//	Name:	nginx
//	NSpid:	4242	1
//	VmRSS:	    5324 kB
//	VmSwap:	       0 kB
//	Threads:	1
//	SigPnd:	0000000000000000
//	ShdPnd:	0000000000000000
//	SigBlk:	0000000000000000
//	SigIgn:	0000000040001000
//	SigCgt:	0000000198016a07
func parseStatus(data []byte) (Status, error) {
	s := Status{VmRSS: Without(Unsupported), VmSwap: Without(Unsupported)}
	sets := map[string]*SignalSet{
		"SigPnd": &s.Pending, "ShdPnd": &s.SharedPending, "SigBlk": &s.Blocked, "SigIgn": &s.Ignored, "SigCgt": &s.Caught,
	}
	for line := range bytes.Lines(data) {
		key, value, ok := bytes.Cut(line, []byte{':'})
		if !ok {
			continue
		}
		value = bytes.TrimSpace(value)
		malformed := &MalformedError{"/proc/PID/status", string(line[:min(len(line), 80)])}
		var err error
		switch key := string(key); key {
		case "Name":
			s.Name = string(value)
		case "NSpid":
			for _, field := range bytes.Fields(value) {
				pid, err := strconv.Atoi(string(field))
				if err != nil {
					return Status{}, malformed
				}
				s.NSpid = append(s.NSpid, pid)
			}
		case "Threads":
			s.Threads, err = strconv.Atoi(string(value))
		case "VmRSS":
			s.VmRSS = parseKiB(value)
		case "VmSwap":
			s.VmSwap = parseKiB(value)
		default:
			if set := sets[key]; set != nil {
				*set, err = parseSignalSet(value)
				delete(sets, key)
			}
		}
		if err != nil || s.VmRSS.State() == Failed || s.VmSwap.State() == Failed {
			return Status{}, malformed
		}
	}
	if len(sets) > 0 {
		return Status{}, &MalformedError{"/proc/PID/status", "no signals"}
	}
	return s, nil
}

func parseSignalSet(value []byte) (SignalSet, error) {
	v, err := strconv.ParseUint(string(value), 16, 64)
	return SignalSet(v), err
}
