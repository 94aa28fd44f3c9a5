package cgroupfs

import (
	"bytes"
	"fmt"
	"strconv"
	"strings"

	"golang.org/x/sys/unix"
)

// OOMVictim is a process that the OOM killer has chosen, as the kernel's log reports it.
type OOMVictim struct {
	PID  int // in the initial PID namespace
	Name string
	// Constraint is what had run out: CONSTRAINT_MEMCG for the limit of a cgroup, CONSTRAINT_CPUSET and
	// CONSTRAINT_MEMORY_POLICY for the NUMA nodes that the allocating task may use, CONSTRAINT_NONE for the whole machine.
	Constraint string
	LimitOf    string // path of the cgroup whose limit was reached, or ""
	Cgroup     string // path of the victim's cgroup
}

// OutOfNodeMemory reports whether the memory of some NUMA nodes had run out, and not the limit of a cgroup. Other nodes may
// have had plenty. The kernel logs this as global_oom as well. Source: mm/oom_kill.c, constrained_alloc.
func (v OOMVictim) OutOfNodeMemory() bool {
	return v.Constraint == "CONSTRAINT_CPUSET" || v.Constraint == "CONSTRAINT_MEMORY_POLICY"
}

// OutOfHostMemory reports whether the memory of the whole machine had run out, and neither the limit of a cgroup nor only
// some nodes.
func (v OOMVictim) OutOfHostMemory() bool { return v.LimitOf == "" && !v.OutOfNodeMemory() }

// parseOOMVictim parses a record of /dev/kmsg. It returns false for a record about something else.
//
//	6,1234,1662392041,-;oom-kill:constraint=CONSTRAINT_MEMCG,nodemask=(null),cpuset=26587a0b,mems_allowed=0,
//	oom_memcg=/docker/26587a0b,task_memcg=/docker/26587a0b,task=tail,pid=21116,uid=0
//
// This is one line. If the machine has run out of memory, it has global_oom in place of oom_memcg. A process chooses its name,
// of 15 bytes at most, and may include a comma or ",pid=" in it: so the last ",pid=" counts, and the first ",task=" after the
// path.
//
// Source: mm/oom_kill.c and mm/memcontrol.c, mem_cgroup_print_oom_context, since Linux 5.0. For the form of a record:
// Documentation/ABI/testing/dev-kmsg.
func parseOOMVictim(record []byte) (v OOMVictim, ok bool) {
	prefix, text, ok := bytes.Cut(record, []byte{';'})
	if !ok || !fromKernel(prefix) {
		return v, false
	}
	text, _, _ = bytes.Cut(text, newline) // keys of a device may follow
	return parseOOMText(text)
}

// parseOOMText parses the text of such a record.
func parseOOMText(text []byte) (v OOMVictim, ok bool) {
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

// fromKernel reports whether the kernel wrote a record, given what is before the semicolon. Its facility is 0, so that the
// first number is a priority of 0 to 7. A record that was written to /dev/kmsg from user space has another facility.
func fromKernel(prefix []byte) bool {
	number, _, _ := bytes.Cut(prefix, []byte{','})
	priority, err := strconv.ParseUint(string(number), 10, 32)
	return err == nil && priority <= 7
}

// KernelLog reads the kernel's log from the moment it was opened. Reading does not wait.
type KernelLog struct{ fd int }

const kernelLog = "/dev/kmsg"

// OpenKernelLog opens /dev/kmsg at its end. That needs CAP_SYSLOG if kernel.dmesg_restrict is set. In a container the file
// is usually missing.
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

// Victims calls found for each process that the OOM killer has chosen since the last call. lost reports that the kernel has
// overwritten part of its log before it was read.
func (l *KernelLog) Victims(found func(OOMVictim)) (lost bool, err error) {
	return l.records(func(record []byte) {
		if v, ok := parseOOMVictim(record); ok {
			found(v)
		}
	})
}

// Close closes the log.
func (l *KernelLog) Close() { unix.Close(l.fd) }
