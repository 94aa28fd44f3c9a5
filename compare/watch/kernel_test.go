package watch

import (
	"bytes"
	"os"
	"os/exec"
	"runtime"
	"strings"
	"testing"
	"time"
	"unsafe"

	"github.com/rs/zerolog"
	"golang.org/x/sys/unix"

	"haltscope/cgroupfs"
)

// withoutPidfd runs f on a thread on which pidfd_open fails: with ENOSYS, as before Linux 5.3, or with EPERM, as under a seccomp
// profile.
func withoutPidfd(t *testing.T, refusal unix.Errno, f func()) {
	t.Helper()
	var err error
	done := make(chan struct{})
	go func() {
		defer close(done)
		runtime.LockOSThread() // not unlocked: the thread ends with the goroutine
		filter := []unix.SockFilter{
			{Code: unix.BPF_LD | unix.BPF_W | unix.BPF_ABS}, // the number of the system call
			{Code: unix.BPF_JMP | unix.BPF_JEQ | unix.BPF_K, K: unix.SYS_PIDFD_OPEN, Jf: 1},
			{Code: unix.BPF_RET | unix.BPF_K, K: unix.SECCOMP_RET_ERRNO | uint32(refusal)},
			{Code: unix.BPF_RET | unix.BPF_K, K: unix.SECCOMP_RET_ALLOW},
		}
		program := unix.SockFprog{Len: uint16(len(filter)), Filter: &filter[0]}
		if err = unix.Prctl(unix.PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0); err != nil {
			return
		}
		if err = unix.Prctl(unix.PR_SET_SECCOMP, unix.SECCOMP_MODE_FILTER, uintptr(unsafe.Pointer(&program)), 0, 0); err == nil {
			f()
		}
	}()
	if <-done; err != nil {
		t.Skip("no seccomp here: ", err)
	}
}

// TestOpenProcess checks that a kernel that gives no handles on processes is reported once, and is not taken for a process that
// has ended.
func TestOpenProcess(t *testing.T) {
	ended := exec.Command("true")
	if err := ended.Run(); err != nil {
		t.Fatal(err)
	}
	for _, c := range []struct {
		name    string
		refusal unix.Errno // 0 for none
	}{{"this kernel", 0}, {"an old kernel", unix.ENOSYS}, {"a seccomp profile", unix.EPERM}} {
		t.Run(c.name, func(t *testing.T) {
			var log bytes.Buffer
			w := newWatch(Options{Log: zerolog.New(&log)}, nil, nil, nil)
			try := func() {
				for range 2 {
					p, gone := w.openProcess("c0ffee", os.Getpid())
					if (p == nil) != (c.refusal != 0) || gone {
						t.Errorf("a running process: %v, gone %t", p, gone)
					}
					if p != nil {
						p.Close()
					}
				}
				if p, gone := w.openProcess("c0ffee", ended.Process.Pid); p != nil || !gone {
					t.Errorf("a process that has ended: %v, gone %t", p, gone)
				}
			}
			if c.refusal == 0 {
				try()
				if log.Len() > 0 {
					t.Error(log.String())
				}
				return
			}
			withoutPidfd(t, c.refusal, try)
			if text := log.String(); strings.Count(text, "\n") != 1 || !strings.Contains(text, "pidfd_open: "+c.refusal.Error()) {
				t.Errorf("logged: %s", text)
			}
		})
	}
}

// TestDetach checks that a run whose main process is not held is detached once its end is written.
func TestDetach(t *testing.T) {
	watcher, err := cgroupfs.NewWatcher(time.Second)
	if err != nil {
		t.Fatal(err)
	}
	defer watcher.Close()
	l := NewTimeline("c0ffee", "web", false)
	w := newWatch(Options{}, nil, nil, watcher)
	w.timelines[l.ID] = l
	for _, s := range startedRun() {
		s(l)
	}
	far := t0.Add(24 * time.Hour)
	w.watched = map[string]*watchedRun{l.ID: {key: "c0ffee run", started: l.current.started, pid: 42, nextDispositions: far}}
	if w.refresh(at(1000)); w.watched[l.ID] == nil {
		t.Fatal("detached while it is running")
	}
	event(2000, "die", "exitCode=0")(l)
	inspect(2100, container("exited", 0))(l)
	if w.refresh(at(2200)); w.watched[l.ID] == nil {
		t.Error("detached before its end was written")
	}
	l.Lines(at(60_000))
	if w.refresh(at(60_000)); w.watched[l.ID] != nil {
		t.Error("not detached, though it has ended")
	}
}
