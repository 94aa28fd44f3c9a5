package proc

import (
	"context"
	"errors"
	"fmt"
	"time"

	"golang.org/x/sys/unix"

	"haltscope/cgroupfs/figure"
)

// Process is one process, held by a pidfd: a later process with the same PID is never taken for it.
type Process struct {
	PID       int
	StartTime uint64 // clock ticks since boot
	fd        int
}

// OpenProcess opens a process. The error wraps [ErrNoProcess] if there is none. Source: pidfd_open(2), since Linux 5.3.
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
	// If the start time is the same before and after opening, it belongs to the process that was opened.
	if err := before.ID().Check(); err != nil {
		unix.Close(fd)
		return nil, err
	}
	return &Process{PID: pid, StartTime: before.StartTime, fd: fd}, nil
}

// Close closes the pidfd. The process is not affected.
func (p *Process) Close() { unix.Close(p.fd) }

// FD returns the pidfd. It becomes readable when the process ends, and stays so.
func (p *Process) FD() int { return p.fd }

// Signal sends a signal to the process, and never to a later one with the same PID. Source: pidfd_send_signal(2), since
// Linux 5.1.
func (p *Process) Signal(signal unix.Signal) error {
	if err := unix.PidfdSendSignal(p.fd, signal, nil, 0); err != nil {
		return fmt.Errorf("sending signal %d to process %d: %w", signal, p.PID, err)
	}
	return nil
}

// Ended reports whether the process has ended.
func (p *Process) Ended() bool {
	n, err := unix.Poll([]unix.PollFd{{Fd: int32(p.fd), Events: unix.POLLIN}}, 0)
	return err == nil && n > 0
}

// AwaitEnd waits until the process has ended, and returns the time at which that was noticed. When the first process of a
// PID namespace has ended, all others in the namespace have ended before it. Source: kernel/pid_namespace.c,
// zap_pid_ns_processes.
func (p *Process) AwaitEnd(ctx context.Context) (time.Time, error) {
	for !p.Ended() {
		err := context.Cause(ctx)
		if err == nil {
			// The end of the process wakes the poll at once. The timeout is for ctx.
			_, err = unix.Poll([]unix.PollFd{{Fd: int32(p.fd), Events: unix.POLLIN}}, 200)
		}
		if err != nil && !errors.Is(err, unix.EINTR) {
			return time.Now(), fmt.Errorf("waiting for the end of process %d: %w", p.PID, err)
		}
	}
	return time.Now(), nil
}

// WaitStatus returns how the process ended, in the form of wait(2). Unlike an exit code, it tells a process that SIGKILL
// ended from one that returned 137.
//
// The status is [figure.Present] while the process is a zombie and, since Linux 6.15, after its parent has waited for it.
// On older kernels it is then [figure.Unsupported] or [figure.NotMeasured]. Source: proc_pid_stat(5), exit_code;
// include/uapi/linux/pidfd.h, PIDFD_INFO_EXIT.
func (p *Process) WaitStatus() (unix.WaitStatus, figure.State) {
	if stat, err := ReadStat(p.PID); err == nil && stat.ID() == p.ID() && stat.State == 'Z' && p.Ended() {
		return unix.WaitStatus(stat.ExitCode), figure.Present
	}
	info := unix.PidfdInfo{Mask: unix.PIDFD_INFO_EXIT}
	err := unix.IoctlPidfdInfo(p.fd, &info)
	switch {
	case errors.Is(err, unix.ENOTTY), errors.Is(err, unix.EINVAL):
		return 0, figure.Unsupported
	case err != nil:
		return 0, figure.StateOf("/proc", err)
	case info.Mask&unix.PIDFD_INFO_EXIT != 0:
		return unix.WaitStatus(info.Exit_code), figure.Present
	}
	// The parent has not waited yet; or the kernel is 6.13 or 6.14, which ignores the bit.
	return 0, figure.NotMeasured
}
