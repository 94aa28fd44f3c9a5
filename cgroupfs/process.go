package cgroupfs

import (
	"context"
	"errors"
	"fmt"
	"time"

	"golang.org/x/sys/unix"
)

// Process is one process, held by a pidfd: a recycled pid cannot be taken for it.
type Process struct {
	PID       int
	StartTime uint64 // clock ticks since boot
	fd        int
}

// OpenProcess takes hold of a process. Source: pidfd_open(2), since Linux 5.3.
func OpenProcess(pid int) (*Process, error) {
	before, err := ReadStat(pid)
	if err != nil {
		return nil, err
	}
	fd, err := unix.PidfdOpen(pid, 0)
	if err != nil {
		if errors.Is(err, unix.ESRCH) {
			err = ErrNoProcess
		}
		return nil, fmt.Errorf("process %d: pidfd_open: %w", pid, err)
	}
	// The start time read before and behind the opening belongs to what was opened.
	after, err := ReadStat(pid)
	if err != nil || after.StartTime != before.StartTime {
		unix.Close(fd)
		return nil, fmt.Errorf("process %d: %w", pid, ErrNoProcess)
	}
	return &Process{PID: pid, StartTime: before.StartTime, fd: fd}, nil
}

// Close lets go of the process.
func (p *Process) Close() { unix.Close(p.fd) }

// Signal sends it a signal, and never to another that has got its pid. Source: pidfd_send_signal(2), since Linux 5.1.
func (p *Process) Signal(signal unix.Signal) error {
	if err := unix.PidfdSendSignal(p.fd, signal, nil, 0); err != nil {
		return fmt.Errorf("process %d: sending it signal %d: %w", p.PID, signal, err)
	}
	return nil
}

// Ended reports whether the process has ended.
func (p *Process) Ended() bool {
	n, err := unix.Poll([]unix.PollFd{{Fd: int32(p.fd), Events: unix.POLLIN}}, 0)
	return err == nil && n > 0
}

// Gone waits until the process has ended, and says when that was noticed. For the first process of a PID namespace
// all others of the namespace have ended before (kernel/pid_namespace.c, zap_pid_ns_processes).
func (p *Process) Gone(ctx context.Context) (time.Time, error) {
	at, err := pollUntil(ctx, p.fd, unix.POLLIN, func() (bool, error) { return p.Ended(), nil })
	if err != nil {
		return at, fmt.Errorf("waiting for the end of process %d: %w", p.PID, err)
	}
	return at, nil
}

// WaitStatus is how an ended process ended, in the form of wait(2): unlike an exit code it tells a process that
// SIGKILL ended from one that returned 137. Present while the process is a zombie, and on Linux 6.15 and later once its
// parent has waited for it; before, Unsupported then. Source: proc_pid_stat(5), exit_code; include/uapi/linux/pidfd.h,
// PIDFD_INFO_EXIT.
func (p *Process) WaitStatus() (unix.WaitStatus, State) {
	if stat, err := ReadStat(p.PID); err == nil && stat.StartTime == p.StartTime && stat.State == 'Z' && p.Ended() {
		return unix.WaitStatus(stat.ExitCode), Present
	}
	info := unix.PidfdInfo{Mask: unix.PIDFD_INFO_EXIT}
	err := unix.IoctlPidfdInfo(p.fd, &info)
	switch {
	case errors.Is(err, unix.ENOTTY), errors.Is(err, unix.EINVAL):
		return 0, Unsupported
	case err != nil:
		return 0, stateOf("/proc", err)
	case info.Mask&unix.PIDFD_INFO_EXIT != 0:
		return unix.WaitStatus(info.Exit_code), Present
	}
	// Either the parent has not waited yet, or the kernel is one of 6.13 and 6.14, which pass the bit over.
	return 0, NotMeasured
}

// pollUntil waits for events on fd until done says so, and returns the time at which it did. It wakes up a few times
// a second to look at ctx; what it waits for wakes it at once.
func pollUntil(ctx context.Context, fd int, events int16, done func() (bool, error)) (time.Time, error) {
	for {
		ok, err := done()
		if at := time.Now(); ok || err != nil {
			return at, err
		}
		if err := ctx.Err(); err != nil {
			return time.Now(), context.Cause(ctx)
		}
		_, err = unix.Poll([]unix.PollFd{{Fd: int32(fd), Events: events}}, 200)
		if err := ignoreEINTR(err); err != nil {
			return time.Now(), err
		}
	}
}

func ignoreEINTR(err error) error {
	if errors.Is(err, unix.EINTR) {
		return nil
	}
	return err
}
