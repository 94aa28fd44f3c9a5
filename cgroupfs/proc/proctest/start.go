// Package proctest starts processes for tests: a test that imports it is such a process if an environment variable says so.
package proctest

import (
	"bufio"
	"bytes"
	"fmt"
	"os"
	"os/exec"
	"runtime"
	"strings"
	"testing"
	"time"

	"golang.org/x/sys/unix"
)

// Variable is the environment variable that makes the test's program one of these processes.
const Variable = "HALTSCOPE_TEST_PROCESS"

// Habit is what a process does until its standard input ends. It is the value of [Variable].
type Habit string

// The habits.
const (
	Waits           Habit = "waits"
	FirstThreadEnds Habit = "first-thread-ends" // the others live on
)

func init() {
	habit := Habit(os.Getenv(Variable))
	if habit == "" {
		return
	}
	wait := func() {
		os.Stdout.WriteString("ready\n")
		os.Stdin.Read(make([]byte, 1))
		os.Exit(0)
	}
	if habit == Waits {
		wait()
	}
	runtime.LockOSThread() // the first thread runs this function
	go wait()
	unix.Syscall(unix.SYS_EXIT, 0, 0, 0)
}

// Start starts a process that ends with the test. It returns once the process is ready or, if its first thread ends, once that has ended.
func Start(t *testing.T, habit Habit) *exec.Cmd {
	t.Helper()
	cmd := exec.Command(os.Args[0])
	cmd.Env = append(os.Environ(), Variable+"="+string(habit), "GOMAXPROCS=4")
	Run(t, cmd)
	for habit == FirstThreadEnds && !firstThreadEnded(t, cmd.Process.Pid) {
		time.Sleep(time.Millisecond)
	}
	return cmd
}

// Run starts a command that writes a line when it is ready and runs until its standard input ends, with the test. It returns the line.
func Run(t *testing.T, cmd *exec.Cmd) (line string) {
	t.Helper()
	in, err := cmd.StdinPipe()
	if err != nil {
		t.Fatal(err)
	}
	out, err := cmd.StdoutPipe()
	if err != nil {
		t.Fatal(err)
	}
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		in.Close()
		cmd.Wait()
	})
	line, err = bufio.NewReader(out).ReadString('\n')
	if err != nil {
		t.Fatal(err)
	}
	return strings.TrimSuffix(line, "\n")
}

// firstThreadEnded reports whether /proc/PID/stat has the state of a zombie, which is that of the first thread.
func firstThreadEnded(t *testing.T, pid int) bool {
	t.Helper()
	stat, err := os.ReadFile(fmt.Sprintf("/proc/%d/stat", pid))
	if err != nil {
		t.Fatal(err)
	}
	return bytes.HasPrefix(stat[bytes.LastIndexByte(stat, ')')+1:], []byte(" Z"))
}
