package proc

import (
	"bytes"
	"errors"
	"fmt"
	"strconv"

	"golang.org/x/sys/unix"

	"haltscope/cgroupfs/figure"
)

// Status holds the fields of /proc/PID/status that haltscope uses.
type Status struct {
	Name                     string
	NSpid                    []int // PID in each PID namespace that it is in, the reader's first
	UID                      int   // the effective one, in the reader's user namespace; -1 if the file does not have it
	Threads                  int
	Blocked, Ignored, Caught SignalSet
	Pending, SharedPending   SignalSet // sent to the main thread only, or to the process, and not yet delivered
	// Capabilities are the effective ones: a bit for each, by the numbers of capabilities(7).
	Capabilities uint64
	// VMRSS and VMSwap are in bytes. They are [figure.Unsupported] for a process that has no memory of its own: a kernel
	// thread or a zombie.
	VMRSS, VMSwap figure.Figure
}

// NamespaceInit reports whether the process is the first one of a PID namespace other than the reader's. The kernel drops
// a signal to it whose action is the default one. Source: signal(7); kernel/signal.c, sig_task_ignored.
func (s Status) NamespaceInit() bool {
	return len(s.NSpid) > 1 && s.NSpid[len(s.NSpid)-1] == 1
}

// ReadStatus reads /proc/PID/status. The error wraps [ErrNoProcess] if there is no such process.
func ReadStatus(pid int) (Status, error) {
	data, err := readFile(pid, "status")
	if err != nil {
		return Status{}, err
	}
	return parseStatus(data)
}

// parseStatus parses lines of a key and a value. Text that ends before the signals is malformed: without them the process
// would seem to catch no signal.
//
//	Name:	nginx
//	Uid:	101	101	101	101
//	NSpid:	4242	1
//	VmRSS:	    5324 kB
//	VmSwap:	       0 kB
//	Threads:	1
//	SigPnd:	0000000000000000
//	ShdPnd:	0000000000000000
//	SigBlk:	0000000000000000
//	SigIgn:	0000000040001000
//	SigCgt:	0000000198016a07
//	CapEff:	00000000a80425fb
//
// Source: proc_pid_status(5). NSpid came with Linux 4.1.
func parseStatus(data []byte) (Status, error) {
	s := Status{UID: -1, VMRSS: figure.Without(figure.Unsupported), VMSwap: figure.Without(figure.Unsupported)}
	sets := map[string]*SignalSet{
		"SigPnd": &s.Pending, "ShdPnd": &s.SharedPending, "SigBlk": &s.Blocked, "SigIgn": &s.Ignored, "SigCgt": &s.Caught,
	}
	for line := range bytes.Lines(data) {
		key, value, ok := bytes.Cut(line, []byte{':'})
		if !ok {
			continue
		}
		value = bytes.TrimSpace(value)
		var err error
		switch key := string(key); key {
		case "Name":
			s.Name = string(value)
		case "NSpid":
			s.NSpid, err = parsePIDs(value)
		case "Uid": // real, effective, saved, of the file system
			s.UID, err = parseEffective(value)
		case "Threads":
			s.Threads, err = strconv.Atoi(string(value))
		case "CapEff":
			s.Capabilities, err = strconv.ParseUint(string(value), 16, 64)
		case "VmRSS":
			s.VMRSS = figure.ParseKiB(value)
		case "VmSwap":
			s.VMSwap = figure.ParseKiB(value)
		default:
			if set := sets[key]; set != nil {
				*set, err = parseSignalSet(value)
				delete(sets, key)
			}
		}
		if err != nil || s.VMRSS.State() == figure.Failed || s.VMSwap.State() == figure.Failed {
			return Status{}, figure.Malformed("/proc/PID/status", line)
		}
	}
	if len(sets) > 0 {
		return Status{}, figure.Malformed("/proc/PID/status", []byte("no signals"))
	}
	return s, nil
}

// parseEffective parses the second of four numbers.
func parseEffective(value []byte) (int, error) {
	fields := bytes.Fields(value)
	if len(fields) != 4 {
		return 0, errors.New("four numbers expected")
	}
	uid, err := strconv.ParseUint(string(fields[1]), 10, 32)
	return int(uid), err
}

func parsePIDs(value []byte) (pids []int, err error) {
	for field := range bytes.FieldsSeq(value) {
		pid, err := strconv.Atoi(string(field))
		if err != nil {
			return nil, err
		}
		pids = append(pids, pid)
	}
	return pids, nil
}

func readVoluntarySwitches(path string) figure.Figure {
	data, state := figure.ReadFile(path)
	if state != figure.Present {
		return figure.Without(state)
	}
	return parseVoluntarySwitches(data)
}

// parseVoluntarySwitches parses the number of voluntary context switches of a task.
//
//	voluntary_ctxt_switches:	150
//
// Source: proc_pid_status(5), since Linux 2.6.23.
func parseVoluntarySwitches(data []byte) figure.Figure {
	for line := range bytes.Lines(data) {
		if value, ok := bytes.CutPrefix(line, []byte("voluntary_ctxt_switches:")); ok {
			return figure.ParseUint(bytes.TrimSpace(value))
		}
	}
	return figure.Without(figure.Unsupported)
}

// KillPending returns the file and field that show a pending SIGKILL of a process, such as "/proc/42/status: ShdPnd". A
// process that the v1 freezer has frozen may have one. KillPending returns "" if there is none, or no process.
func KillPending(pid int) (string, error) {
	status, err := ReadStatus(pid)
	return killPending(pid, status, err)
}

func killPending(pid int, status Status, err error) (string, error) {
	switch {
	case errors.Is(err, ErrNoProcess):
		return "", nil
	case err != nil:
		return "", fmt.Errorf("looking for a pending SIGKILL: %w", err)
	case status.SharedPending.Has(unix.SIGKILL):
		return fmt.Sprintf("/proc/%d/status: ShdPnd", pid), nil
	case status.Pending.Has(unix.SIGKILL):
		return fmt.Sprintf("/proc/%d/status: SigPnd", pid), nil
	}
	return "", nil
}
