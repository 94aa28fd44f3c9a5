package acceptance

import (
	"encoding/binary"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"syscall"

	"github.com/rogpeppe/go-internal/testscript"
	"golang.org/x/sys/unix"
)

// Operations of FUSE and the lengths of its messages. Source: include/uapi/linux/fuse.h.
const (
	fuseGetattr = 3
	fuseInit    = 26

	fuseInHeader  = 40 // length, operation, id, inode, who asks
	fuseOutHeader = 16 // length, error, id
	fuseInitOut   = 64
	fuseAttrOut   = 104
	fuseLongest   = 1 << 17
)

// unansweredCmd implements `unanswered CONTAINER`, which puts a client of a FUSE server into the cgroup of a container: cat, which
// waits for an answer that does not come. `answered` ends that server, and with it cat. A client cannot be frozen while it waits.
func unansweredCmd(ts *testscript.TestScript, neg bool, args []string) {
	if neg || len(args) != 1 {
		ts.Fatalf("usage: unanswered CONTAINER")
	}
	folder := ts.MkAbs("fuse")
	ts.Check(os.Mkdir(folder, 0o755))
	fd, err := unix.Open("/dev/fuse", unix.O_RDWR|unix.O_CLOEXEC, 0)
	ts.Check(err)
	if err := unix.Mount("unanswered", folder, "fuse", 0, fmt.Sprintf("fd=%d,rootmode=40000,user_id=0,group_id=0", fd)); err != nil {
		unix.Close(fd)
		ts.Fatalf("mounting a FUSE file system: %v", err)
	}
	asked := make(chan error, 1)
	go serve(fd, asked)
	end := func() { unix.Unmount(folder, unix.MNT_FORCE|unix.MNT_DETACH) } // the second time it fails
	ts.Defer(end)
	cgroup, err := os.Open(freezerDir(ts, args[0]))
	ts.Check(err)
	defer cgroup.Close()
	client := exec.Command("cat", folder+"/file")
	client.SysProcAttr = &syscall.SysProcAttr{UseCgroupFD: true, CgroupFD: int(cgroup.Fd())}
	ts.Check(client.Start())
	ts.Defer(func() { client.Process.Kill(); end(); client.Wait() })
	ts.Setenv("UNANSWERED", folder)
	ts.Check(<-asked)
}

func answeredCmd(ts *testscript.TestScript, neg bool, args []string) {
	folder := ts.Getenv("UNANSWERED")
	if neg || len(args) != 0 || folder == "" {
		ts.Fatalf("usage: answered, after unanswered")
	}
	ts.Check(unix.Unmount(folder, unix.MNT_FORCE|unix.MNT_DETACH)) // all requests fail
}

// serve answers what the kernel asks for about the root of a FUSE file system, and nothing else. It reports on asked that a
// request has come that it does not answer. It ends when the file system is unmounted.
func serve(fd int, asked chan<- error) {
	defer unix.Close(fd)
	request, native := make([]byte, fuseLongest), binary.NativeEndian
	for {
		n, err := unix.Read(fd, request)
		switch {
		case errors.Is(err, unix.EINTR), errors.Is(err, unix.ENOENT): // a request that was taken back
			continue
		case err != nil || n < fuseInHeader:
			report(asked, fmt.Errorf("reading a request of FUSE: %d bytes, %w", n, err))
			return
		}
		answer := make([]byte, fuseOutHeader)
		copy(answer[8:], request[8:16])
		switch native.Uint32(request[4:]) {
		case fuseInit:
			body := make([]byte, fuseInitOut)
			native.PutUint32(body, 7)
			native.PutUint32(body[4:], 31)
			native.PutUint32(body[20:], fuseLongest/2) // bytes of a write
			answer = append(answer, body...)
		case fuseGetattr:
			body := make([]byte, fuseAttrOut)
			native.PutUint64(body, 3600) // seconds that it holds
			native.PutUint64(body[16:], 1)
			native.PutUint32(body[76:], unix.S_IFDIR|0o755)
			native.PutUint32(body[80:], 2)
			answer = append(answer, body...)
		default:
			report(asked, nil)
			continue
		}
		native.PutUint32(answer, uint32(len(answer)))
		if _, err := unix.Write(fd, answer); err != nil {
			report(asked, fmt.Errorf("answering a request of FUSE: %w", err))
		}
	}
}

// report sends what happened first.
func report(to chan<- error, what error) {
	select {
	case to <- what:
	default:
	}
}
