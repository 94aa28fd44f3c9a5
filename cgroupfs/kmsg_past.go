package cgroupfs

import (
	"bytes"
	"errors"
	"fmt"
	"regexp"
	"strconv"
	"strings"
	"sync"
	"time"

	"golang.org/x/sys/unix"
)

// KernelPast is what the kernel's log still holds about processes that the kernel ended, oldest first.
type KernelPast struct {
	Kills  []PastKill
	Faults []Fault
	Oldest time.Time // of the oldest record; zero if there is none
	Cut    bool      // older records of this boot have been overwritten
	// Off is how far the times may be off, besides what the wall clock was set since: by as much as it was adjusted since boot.
	Off time.Duration
}

// PastKill is a process that the OOM killer has chosen.
type PastKill struct {
	OOMVictim
	At    time.Time
	Early time.Duration // how much earlier it may have been, if that is not known exactly
	// Tasks are the processes that the kernel listed as candidates, in its order: that in which they joined the cgroup. Nil if it
	// listed none. If the limit is that of the victim's own cgroup, they are all processes of it.
	Tasks []int
}

// Fault is a process that a fault of its own has ended. The kernel does not log its cgroup.
type Fault struct {
	PID  int // in the initial PID namespace
	Name string
	Text string // such as "segfault", or "traps: invalid opcode"
	At   time.Time
	// Early is how much earlier it may have been, if that is not known exactly.
	Early time.Duration
}

// ReadKernelPast reads what /dev/kmsg still holds of this boot. For the rights that this needs, see [OpenKernelLog].
//
// The kernel stamps its records with a clock of its own, which starts at boot. It cannot be read, and nobody adjusts it as the wall
// clock is adjusted.
func ReadKernelPast() (*KernelPast, error) {
	fd, err := unix.Open(kernelLog, unix.O_RDONLY|unix.O_NONBLOCK|unix.O_CLOEXEC, 0)
	if err != nil {
		return nil, fmt.Errorf("open %s: %w", kernelLog, err)
	}
	l := &KernelLog{fd: fd}
	defer l.Close()
	var since, raw unix.Timespec
	err = errors.Join(unix.ClockGettime(unix.CLOCK_MONOTONIC, &since), unix.ClockGettime(unix.CLOCK_MONOTONIC_RAW, &raw))
	if err != nil {
		return nil, fmt.Errorf("reading the time since boot: %w", err)
	}
	p := pastParser{zero: time.Now().Add(-time.Duration(since.Nano()))}
	p.past.Off = time.Duration(since.Nano() - raw.Nano()).Abs()
	lost, err := l.records(p.record)
	p.past.Cut = p.past.Cut || lost
	return &p.past, err
}

// pastParser parses the records of /dev/kmsg, one after the other.
type pastParser struct {
	zero  time.Time // of the kernel's clock
	past  KernelPast
	begun bool
	PastText
}

// PastText parses the texts of the kernel's records of one boot, one after the other, from wherever they were kept.
type PastText struct {
	tasks []int // of the list that the kernel is writing
}

// taskHeader precedes the kernel's list of candidates.
const taskHeader = "Tasks state (memory values in pages):"

// record parses one record. Before it names its victim, the OOM killer lists the candidates, each in a record of its own:
//
//	6,462,312457479,-;Tasks state (memory values in pages):
//	6,463,312457480,-;[  pid  ]   uid  tgid total_vm      rss … name
//	6,464,312457484,-;[  17535]     0 17535     8582     8363 … tail
//
// Source: mm/oom_kill.c, dump_tasks. The time is in microseconds: Documentation/ABI/testing/dev-kmsg.
func (p *pastParser) record(record []byte) {
	prefix, text, ok := bytes.Cut(record, []byte{';'})
	if !ok {
		return
	}
	number, at, ok := p.stamp(prefix)
	if !ok {
		return
	}
	if !p.begun {
		p.begun, p.past.Oldest, p.past.Cut = true, at, number > 0
	}
	if !fromKernel(prefix) {
		return
	}
	text, _, _ = bytes.Cut(text, newline)
	p.Add(&p.past, text, at)
}

