package cgroupfs

import (
	"fmt"

	"golang.org/x/sys/unix"
)

// KillPending names the kernel file in which a process has a SIGKILL pending, as one that cgroup v1 has frozen may; "" if it
// has none, or has ended.
func KillPending(pid int) string {
	status, err := ReadStatus(pid)
	switch {
	case err != nil:
		return ""
	case status.SharedPending.Has(unix.SIGKILL):
		return fmt.Sprintf("/proc/%d/status: ShdPnd", pid)
	case status.Pending.Has(unix.SIGKILL):
		return fmt.Sprintf("/proc/%d/status: SigPnd", pid)
	}
	return ""
}
