package twin

import (
	"bufio"
	"os"
	"os/exec"
	"path/filepath"
	"runtime"
	"strconv"
	"strings"
	"syscall"
	"testing"
	"time"

	"golang.org/x/sys/unix"

	"haltscope/cgroupfs"
	"haltscope/cgroupfs/proc"
)

const habit = "HALTSCOPE_TEST_HABIT"

// With that variable, this program runs until its input ends. As "leader", its first thread ends before.
func init() {
	if os.Getenv(habit) == "" {
		return
	}
	wait := func() {
		os.Stdout.WriteString("ready\n")
		os.Stdin.Read(make([]byte, 1))
		os.Exit(0)
	}
	if os.Getenv(habit) != "leader" {
		wait()
	}
	runtime.LockOSThread() // the first thread runs this function
	go wait()
	unix.Syscall(unix.SYS_EXIT, 0, 0, 0)
}

// inCgroup starts such a program in a cgroup that has the name of a container, as Docker's. It returns the id and the process.
func inCgroup(t *testing.T, digit, habitOf string) (id string, cmd *exec.Cmd) {
	t.Helper()
	top := "/sys/fs/cgroup/freezer"
	if _, err := os.Stat(top); err != nil {
		top = "/sys/fs/cgroup"
	}
	id = strings.Repeat(digit, 64)
	path := filepath.Join(top, id)
	if err := os.Mkdir(path, 0o755); err != nil {
		t.Skip("cannot make a cgroup here: ", err)
	}
	t.Cleanup(func() {
		for end := time.Now().Add(10 * time.Second); syscall.Rmdir(path) == syscall.EBUSY && time.Now().Before(end); {
			time.Sleep(time.Millisecond) // its process is ending
		}
	})
	cmd = exec.Command(os.Args[0])
	cmd.Env = append(os.Environ(), habit+"="+habitOf, "GOMAXPROCS=4")
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
	t.Cleanup(func() { in.Close(); cmd.Wait() })
	if _, err := bufio.NewReader(out).ReadString('\n'); err != nil {
		t.Fatal(err)
	}
	for habitOf == "leader" {
		if stat, err := proc.ReadStat(cmd.Process.Pid); err != nil || stat.FirstThreadEnded {
			break
		}
		time.Sleep(time.Millisecond)
	}
	if err := os.WriteFile(filepath.Join(path, "cgroup.procs"), []byte(strconv.Itoa(cmd.Process.Pid)), 0); err != nil {
		t.Fatal(err)
	}
	return id, cmd
}

func ended(t *testing.T, cmd *exec.Cmd) bool {
	t.Helper()
	stat, err := proc.ReadStat(cmd.Process.Pid)
	if err != nil {
		t.Fatal(err)
	}
	return stat.Ended()
}

// What twins leave is ended by their cgroups, before their removal only if Docker would not end it, and nothing else is.
func TestEndProcesses(t *testing.T) {
	kernel, err := cgroupfs.NewHost()
	if err != nil {
		t.Skip(err)
	}
	unreachable, leader := inCgroup(t, "a", "leader")
	plain, sleeper := inCgroup(t, "b", "sleeper")
	_, users := inCgroup(t, "c", "sleeper")
	ids := []string{unreachable, plain}
	if err := endUnreachable(t.Context(), kernel, ids); err != nil {
		t.Fatal(err)
	}
	if !ended(t, leader) || ended(t, sleeper) || ended(t, users) {
		t.Errorf("before the removal: %t, %t, %t", ended(t, leader), ended(t, sleeper), ended(t, users))
	}
	if err := endLeft(t.Context(), kernel, ids); err != nil {
		t.Fatal(err)
	}
	if !ended(t, sleeper) || ended(t, users) {
		t.Errorf("after the removal: %t, %t", ended(t, sleeper), ended(t, users))
	}
	groups, err := kernel.Containers()
	if err != nil || groups[unreachable] != nil || groups[plain] != nil {
		t.Errorf("the cgroups of the twins are left: %v", err)
	}
}
