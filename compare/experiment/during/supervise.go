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

// succeeded is what a supervisor reports of a command that has ended with exit code 0; of any other, how it failed.
const succeeded = "exit status 0"

const (
	// grace is what processes have between SIGTERM and SIGKILL.
	grace = 2 * time.Second
	// patience is how long after the first SIGKILL the supervisor waits for them: one may be stuck in the kernel.
	patience = 5 * time.Second
)

// Supervising reports whether this process was started to supervise a command.
func Supervising(argv []string) bool { return len(argv) > 1 && argv[0] == supervisorName }

// Supervise runs a command until all that it has started has ended or, once it is told to end, ends that. It reports how the
// command itself has ended on descriptor 3. Its result is an exit code.
//
// A process whose parent ends becomes the child of the nearest subreaper above it (prctl(2), PR_SET_CHILD_SUBREAPER): neither
// a session nor a process group of its own takes it out of the supervisor's reach. Without children, nothing is left.
func Supervise(argv []string) int {
	report := os.NewFile(3, "report")
	unix.CloseOnExec(3)
	told := make(chan os.Signal, 1)
	signal.Notify(told, unix.SIGTERM, unix.SIGINT, unix.SIGHUP)
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
	case <-told:
	}
	if endAll(over) {
		return 0
	}
	return 1
}

// reap waits for all children, one's end being reported, until there are none.
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

// endAll ends all that is below this process. Its result is whether all has ended.
func endAll(over <-chan struct{}) bool {
	tell(unix.SIGTERM)
	wait := grace
	for began := time.Now(); time.Since(began) < grace+patience; wait = 50 * time.Millisecond {
		select {
		case <-over:
			return true
		case <-time.After(wait):
		}
		tell(unix.SIGKILL) // again and again: one may have begun another meanwhile
	}
	var left []string
	for _, p := range below() {
		left = append(left, fmt.Sprintf("%s (%d)", p.Comm, p.PID))
	}
	fmt.Fprintf(os.Stderr, "\nSIGKILL does not end %s", strings.Join(left, ", "))
	return false
}

func below() []proc.Stat {
	all, err := proc.Descendants(os.Getpid())
	if err != nil {
		fmt.Fprintf(os.Stderr, "\n%v", err)
	}
	return all
}

// tell sends a signal to all that is below this process.
func tell(signal unix.Signal) {
	for _, one := range below() {
		p, err := proc.OpenProcess(one.PID)
		if err != nil {
			continue // it has ended
		}
		if p.StartTime == one.StartTime { // else another has got its pid
			p.Signal(signal)
		}
		p.Close()
	}
}
