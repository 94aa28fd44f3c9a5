package cgroupfs

import (
	"errors"
	"os"
	"os/exec"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"golang.org/x/sys/unix"
)

func TestSignalNames(t *testing.T) {
	for _, c := range []struct {
		set  SignalSet
		want []string
	}{
		{0, nil},
		{0x4002, []string{"SIGINT", "SIGTERM"}},
		{1<<31 | 1<<32, []string{"SIG32", "SIG33"}},
		{1<<33 | 1<<36 | 1<<48, []string{"SIGRTMIN", "SIGRTMIN+3", "SIGRTMIN+15"}},
		{1<<49 | 1<<62 | 1<<63, []string{"SIGRTMAX-14", "SIGRTMAX-1", "SIGRTMAX"}},
	} {
		if diff := cmp.Diff(c.want, c.set.Names()); diff != "" {
			t.Errorf("%#x: %s", c.set, diff)
		}
	}
}

func TestParseStatus(t *testing.T) {
	const text = "Name:\tx\nNSpid:\t7\t1\nVmRSS:\t    10 kB\nVmSwap:\t     2 kB\nThreads:\t3\nSigPnd:\t0000000000000001\n" +
		"ShdPnd:\t0000000000004000\nSigBlk:\t0000000000000002\nSigIgn:\t0000000000000004\nSigCgt:\t0000000000000008\n"
	got, err := parseStatus([]byte(text))
	want := Status{Name: "x", NSpid: []int{7, 1}, Threads: 3, Blocked: 2, Ignored: 4, Caught: 8, Pending: 1, SharedPending: 1 << 14, VmRSS: Number(10 << 10), VmSwap: Number(2 << 10)}
	if diff := cmp.Diff(want, got, figures); diff != "" || err != nil {
		t.Error(diff, err)
	}
	for name, text := range map[string]string{
		"empty":         "",
		"cut":           text[:strings.Index(text, "SigCgt")],
		"no unit":       strings.Replace(text, " kB", "", 1),
		"not a number":  strings.Replace(text, "10 kB", "ten kB", 1),
		"not a set":     strings.Replace(text, "0000000000004000", "4g", 1),
		"not a pid":     strings.Replace(text, "\t7\t", "\tseven\t", 1),
		"not a count":   strings.Replace(text, "Threads:\t3", "Threads:\tmany", 1),
		"half of a set": strings.Replace(text, "SigIgn:\t0000000000000004", "SigIgn:", 1),
	} {
		var malformed *MalformedError
		if s, err := parseStatus([]byte(text)); !errors.As(err, &malformed) {
			t.Errorf("%s: %+v, %v", name, s, err)
		}
	}
}

func TestParseWchan(t *testing.T) {
	for text, want := range map[string]string{"0": "", "": "", "do_freezer_trap": "do_freezer_trap", "__refrigerator\n": "__refrigerator"} {
		if got := parseWchan([]byte(text)); got != want {
			t.Errorf("%q: %q", text, got)
		}
	}
}

func TestParseSmapsRollup(t *testing.T) {
	text := "55a9191b9000-7ffcbc7df000 ---p 00000000 00:00 0                          [rollup]\nRss:                1712 kB\n" +
		"Pss:                 254 kB\nPss_Dirty:           112 kB\nLazyFree:             12 kB\nLocked: x kB\n" + strings.Repeat("Unknown: 1 kB\n", 1<<16)
	r := parseSmapsRollup([]byte(text))
	if !r.Rss.Is(1712<<10) || !r.Pss.Is(254<<10) || !r.LazyFree.Is(12<<10) || r.Locked.State() != Failed || r.PssAnon.State() != Unsupported {
		t.Errorf("%+v", r)
	}
	if r := parseSmapsRollup(nil); r != without[SmapsRollup](Unsupported) {
		t.Errorf("nothing: %+v", r)
	}
}

// What one of them does not have is nothing, what could not be read is not; and of none nobody knows.
func TestLazyFree(t *testing.T) {
	of := func(figures ...Figure) (all []Member) {
		for _, f := range figures {
			all = append(all, Member{Rollup: SmapsRollup{LazyFree: f}})
		}
		return all
	}
	zombie, ended, failed := Without(Unsupported), Without(Vanished), Without(Failed)
	for _, c := range []struct {
		name    string
		members []Member
		want    Figure
	}{
		{"nobody", nil, Figure{}},
		{"added up", of(Number(4096), zombie, Number(0), ended, Number(8192)), Number(12288)},
		{"a zombie first", of(zombie, Number(4096)), Number(4096)},
		{"zero", of(zombie, Number(0)), Number(0)},
		{"one could not be read", of(Number(4096), failed, Number(4096)), failed},
		{"an old kernel", of(zombie, zombie), zombie},
	} {
		if got := LazyFree(c.members); got != c.want {
			t.Errorf("%s: %s, wanted %s", c.name, got, c.want)
		}
	}
}

