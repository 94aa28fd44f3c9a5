package cgroupfs

import (
	"bytes"
	"errors"
	"fmt"
	"strconv"
	"strings"

	"golang.org/x/sys/unix"
)

// OOMVictim is a process that the OOM killer has chosen, as the kernel's log tells of it.
type OOMVictim struct {
	PID  int // in the kernel's own PID namespace
	Name string
	// Constraint is what had run out: CONSTRAINT_MEMCG for the limit of a cgroup, CONSTRAINT_CPUSET and
	// CONSTRAINT_MEMORY_POLICY for the NUMA nodes that whoever asked for memory may use, CONSTRAINT_NONE for the machine.
	Constraint string
	LimitOf    string // the cgroup whose limit it was; "" for none
	Cgroup     string // the victim's own
}

// Nodes reports whether the memory of some NUMA nodes had run out, and not a cgroup's limit; others may have had plenty.
// The kernel writes global_oom of that, too. Source: mm/oom_kill.c, constrained_alloc.
func (v OOMVictim) Nodes() bool {
	return v.Constraint == "CONSTRAINT_CPUSET" || v.Constraint == "CONSTRAINT_MEMORY_POLICY"
}

// Whole reports whether the machine's memory had run out, and neither a cgroup's limit nor some nodes alone.
func (v OOMVictim) Whole() bool { return v.LimitOf == "" && !v.Nodes() }

// parseOOMVictim reads a record of /dev/kmsg, false for one that is about anything else:
//
//	6,1234,1662392041,-;oom-kill:constraint=CONSTRAINT_MEMCG,nodemask=(null),cpuset=26587a0b,mems_allowed=0,oom_memcg=/docker/26587a0b,task_memcg=/docker/26587a0b,task=tail,pid=21116,uid=0
//
// A machine that has run out has global_oom in the place of oom_memcg. The name, 15 bytes at most, is whatever the process
// calls itself, a comma or a ",pid=" with it: the last of those counts, and the first ",task=" behind the path.
//
// Source: mm/oom_kill.c and mm/memcontrol.c, mem_cgroup_print_oom_context, since 5.0; of the record,
// Documentation/ABI/testing/dev-kmsg.
func parseOOMVictim(record []byte) (v OOMVictim, ok bool) {
	prefix, text, ok := bytes.Cut(record, []byte{';'})
	if !ok {
		return v, false
	}
	// What is written to /dev/kmsg from userspace has a facility other than the kernel's own, which is 0: 14 for 6.
	number, _, _ := bytes.Cut(prefix, []byte{','})
	if priority, err := strconv.ParseUint(string(number), 10, 32); err != nil || priority > 7 {
		return v, false
	}
	text, _, _ = bytes.Cut(text, []byte{'\n'}) // behind it, keys of a device
	rest, ok := strings.CutPrefix(string(text), "oom-kill:constraint=")
	if !ok {
		return v, false
	}
	if v.Constraint, rest, ok = strings.Cut(rest, ","); !ok {
		return v, false
	}
	before, rest, ok := strings.Cut(","+rest, ",task_memcg=")
	if !ok {
		return v, false
	}
	if _, path, ok := strings.Cut(before, ",oom_memcg="); ok {
		v.LimitOf = path
	}
	if v.Cgroup, rest, ok = strings.Cut(rest, ",task="); !ok {
		return v, false
	}
	end := strings.LastIndex(rest, ",pid=")
	if end < 0 {
		return v, false
	}
	v.Name = rest[:end]
	digits, _, _ := strings.Cut(rest[end+len(",pid="):], ",")
	pid, err := strconv.ParseUint(digits, 10, 31)
	v.PID = int(pid)
	return v, err == nil && pid > 0
}

// KernelLog reads the kernel's log from the moment it was opened on. It waits for nothing.
type KernelLog struct{ fd int }

const kernelLog = "/dev/kmsg"

// OpenKernelLog opens /dev/kmsg at its end. It takes CAP_SYSLOG where kernel.dmesg_restrict is set, and a container seldom
// has the file.
func OpenKernelLog() (*KernelLog, error) {
	fd, err := unix.Open(kernelLog, unix.O_RDONLY|unix.O_NONBLOCK|unix.O_CLOEXEC, 0)
	if err != nil {
		return nil, fmt.Errorf("open %s: %w", kernelLog, err)
	}
	if _, err := unix.Seek(fd, 0, unix.SEEK_END); err != nil {
		unix.Close(fd)
		return nil, fmt.Errorf("seek %s: %w", kernelLog, err)
	}
	return &KernelLog{fd: fd}, nil
}

// Victims passes on whom the OOM killer has chosen since the last call. lost says that the kernel has overwritten some of
// its log before it was read.
func (l *KernelLog) Victims(see func(OOMVictim)) (lost bool, err error) {
	buf := make([]byte, bufferSize) // a record is a line, of about 2 KiB at most (PRINTK_MESSAGE_MAX)
	for {
		n, err := unix.Read(l.fd, buf)
		switch {
		case errors.Is(err, unix.EINTR):
		case errors.Is(err, unix.EAGAIN):
			return lost, nil
		case errors.Is(err, unix.EPIPE):
			lost = true // the next one is the oldest there is
		case err != nil:
			return lost, fmt.Errorf("read %s: %w", kernelLog, err)
		case n == 0:
			return lost, nil
		default:
			if v, ok := parseOOMVictim(buf[:n]); ok {
				see(v)
			}
		}
	}
}

// Close closes it.
func (l *KernelLog) Close() { unix.Close(l.fd) }
