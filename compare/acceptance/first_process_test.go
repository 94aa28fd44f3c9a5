package acceptance

import (
	"errors"
	"fmt"
	"os"
	"os/exec"
	"strconv"
	"strings"
	"sync"
	"testing"
	"time"

	"golang.org/x/sys/unix"
)

// firstProcess is the first process of a container, held by a pidfd of the test. The tests compare what haltscope
// reports about its end with what the kernel reported to the test.
type firstProcess struct {
	pid   int
	ended chan struct{} // closed once it has ended
	at    time.Time     // when that was, once ended is closed

	mu sync.Mutex
	fd int // the pidfd; -1 once it is closed
}

// holdProcess opens a pidfd for a process.
func holdProcess(pid int) (*firstProcess, error) {
	fd, err := unix.PidfdOpen(pid, 0)
	if err != nil {
		return nil, fmt.Errorf("process %d: pidfd_open: %w", pid, err)
	}
	p := &firstProcess{pid: pid, fd: fd, ended: make(chan struct{})}
	go func() {
		for {
			n, err := unix.Poll([]unix.PollFd{{Fd: int32(fd), Events: unix.POLLIN}}, -1)
			if n > 0 || err != nil && err != unix.EINTR {
				p.at = time.Now()
				close(p.ended)
				return
			}
		}
	}()
	return p, nil
}

// kill sends the process a signal as root on the host does, which Docker does not notice.
func (p *firstProcess) kill(s unix.Signal) error {
	p.mu.Lock()
	defer p.mu.Unlock()
	if p.fd < 0 {
		return unix.ESRCH // its number may be that of another process's pidfd by now
	}
	return unix.PidfdSendSignal(p.fd, s, nil, 0)
}

// close closes the pidfd once the process has ended. After that, its wait status can no longer be read.
func (p *firstProcess) close() {
	<-p.ended
	p.mu.Lock()
	defer p.mu.Unlock()
	if p.fd >= 0 {
		unix.Close(p.fd)
		p.fd = -1
	}
}

// waitStatus returns how the process ended, as wait(2) encodes it, once its parent has waited for it. It returns false
// before that, and on kernels that do not report it. Source: include/uapi/linux/pidfd.h, PIDFD_INFO_EXIT.
func (p *firstProcess) waitStatus() (unix.WaitStatus, bool) {
	p.mu.Lock()
	defer p.mu.Unlock()
	if p.fd < 0 {
		return 0, false
	}
	info := unix.PidfdInfo{Mask: unix.PIDFD_INFO_EXIT}
	err := unix.IoctlPidfdInfo(p.fd, &info)
	return unix.WaitStatus(info.Exit_code), err == nil && info.Mask&unix.PIDFD_INFO_EXIT != 0
}

// holdFirst holds the first process of a container, which it finds by asking docker.
func holdFirst(t *testing.T, docker func(args ...string) (string, error), container string) *firstProcess {
	t.Helper()
	out, err := docker("inspect", "--format", "{{.State.Pid}} {{.Id}}", container)
	if err != nil {
		t.Fatalf("docker inspect %s: %v: %s", container, err, out)
	}
	text, id, _ := strings.Cut(strings.TrimSpace(out), " ")
	pid, err := strconv.Atoi(text)
	if err != nil || pid <= 0 {
		t.Fatalf("%s has no first process: %s", container, out)
	}
	p, err := holdProcess(pid)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { go p.close() }) // the container may be removed only after this
	group, err := os.ReadFile(fmt.Sprintf("/proc/%d/cgroup", pid))
	if err != nil || !strings.Contains(string(group), id) {
		t.Fatalf("process %d is not %s's: %v: %s", pid, container, err, group)
	}
	return p
}

// TestFirstProcess checks that a held process can be signaled until it ends, and that its pidfd is closed then.
func TestFirstProcess(t *testing.T) {
	cmd := exec.Command("sleep", "60")
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	p, err := holdProcess(cmd.Process.Pid)
	if err != nil {
		t.Fatal(err)
	}
	fd := p.fd
	if err := p.kill(unix.SIGKILL); err != nil {
		t.Error(err)
	}
	p.close()
	if err := p.kill(0); !errors.Is(err, unix.ESRCH) {
		t.Errorf("a signal to a process that is no longer held: %v", err)
	}
	if _, known := p.waitStatus(); known {
		t.Error("its wait status is known")
	}
	if link, err := os.Readlink(fmt.Sprintf("/proc/self/fd/%d", fd)); err == nil && strings.Contains(link, "pidfd") {
		t.Errorf("its pidfd is open: %s", link)
	}
	cmd.Wait()
}
