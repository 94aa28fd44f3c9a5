package verdict

import (
	"haltscope/compare/value"
)

// Exit codes of a PID namespace that a process in it has ended by reboot(2): wait(2) reports that signal 1 ended its init after
// LINUX_REBOOT_CMD_RESTART, and signal 2 after HALT or POWER_OFF (reboot(2); Linux kernel/pid_namespace.c, reboot_pid_ns). The
// kernel ends the init with SIGKILL, and so its pidfd says. An init that calls reboot(2) itself returns 0 by its pidfd.
const (
	restartExitCode = 128 + int(value.SIGHUP)
	haltExitCode    = 128 + int(value.SIGINT)
)

// RebootExitCodes are the exit codes of a container that has shut down by reboot(2).
func RebootExitCodes() []int { return []int{restartExitCode, haltExitCode} }

// rebooted judges an end by reboot(2): the container has shut down by itself, and how its programs ended counts. ok is false for
// another end.
func (j *judge) rebooted() (kind Kind, ok bool) {
	if !j.byReboot() {
		return "", false
	}
	j.rebootSeen = true
	what := "restart"
	if j.first.state.ExitCode == haltExitCode {
		what = "halt or power off"
	}
	j.note("reboot(2)", "a process of the container ended it by reboot(2): %s", what)
	if j.requested() && j.Signal != value.SIGKILL {
		if kind, ok := j.programs(); ok {
			return kind, true
		}
		return Graceful, true
	}
	j.byItselfOnly = true
	return Exited, true
}

// byReboot reports whether the kernel's and Docker's words on the end of the first process are those that reboot(2) leads to.
func (j *judge) byReboot() bool {
	return byReboot(j.first.state.ExitCode, j.first.wait, j.NamespaceInit)
}

func byReboot(exitCode int, wait *value.WaitStatus, namespaceInit bool) bool {
	switch {
	case wait == nil || exitCode != restartExitCode && exitCode != haltExitCode:
		return false
	case wait.Exited(): // else Docker would have what it returned
		return wait.ExitStatus() == 0
	case !wait.Signaled():
		return false
	case wait.Signal() == value.SIGKILL:
		return true
	}
	// The kernel drops these signals to the init of a PID namespace, so they did not end it.
	return namespaceInit && value.WaitExitCode(*wait) == exitCode
}

// IsReboot reports whether an exit code is one that reboot(2) leads to, of a first process that SIGKILL ended by the kernel's
// word, or that returned 0.
func IsReboot(exitCode int, wait *value.WaitStatus) bool { return byReboot(exitCode, wait, false) }
