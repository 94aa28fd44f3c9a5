package cgroupfs

import (
	"context"
	"errors"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"golang.org/x/sys/unix"
)

func unixSignal(n int) unix.Signal { return unix.Signal(n) }

// Absent, zero, "max", failed and vanished are five things.
func TestFigureStates(t *testing.T) {
	dir := t.TempDir()
	cgroup := filepath.Join(dir, "cgroup")
	if err := os.Mkdir(cgroup, 0o755); err != nil {
		t.Fatal(err)
	}
	write := func(name, text string) {
		if err := os.WriteFile(filepath.Join(cgroup, name), []byte(text), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	write("zero", "0\n")
	write("number", "18446744073709551615\n")
	write("max", "max\n")
	write("long", "18446744073709551616\n")
	write("words", "-1\n")
	write("empty", "")
	buf := make([]byte, bufferSize)
	for name, want := range map[string]Figure{
		"zero": Number(0), "number": Number(1<<64 - 1), "max": {state: Max},
		"long": Without(Failed), "words": Without(Failed), "empty": Without(Failed),
		"absent": Without(Unsupported), ".": Without(Failed),
	} {
		f := file{in: openFolder(cgroup), name: name}
		if got := f.figure(buf); got != want {
			t.Errorf("%s: %s, wanted %s", name, got, want)
		}
		f.close()
	}
	if f := (&file{in: openFolder(filepath.Join(dir, "gone")), name: "zero"}); f.figure(buf) != Without(Vanished) {
		t.Errorf("a file of a cgroup that is gone: %s", f.figure(buf))
	}
	if f := (&file{in: openFolder(""), name: "zero"}); f.figure(buf) != Without(Unsupported) {
		t.Errorf("a file of a hierarchy that is not mounted: %s", f.figure(buf))
	}
	// A cgroup made again at the same path is another one.
	in := openFolder(cgroup)
	if !in.exists() {
		t.Error("a folder that is there is taken to be gone")
	}
	if err := errors.Join(os.Rename(cgroup, cgroup+".old"), os.Mkdir(cgroup, 0o755)); err != nil {
		t.Fatal(err)
	}
	write("new", "1\n")
	if f := (&file{in: in, name: "new"}); in.exists() || f.figure(buf) != Without(Vanished) {
		t.Errorf("a folder that replaced the one that was opened is taken for it: %s", f.figure(buf))
	}
	for err, want := range map[error]State{unix.ENODEV: Vanished, unix.EACCES: Denied, unix.EPERM: Denied, unix.EOPNOTSUPP: Unsupported, unix.EIO: Failed, nil: Present} {
		if got := stateOf(cgroup, err); got != want {
			t.Errorf("%v: %s, wanted %s", err, got, want)
		}
	}
}

func TestMemoryStatKeys(t *testing.T) {
	var m MemoryStat
	parseMemoryStat([]byte("anon 1\nnew_key 7\nfile x\nkernel 3"), &m)
	if !m.Anon.Is(1) || m.File.State() != Failed || !m.Kernel.Is(3) || m.Sock.State() != Unsupported {
		t.Errorf("%+v", m)
	}
}

func TestCutAtID(t *testing.T) {
	const id = "4f1c2d3e4f1c2d3e4f1c2d3e4f1c2d3e4f1c2d3e4f1c2d3e4f1c2d3e4f1c2d3e"
	for path, want := range map[string]string{
		"/docker/" + id:                                    "/docker/" + id,
		"/docker/" + id + "/init":                          "/docker/" + id,
		"/system.slice/docker-" + id + ".scope":            "/system.slice/docker-" + id + ".scope",
		"/my.slice/docker-" + id + ".scope/system.slice/x": "/my.slice/docker-" + id + ".scope",
		"/" + id: "/" + id,
		"/":      "", "": "", "/docker/" + id[:63]: "", "/docker/" + id + "0": "", "/docker/x" + id: "", "/../../docker": "",
	} {
		got, err := CutAtID(path, id)
		if got != want || (err == nil) != (want != "") {
			t.Errorf("%s: %q, %v", path, got, err)
		}
	}
	if _, err := CutAtID("/docker/", ""); err == nil {
		t.Error("no id is in every path")
	}
}

func TestJoin(t *testing.T) {
	for _, c := range []struct {
		m          mount
		path, want string
	}{
		{mount{"/sys/fs/cgroup", "/"}, "/docker/x", "/sys/fs/cgroup/docker/x"},
		{mount{"/sys/fs/cgroup", "/docker"}, "/docker/x", "/sys/fs/cgroup/x"},
		{mount{"/sys/fs/cgroup", "/docker"}, "/other/x", ""},
		{mount{"/sys/fs/cgroup", "/"}, "/../../docker/x", ""},
	} {
		got, err := c.m.join(c.path)
		if got != c.want || (err == nil) != (c.want != "") {
			t.Errorf("%+v %s: %q, %v", c.m, c.path, got, err)
		}
	}
}

func TestParseStat(t *testing.T) {
	s, err := parseStat([]byte("42 (a) b (c) S 7 42 42 0 -1 4194560 1 0 0 0 2 3 0 0 20 0 1 0 81234 0 0\n"))
	if err != nil || s != (Stat{PID: 42, Comm: "a) b (c", State: 'S', PPID: 7, StartTime: 81234}) {
		t.Errorf("%+v, %v", s, err)
	}
	for _, text := range []string{"", "42", "42 (x", "x (y) S 1", "42 (x) S 1", ") ("} {
		if _, err := parseStat([]byte(text)); err == nil {
			t.Errorf("%q was understood", text)
		}
	}
}

func TestSignalSet(t *testing.T) {
	s := SignalSet(0x4002) // SIGINT and SIGTERM
	for signal, want := range map[int]bool{2: true, 15: true, 1: false, 0: false, 64: false, 65: false, -1: false} {
		if s.Has(unixSignal(signal)) != want {
			t.Errorf("signal %d", signal)
		}
	}
}

// A real process: its end is noticed, and by a recycled pid nobody is taken in.
func TestProcess(t *testing.T) {
	cmd := exec.Command("sleep", "60")
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	p, err := OpenProcess(cmd.Process.Pid)
	if err != nil {
		t.Fatal(err)
	}
	defer p.Close()
	short, cancel := context.WithTimeout(context.Background(), 10*time.Millisecond)
	defer cancel()
	if _, err := p.Gone(short); !errors.Is(err, context.DeadlineExceeded) {
		t.Errorf("it has not ended: %v", err)
	}
	if _, state := p.WaitStatus(); state == Present {
		t.Error("a wait status of a process that runs")
	}
	cmd.Process.Signal(unix.SIGTERM)
	if _, err := p.Gone(context.Background()); err != nil {
		t.Error(err)
	}
	// On every kernel, as long as its parent has not waited for it.
	if status, state := p.WaitStatus(); state != Present || !status.Signaled() || status.Signal() != unix.SIGTERM {
		t.Errorf("wait status of a zombie: %#x, %s", status, state)
	}
	cmd.Wait()
	switch status, state := p.WaitStatus(); state {
	case Present:
		if !status.Signaled() || status.Signal() != unix.SIGTERM {
			t.Errorf("wait status %#x", status)
		}
	case Unsupported, NotMeasured, Vanished: // Linux before 6.15
	default:
		t.Errorf("wait status: %s", state)
	}
	if _, err := OpenProcess(cmd.Process.Pid); !errors.Is(err, ErrNoProcess) {
		t.Errorf("a process that has ended: %v", err)
	}
}

// A process that has ended and was not waited for is in no container's cgroup, and is none of another's either.
func TestLocateZombie(t *testing.T) {
	h, err := NewHost()
	if err != nil {
		t.Skip("no cgroups here: ", err)
	}
	cmd := exec.Command("true")
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	defer cmd.Wait()
	var info unix.Siginfo
	if err := unix.Waitid(unix.P_PID, cmd.Process.Pid, &info, unix.WEXITED|unix.WNOWAIT, nil); err != nil {
		t.Fatal(err)
	}
	var other *NotTiedError
	if _, err := h.Locate(cmd.Process.Pid, strings.Repeat("a", 64)); !errors.Is(err, ErrNoProcess) || errors.As(err, &other) {
		t.Errorf("%v", err)
	}
}

// A reading does not allocate.
func TestReadDoesNotAllocate(t *testing.T) {
	fixtures(t, func(t *testing.T, dir string, v2, paused bool) {
		g := openFixture(dir, v2)
		defer g.Close()
		var r Reading
		if n := testing.AllocsPerRun(100, func() { g.Read(&r) }); n != 0 {
			t.Errorf("%v allocations", n)
		}
	})
}
