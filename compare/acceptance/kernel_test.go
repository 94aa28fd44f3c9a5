package acceptance

import (
	"bufio"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"runtime"
	"strconv"
	"strings"
	"unsafe"

	"github.com/rogpeppe/go-internal/testscript"
	"golang.org/x/sys/unix"
)

// A task in uninterruptible sleep cannot be frozen. To get one, a process has the kernel read a page of its memory that is
// registered with a userfaultfd, and nobody answers the fault: the kernel waits in state D until the page or a fatal signal
// arrives. Source: userfaultfd(2); fs/userfaultfd.c, userfaultfd_get_blocking_state; process_vm_readv(2).

// stuckEnv makes this program, when started again, the stuck process.
const stuckEnv = "HALTSCOPE_TEST_STUCK"

const (
	uffdAPI      = 0xaa
	uffdioAPI    = 0xc018aa3f
	uffdRegister = 0xc020aa00
	uffdZero     = 0xc020aa04
	pageSize     = 4096
)

// stuck prints the numbers that release needs, and then blocks.
func stuck() error {
	fd, _, errno := unix.Syscall(unix.SYS_USERFAULTFD, unix.O_CLOEXEC, 0, 0)
	if errno != 0 {
		return fmt.Errorf("userfaultfd: %w", errno)
	}
	api := [3]uint64{uffdAPI}
	if _, _, errno := unix.Syscall(unix.SYS_IOCTL, fd, uffdioAPI, uintptr(unsafe.Pointer(&api))); errno != 0 {
		return fmt.Errorf("UFFDIO_API: %w", errno)
	}
	page, err := unix.Mmap(-1, 0, pageSize, unix.PROT_READ|unix.PROT_WRITE, unix.MAP_PRIVATE|unix.MAP_ANONYMOUS)
	if err != nil {
		return err
	}
	at := uint64(uintptr(unsafe.Pointer(&page[0])))
	register := [4]uint64{at, pageSize, 1 /* missing pages */}
	if _, _, errno := unix.Syscall(unix.SYS_IOCTL, fd, uffdRegister, uintptr(unsafe.Pointer(&register))); errno != 0 {
		return fmt.Errorf("UFFDIO_REGISTER: %w", errno)
	}
	// The state of the first thread is that of the process.
	fmt.Println(fd, at)
	var into [8]byte
	local := []unix.Iovec{{Base: &into[0], Len: 8}}
	remote := []unix.RemoteIovec{{Base: uintptr(at), Len: 8}}
	if _, err := unix.ProcessVMReadv(os.Getpid(), local, remote, 0); err != nil {
		return err
	}
	select {} // released
}

func init() {
	if os.Getenv(stuckEnv) != "" {
		runtime.LockOSThread() // main's thread
	}
}

// stuckCmd implements `stuck CONTAINER`, which puts a stuck process into the cgroup of a container. `unstuck` supplies
// its page, and `unstuck kill` kills it.
func stuckCmd(ts *testscript.TestScript, neg bool, args []string) {
	if neg || len(args) != 1 {
		ts.Fatalf("usage: stuck CONTAINER")
	}
	cmd := exec.Command("/proc/self/exe")
	cmd.Env = append(os.Environ(), stuckEnv+"=1")
	out, err := cmd.StdoutPipe()
	ts.Check(err)
	ts.Check(cmd.Start())
	ts.Defer(func() { cmd.Process.Kill(); cmd.Wait() })
	line, err := bufio.NewReader(out).ReadString('\n')
	if err != nil {
		ts.Fatalf("no stuck process: %v", err)
	}
	ts.Check(os.WriteFile(freezerDir(ts, args[0])+"/cgroup.procs", []byte(strconv.Itoa(cmd.Process.Pid)), 0))
	ts.Setenv("STUCK", fmt.Sprintf("%d %s", cmd.Process.Pid, strings.TrimSpace(line)))
}

func unstuckCmd(ts *testscript.TestScript, neg bool, args []string) {
	var pid, fd int
	var at uint64
	if _, err := fmt.Sscan(ts.Getenv("STUCK"), &pid, &fd, &at); err != nil || neg {
		ts.Fatalf("usage: unstuck, after stuck: %v", err)
	}
	ts.Check(release(pid, fd, at))
}

