package during

import (
	"errors"
	"fmt"
	"os"
	"os/exec"
	"os/signal"
	"strings"
	"syscall"
	"time"

	"golang.org/x/sys/unix"

	"haltscope/cgroupfs/proc"
)

// supervisorName is the name under which haltscope starts itself as a supervisor.
const supervisorName = "haltscope-during"

// succeeded is what a supervisor reports of a command that ended with exit code 0.
const succeeded = "exit status 0"

const (
	// grace is the time between SIGTERM and SIGKILL.
	grace = 2 * time.Second
	// killLimit is how long the supervisor repeats SIGKILL. A process may be stuck in the kernel.
	killLimit = 5 * time.Second
	// killInterval is the time between two SIGKILLs. A process may start another one in between.
	killInterval = 50 * time.Millisecond
)

// reportDescriptor is the file descriptor on which the supervisor reports how the command has ended.
const reportDescriptor = 3

// Supervising reports whether this process was started to supervise a command.
func Supervising(argv []string) bool { return len(argv) > 1 && argv[0] == supervisorName }

// Supervise runs a command until everything that it has started has ended. On SIGTERM, SIGINT or SIGHUP, it ends everything. It
// reports how the command itself has ended on file descriptor 3, and returns an exit code.
//
// A process whose parent ends becomes a child of the nearest subreaper above it (prctl(2), PR_SET_CHILD_SUBREAPER). So no
// process escapes the supervisor by a session or a process group of its own, and everything has ended once it has no children.
func Supervise(argv []string) int {
	report := os.NewFile(reportDescriptor, "report")
	unix.CloseOnExec(reportDescriptor)
	stop := make(chan os.Signal, 1)
	signal.Notify(stop, unix.SIGTERM, unix.SIGINT, unix.SIGHUP)
	if err := unix.Prctl(unix.PR_SET_CHILD_SUBREAPER, 1, 0, 0, 0); err != nil {
		fmt.Fprintf(report, "PR_SET_CHILD_SUBREAPER: %v", err)
		return 0
	}
	command := exec.Command(argv[1], argv[2:]...)
	command.Stderr = os.Stderr
	command.SysProcAttr = &syscall.SysProcAttr{Setpgid: true}
	if err := command.Start(); err != nil {
		report.WriteString(err.Error())
		return 0
	}
	over := make(chan struct{})
	go func() {
		defer close(over)
		reap(command.Process.Pid, report)
	}()
	select {
	case <-over:
		return 0
	case <-stop:
	}
	if endAll(over) {
		return 0
	}
	return 1
}

// reap waits for all children until there are none, and reports how one of them has ended.
func reap(pid int, report *os.File) {
	for {
		var status unix.WaitStatus
		ended, err := unix.Wait4(-1, &status, 0, nil)
		switch {
		case errors.Is(err, unix.EINTR):
		case err != nil:
			return // ECHILD
		case ended == pid:
			report.WriteString(text(status))
			report.Close()
		}
	}
}

func text(status unix.WaitStatus) string {
	if status.Signaled() {
		return "signal: " + status.Signal().String()
	}
	return fmt.Sprintf("exit status %d", status.ExitStatus())
}

// endAll ends all descendants of this process, and reports whether they have ended.
func endAll(over <-chan struct{}) bool {
	signalAll(unix.SIGTERM)
	wait := grace
	for began := time.Now(); time.Since(began) < grace+killLimit; wait = killInterval {
		select {
		case <-over:
			return true
		case <-time.After(wait):
		}
		signalAll(unix.SIGKILL)
	}
	var left []string
	for _, p := range descendants() {
		left = append(left, fmt.Sprintf("%s (%d)", p.Comm, p.PID))
	}
	fmt.Fprintf(os.Stderr, "\nSIGKILL does not end %s", strings.Join(left, ", "))
	return false
}

func descendants() []proc.Stat {
	all, err := proc.Descendants(os.Getpid())
	if err != nil {
		fmt.Fprintf(os.Stderr, "\n%v", err)
	}
	return all
}

// signalAll sends a signal to all descendants of this process.
func signalAll(signal unix.Signal) {
	for _, one := range descendants() {
		if err := signalOne(one, signal); err != nil && !errors.Is(err, proc.ErrNoProcess) && !errors.Is(err, unix.ESRCH) {
			fmt.Fprintf(os.Stderr, "\nsending %s to %s (%d): %v", signal, one.Comm, one.PID, err)
		}
	}
}

// signalOne sends a signal to a process, unless another one has got its PID.
func signalOne(one proc.Stat, signal unix.Signal) error {
	p, err := proc.OpenProcess(one.PID)
	if err != nil {
		return err
	}
	defer p.Close()
	if p.ID() != one.ID() {
		return nil
	}
	return p.Signal(signal)
}