// Pages that this process has given up are still its own, until it writes to them again.
func TestReadLazyFree(t *testing.T) {
	const size, touched = 64 << 20, 1 << 20
	page := os.Getpagesize()
	memory, err := unix.Mmap(-1, 0, size, unix.PROT_READ|unix.PROT_WRITE, unix.MAP_PRIVATE|unix.MAP_ANON)
	if err != nil {
		t.Fatal(err)
	}
	defer unix.Munmap(memory)
	touch := func(n int) {
		for i := 0; i < n; i += page {
			memory[i] = 1
		}
	}
	given := func() int {
		r, _ := readSmapsRollup(os.Getpid())
		v, ok := r.LazyFree.Value()
		if !ok {
			t.Skipf("this kernel tells nothing of it: %s", r.LazyFree)
		}
		return int(v)
	}
	touch(size)
	before := given()
	if err := unix.Madvise(memory, unix.MADV_FREE); err != nil {
		t.Skip(err)
	}
	// Each CPU may keep back some, which reclaim takes all the same.
	const back = 4 << 20
	if got := given() - before; got > size || got < size-back {
		t.Errorf("%d given up, of %d", got, size)
	}
	touch(touched)
	if got := given() - before; got > size-touched || got < size-touched-back {
		t.Errorf("%d given up, of %d of which %d are in use again", got, size, touched)
	}
}

// A master of nginx at rest, and frozen.
func TestMemberRecorded(t *testing.T) {
	fixtures(t, func(t *testing.T, dir string, v2, paused bool) {
		status, err := parseStatus(fixture(t, dir, "proc_status"))
		if err != nil || status.Threads != 1 || !status.VmSwap.Is(0) || status.Pending != 0 || status.SharedPending != 0 {
			t.Errorf("%+v, %v", status, err)
		}
		r := parseSmapsRollup(fixture(t, dir, "proc_smaps_rollup"))
		sum := uint64(0)
		for _, f := range []Figure{r.SharedClean, r.SharedDirty, r.PrivateClean, r.PrivateDirty} {
			v, _ := f.Value()
			sum += v
		}
		if !r.Rss.Is(sum) {
			t.Errorf("the four parts add up to %d: %+v", sum, r)
		}
		for name, f := range figuresOf(r) {
			if f.State() != Present {
				t.Errorf("%s is %s", name, f)
			}
		}
		stat, err := parseStat(fixture(t, dir, "proc_stat"))
		wchan := parseWchan(fixture(t, dir, "proc_wchan"))
		if err != nil || wchan == "" {
			t.Errorf("waits in %q, %v", wchan, err)
		}
		if paused {
			want := map[bool]struct {
				state byte
				wchan []string
			}{true: {'S', []string{"do_freezer_trap", "get_signal"}}, false: {'D', []string{"__refrigerator", "get_signal"}}}[v2]
			if stat.State != want.state || !strings.Contains(strings.Join(want.wchan, " "), wchan) {
				t.Errorf("frozen, it is in state %c and waits in %s", stat.State, wchan)
			}
		}
	})
}

func TestReadMember(t *testing.T) {
	m, err := ReadMember(os.Getpid())
	if err != nil || m.PID != os.Getpid() || m.PPID != os.Getppid() || m.StatusState != Present || m.WchanState != Present || m.Threads < 1 {
		t.Errorf("%+v, %v", m, err)
	}
	if v, ok := m.Rollup.Rss.Value(); !ok || v == 0 {
		t.Errorf("%+v", m.Rollup)
	}
	if _, err := ReadMember(1 << 30); !errors.Is(err, ErrNoProcess) {
		t.Errorf("a pid that cannot be: %v", err)
	}
}

func awaitState(t *testing.T, pid int, state byte) {
	t.Helper()
	for end := time.Now().Add(10 * time.Second); ; time.Sleep(time.Millisecond) {
		s, err := ReadStat(pid)
		if err != nil || time.Now().After(end) {
			t.Fatalf("waiting for state %c: %+v, %v", state, s, err)
		}
		if s.State == state {
			return
		}
	}
}

// A zombie has a state and signals, and no memory.
func TestReadZombie(t *testing.T) {
	cmd := exec.Command("sleep", "60")
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	pid := cmd.Process.Pid
	cmd.Process.Kill()
	defer cmd.Wait()
	awaitState(t, pid, 'Z')
	m, err := ReadMember(pid)
	if err != nil || m.StatusState != Present || m.VmRSS.State() != Unsupported || m.Rollup != without[SmapsRollup](Unsupported) {
		t.Errorf("%+v, %v", m, err)
	}
}

// A signal sent to a stopped process is pending, to the whole of it.
func TestReadPendingSignal(t *testing.T) {
	cmd := exec.Command("sh", "-c", `trap "" HUP; trap : TERM; echo ready; read -r _`)
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
	defer cmd.Wait()
	defer in.Close()
	if _, err := out.Read(make([]byte, 16)); err != nil {
		t.Fatal(err)
	}
	m, err := ReadMember(cmd.Process.Pid)
	if err != nil || !m.Ignored.Has(unix.SIGHUP) || !m.Caught.Has(unix.SIGTERM) || m.Caught.Has(unix.SIGHUP) {
		t.Errorf("%+v, %v", m, err)
	}
	cmd.Process.Signal(unix.SIGSTOP)
	awaitState(t, cmd.Process.Pid, 'T')
	cmd.Process.Signal(unix.SIGTERM)
	stopped, err := ReadMember(cmd.Process.Pid)
	cmd.Process.Signal(unix.SIGCONT)
	if err != nil || !stopped.SharedPending.Has(unix.SIGTERM) {
		t.Errorf("sent while stopped: %v, %v", stopped.SharedPending.Names(), err)
	}
}