// Add adds what one text tells to the past. The kernel itself must have written it: anybody may write such a text.
func (p *PastText) Add(past *KernelPast, text []byte, at time.Time) {
	if v, ok := parseOOMText(text); ok {
		past.Kills = append(past.Kills, PastKill{OOMVictim: v, At: at, Tasks: p.tasks})
		p.tasks = nil
		return
	}
	if string(text) == taskHeader {
		p.tasks = []int{}
		return
	}
	if pid, ok := parseTask(text); ok && p.tasks != nil {
		p.tasks = append(p.tasks, pid)
		return
	}
	if f, ok := parseFault(text); ok {
		f.At = at
		past.Faults = append(past.Faults, f)
	}
}

// stamp returns the number and the time of a record.
func (p *pastParser) stamp(prefix []byte) (number uint64, at time.Time, ok bool) {
	fields := bytes.SplitN(prefix, []byte{','}, 4)
	if len(fields) < 3 {
		return 0, at, false
	}
	number, err := strconv.ParseUint(string(fields[1]), 10, 64)
	usec, timeErr := strconv.ParseInt(string(fields[2]), 10, 64)
	const longest = int64(1) << 53 // 285 years
	if err != nil || timeErr != nil || usec < 0 || usec > longest {
		return 0, at, false
	}
	return number, p.zero.Add(time.Duration(usec) * time.Microsecond), true
}

// parseTask parses a row of the list of candidates, and returns the process.
func parseTask(text []byte) (pid int, ok bool) {
	row, ok := bytes.CutPrefix(text, []byte{'['})
	if !ok {
		return 0, false
	}
	first, rest, ok := bytes.Cut(row, []byte{']'})
	fields := bytes.Fields(rest)
	if !ok || len(fields) < 8 {
		return 0, false
	}
	n, err := strconv.ParseUint(string(bytes.TrimSpace(first)), 10, 31)
	if _, other := strconv.ParseUint(string(fields[1]), 10, 31); err != nil || other != nil || n == 0 {
		return 0, false
	}
	return int(n), true
}

// faultForm matches what the kernel logs about a process that ends by its own fault.
//
//	crash[4242]: segfault at 0 ip 0000000000401000 sp 00007ffd3c5f8b60 error 4 in crash[401000+1000] likely on CPU 1 (core 1, socket 0)
//	traps: crash[4242] trap invalid opcode ip:401000 sp:7ffd3c5f8b60 error:0 in crash[401000+1000]
//	traps: crash[4242] general protection fault ip:401000 sp:7ffd3c5f8b60 error:0 in crash[401000+1000]
//
// Source: arch/x86/mm/fault.c, show_signal_msg; arch/x86/kernel/traps.c, do_trap and exc_general_protection.
var faultForm = sync.OnceValue(func() *regexp.Regexp {
	return regexp.MustCompile(`^(?:traps: )?(.{0,15})\[([0-9]{1,10})\]:? ` +
		`(segfault|trap [a-z0-9_ ]{1,40}|general protection fault)(?: at | ip:)`)
})

// parseFault parses the text of a record about a fault.
func parseFault(text []byte) (f Fault, ok bool) {
	m := faultForm().FindSubmatch(text)
	if m == nil {
		return f, false
	}
	pid, err := strconv.ParseUint(string(m[2]), 10, 31)
	f = Fault{PID: int(pid), Name: string(m[1]), Text: strings.TrimPrefix(string(m[3]), "trap ")}
	return f, err == nil && pid > 0
}

// records calls found for each record that is left to read. lost reports that the kernel has overwritten records before they were
// read.
func (l *KernelLog) records(found func([]byte)) (lost bool, err error) {
	buf := make([]byte, bufferSize) // a record is one line, of about 2 KiB at most (PRINTK_MESSAGE_MAX)
	for {
		n, err := unix.Read(l.fd, buf)
		switch {
		case errors.Is(err, unix.EINTR):
		case errors.Is(err, unix.EAGAIN):
			return lost, nil
		case errors.Is(err, unix.EPIPE):
			lost = true // reading continues at the oldest record that is left
		case err != nil:
			return lost, fmt.Errorf("read %s: %w", kernelLog, err)
		case n == 0:
			return lost, nil
		default:
			found(buf[:n])
		}
	}
}
