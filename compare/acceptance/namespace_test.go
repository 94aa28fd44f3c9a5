package acceptance

import (
	"fmt"
	"net"
	"os"
	"runtime"
	"testing"

	"golang.org/x/sys/unix"
)

// namespace is a network namespace of a test. It has no name, and disappears with its last process and the open file of
// the test.
type namespace struct{ file *os.File }

// newNamespace creates a network namespace whose loopback interface is up, and releases it when the test ends.
func newNamespace(t *testing.T) *namespace {
	t.Helper()
	n := &namespace{}
	err := onOwnThread(func() error {
		if err := unix.Unshare(unix.CLONE_NEWNET); err != nil {
			return fmt.Errorf("unshare: %w", err)
		}
		if err := bringLoopbackUp(); err != nil {
			return err
		}
		var err error
		n.file, err = os.Open("/proc/thread-self/ns/net")
		return err
	})
	if err != nil {
		t.Fatalf("making a network namespace: %v", err)
	}
	t.Cleanup(func() { n.file.Close() })
	return n
}

// do calls f on a thread in the namespace. A process that f starts is in the namespace, too.
func (n *namespace) do(f func() error) error {
	return onOwnThread(func() error {
		if err := unix.Setns(int(n.file.Fd()), unix.CLONE_NEWNET); err != nil {
			return fmt.Errorf("setns: %w", err)
		}
		return f()
	})
}

// onOwnThread calls f on a locked thread that may change its network namespace. The thread returns to its first
// namespace, or ends.
func onOwnThread(f func() error) error {
	done := make(chan error)
	go func() {
		runtime.LockOSThread()
		own, err := os.Open("/proc/thread-self/ns/net")
		if err != nil {
			done <- err
			return
		}
		defer own.Close()
		err = f()
		if unix.Setns(int(own.Fd()), unix.CLONE_NEWNET) == nil {
			runtime.UnlockOSThread()
		}
		done <- err
	}()
	return <-done
}

// bringLoopbackUp brings up lo in the network namespace of the thread. Source: netdevice(7).
func bringLoopbackUp() error {
	fd, err := unix.Socket(unix.AF_INET, unix.SOCK_DGRAM|unix.SOCK_CLOEXEC, 0)
	if err != nil {
		return fmt.Errorf("bringing lo up: %w", err)
	}
	defer unix.Close(fd)
	lo, err := unix.NewIfreq("lo")
	if err != nil {
		return err
	}
	lo.SetUint16(unix.IFF_UP)
	if err := unix.IoctlIfreq(fd, unix.SIOCSIFFLAGS, lo); err != nil {
		return fmt.Errorf("bringing lo up: %w", err)
	}
	return nil
}

// TestDaemonInItsOwnNetwork checks that a second daemon without a bridge does not touch the machine's docker0, because
// it removes the docker0 of another network namespace.
func TestDaemonInItsOwnNetwork(t *testing.T) {
	before, errBefore := net.InterfaceByName("docker0")
	d := newDaemon(t, t.TempDir())
	ours, err := os.Readlink("/proc/self/ns/net")
	if err != nil {
		t.Fatal(err)
	}
	if its, err := os.Readlink(fmt.Sprintf("/proc/%d/ns/net", d.cmd.Process.Pid)); err != nil || its == ours {
		t.Errorf("the daemon's network namespace is %s, %v; the test's is %s", its, err, ours)
	}
	if err := d.network.do(func() error {
		l, err := net.Listen("tcp", "127.0.0.1:0")
		if err != nil {
			return err
		}
		defer l.Close()
		c, err := net.Dial("tcp", l.Addr().String())
		if err != nil {
			return err
		}
		return c.Close()
	}); err != nil {
		t.Errorf("in the daemon's network: %v", err)
	}
	if errBefore != nil {
		t.Skipf("this machine has no docker0 that could be harmed: %v", errBefore)
	}
	after, err := net.InterfaceByName("docker0")
	if err != nil || after.Index != before.Index || after.Flags != before.Flags {
		t.Errorf("docker0 was %+v, and is %+v, %v", before, after, err)
	}
}