// release supplies the page of the stuck process from outside, because all threads of that process may be frozen.
func release(pid, fd int, at uint64) error {
	pidfd, err := unix.PidfdOpen(pid, 0)
	if err != nil {
		return err
	}
	defer unix.Close(pidfd)
	mine, err := unix.PidfdGetfd(pidfd, fd, 0)
	if err != nil {
		return fmt.Errorf("pidfd_getfd: %w", err)
	}
	defer unix.Close(mine)
	zero := [4]uint64{at, pageSize}
	if _, _, errno := unix.Syscall(unix.SYS_IOCTL, uintptr(mine), uffdZero, uintptr(unsafe.Pointer(&zero))); errno != 0 {
		return fmt.Errorf("UFFDIO_ZEROPAGE: %w", errno)
	}
	return nil
}

// freezerCmd implements `freezer CONTAINER freeze|thaw [above|NAME]`, which freezes or thaws the cgroup of a container, its
// parent, or the one of that name below, without docker's knowledge.
func freezerCmd(ts *testscript.TestScript, neg bool, args []string) {
	if neg || len(args) < 2 {
		ts.Fatalf("usage: freezer CONTAINER freeze|thaw [above|NAME]")
	}
	dir := freezerDir(ts, args[0])
	switch {
	case len(args) == 3 && args[2] == "above":
		dir += "/.."
	case len(args) == 3:
		dir += "/" + args[2]
	}
	if args[1] == "freeze" {
		ts.Defer(func() { setFreezer(dir, "thaw") }) // a story that fails must not leave what Docker cannot remove
	}
	ts.Check(setFreezer(dir, args[1]))
}

// setFreezer freezes or thaws a cgroup.
func setFreezer(dir, to string) error {
	file, values := dir+"/cgroup.freeze", map[string]string{"freeze": "1", "thaw": "0"}
	if _, err := os.Stat(file); err != nil || strings.Contains(dir, "/freezer/") {
		file, values = dir+"/freezer.state", map[string]string{"freeze": "FROZEN", "thaw": "THAWED"}
	}
	return os.WriteFile(file, []byte(values[to]), 0)
}

// freezerDir is [findFreezer] for a story.
func freezerDir(ts *testscript.TestScript, container string) string {
	dir, err := findFreezer(container)
	ts.Check(err)
	return dir
}

// findFreezer finds the cgroup that docker freezes for a container, by its first process. It does not use haltscope.
func findFreezer(container string) (string, error) {
	out, err := dockerCmd("inspect", "--format", "{{.State.Pid}} {{.Id}}", container).Output()
	if err != nil {
		return "", err
	}
	pid, id, _ := strings.Cut(strings.TrimSpace(string(out)), " ")
	data, err := os.ReadFile("/proc/" + pid + "/cgroup")
	if err != nil {
		return "", err
	}
	dir := ""
	for line := range strings.Lines(string(data)) {
		fields := strings.SplitN(strings.TrimSpace(line), ":", 3)
		switch {
		case len(fields) == 3 && fields[1] == "freezer":
			dir = "/sys/fs/cgroup/freezer" + fields[2]
		case len(fields) == 3 && fields[1] == "" && dir == "":
			dir = "/sys/fs/cgroup" + fields[2]
		}
	}
	before, _, found := strings.Cut(dir, id)
	if !found {
		return "", errors.New(container + " is not in a cgroup of its id: " + dir)
	}
	dir = before + id
	if strings.HasSuffix(before, "docker-") {
		dir += ".scope"
	}
	return dir, nil
}

// belowCmd implements `below CONTAINER NAME`, which moves the processes of a container into a child of its cgroup, as
// systemd in a container does.
func belowCmd(ts *testscript.TestScript, neg bool, args []string) {
	if neg || len(args) != 2 {
		ts.Fatalf("usage: below CONTAINER NAME")
	}
	dir := freezerDir(ts, args[0])
	ts.Check(os.Mkdir(dir+"/"+args[1], 0o755))
	pids, err := os.ReadFile(dir + "/cgroup.procs")
	ts.Check(err)
	for pid := range strings.FieldsSeq(string(pids)) {
		ts.Check(os.WriteFile(dir+"/"+args[1]+"/cgroup.procs", []byte(pid), 0))
	}
}
