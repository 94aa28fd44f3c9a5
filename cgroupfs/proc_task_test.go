package cgroupfs

import (
	"debug/elf"
	"errors"
	"os"
	"os/exec"
	"os/signal"
	"path/filepath"
	"strconv"
	"strings"
	"syscall"
	"testing"
	"time"

	"golang.org/x/sys/unix"
)

func TestParseSyscall(t *testing.T) {
	call, err := parseSyscall([]byte("128 0x4bc320 0x7ffc33237610 0x0 0x8 0x7ffc332374d0 0x0 0x7ffc332375e0 0x4090bf\n"))
	if err != nil || call.Number != 128 || call.Args[0] != 0x4bc320 || call.Args[3] != 8 {
		t.Errorf("%+v, %v", call, err)
	}
	if call, err := parseSyscall([]byte("running\n")); err != nil || !call.Running {
		t.Errorf("%+v, %v", call, err)
	}
	if call, err := parseSyscall([]byte("-1 0x7ffc33237610 0x4090bf\n")); err != nil || call.Number != -1 {
		t.Errorf("%+v, %v", call, err)
	}
	for _, bad := range []string{"", "128", "x 0x1 0x2", "128 0x1 0x2", "-1 0x1 0x2 0x3 0x4 0x5 0x6 0x7 0x8", "1 0x1 0x2 0x3 0x4 0x5 y 0x7 0x8"} {
		if call, err := parseSyscall([]byte(bad)); err == nil {
			t.Errorf("%q: %+v", bad, call)
		}
	}
}

func FuzzParseSyscall(f *testing.F) {
	f.Add([]byte("128 0x4bc320 0x7ffc33237610 0x0 0x8 0x7ffc332374d0 0x0 0x7ffc332375e0 0x4090bf\n"))
	f.Add([]byte("running\n"))
	f.Fuzz(func(t *testing.T, data []byte) { parseSyscall(data) })
}

func TestParseSignalFD(t *testing.T) {
	set, err := parseSignalFD([]byte("pos:\t0\nflags:\t02000002\nmnt_id:\t15\nino:\t31\nsigmask:\t0000000000004000\n"))
	if err != nil || !set.Has(unix.SIGTERM) || set.Has(unix.SIGINT) {
		t.Errorf("%x, %v", set, err)
	}
	for _, bad := range []string{"", "pos:\t0\n", "sigmask:\tz\n", "sigmask:\t\n"} {
		if set, err := parseSignalFD([]byte(bad)); err == nil {
			t.Errorf("%q: %x", bad, set)
		}
	}
}

func FuzzParseSignalFD(f *testing.F) {
	f.Add([]byte("pos:\t0\nflags:\t02000002\nsigmask:\t0000000000004000\n"))
	f.Fuzz(func(t *testing.T, data []byte) { parseSignalFD(data) })
}

// A thread that sleeps for long, and the name of its program.
func TestReadThreads(t *testing.T) {
	sleep := exec.Command("sleep", "1000")
	if err := sleep.Start(); err != nil {
		t.Fatal(err)
	}
	defer func() { sleep.Process.Kill(); sleep.Wait() }()
	time.Sleep(200 * time.Millisecond)
	threads, err := ReadThreads(sleep.Process.Pid)
	if err != nil || len(threads) != 1 || threads[0].TID != sleep.Process.Pid {
		t.Fatalf("%+v, %v", threads, err)
	}
	if threads[0].WaitsFor != nil || threads[0].Endless || !threads[0].WaitKnown || threads[0].WaitUnread {
		t.Errorf("%+v", threads[0])
	}
	if name := Exe(sleep.Process.Pid); name != "sleep" && name != "coreutils" {
		t.Errorf("exe %q", name)
	}
	if fds, err := ReadSignalFDs(sleep.Process.Pid); err != nil || len(fds) != 0 {
		t.Errorf("%v, %v", fds, err)
	}
	if _, err := ReadGo(sleep.Process.Pid); err == nil {
		t.Error("sleep is no Go program")
	}
}

// This test is a Go program itself, and os/exec's test binary links os/signal.
func TestReadGo(t *testing.T) {
	c := make(chan os.Signal, 1)
	signal.Notify(c, syscall.SIGUSR2)
	defer signal.Stop(c)
	g, err := ReadGo(os.Getpid())
	if err != nil || !strings.HasPrefix(g.Version, "go") && !strings.HasPrefix(g.Version, "devel") {
		t.Fatalf("%+v, %v", g, err)
	}
	if g.Notify == nil || !*g.Notify {
		t.Errorf("Notify %v", g.Notify)
	}
	if g.Wanted != nil && (!g.Wanted.Has(unix.SIGUSR2) || g.Wanted.Has(unix.SIGHUP)) {
		t.Errorf("wanted %x", *g.Wanted)
	}
	// What is in its memory is read each time, what is in its file once.
	reads := goFiles.reads
	d := make(chan os.Signal, 1)
	signal.Notify(d, syscall.SIGWINCH)
	defer signal.Stop(d)
	again, err := ReadGo(os.Getpid())
	if err != nil || again.Version != g.Version || again.Notify != g.Notify || (again.Wanted == nil) != (g.Wanted == nil) {
		t.Errorf("%+v, %v", again, err)
	}
	if again.Wanted != nil && !again.Wanted.Has(unix.SIGWINCH) {
		t.Errorf("wanted %x", *again.Wanted)
	}
	if goFiles.reads != reads {
		t.Errorf("its file was read %d times more", goFiles.reads-reads)
	}
}

// What is remembered of a file is forgotten when it changes, and in the end.
func TestGoFileCache(t *testing.T) {
	c := goFileCache{known: map[fileKey]goAnswer{}}
	read := func(name, text string) {
		t.Helper()
		if text != "" {
			if err := os.WriteFile(name, []byte(text), 0o644); err != nil {
				t.Fatal(err)
			}
		}
		f, err := os.Open(name)
		if err != nil {
			t.Fatal(err)
		}
		defer f.Close()
		if _, err := c.read(f); !errors.Is(err, errNotGo) {
			t.Errorf("%s: %v", name, err)
		}
	}
	dir := t.TempDir()
	one := filepath.Join(dir, "one")
	read(one, "x")
	read(one, "")
	if c.reads != 1 {
		t.Errorf("read %d times", c.reads)
	}
	read(one, "xy")
	if c.reads != 2 {
		t.Errorf("read %d times once it had changed", c.reads)
	}
	for i := range maxGoFiles {
		read(filepath.Join(dir, strconv.Itoa(i)), "x")
	}
	if len(c.known) != maxGoFiles || len(c.order) != maxGoFiles {
		t.Errorf("%d and %d files are remembered", len(c.known), len(c.order))
	}
	reads := c.reads
	read(one, "")
	if c.reads != reads+1 {
		t.Error("the oldest was not forgotten")
	}
}

// The signals of a program are not read where its layout is not known.
func TestSignalTable(t *testing.T) {
	self, err := elf.Open("/proc/self/exe")
	if err != nil {
		t.Fatal(err)
	}
	defer self.Close()
	known := "go1." + strconv.Itoa(lastGo)
	if self.Type == elf.ET_EXEC && self.SectionByType(elf.SHT_SYMTAB) != nil && signalTable(self, known) == 0 {
		t.Error("not found in this program")
	}
	other := *self
	other.Class = elf.ELFCLASS32
	if signalTable(&other, known) != 0 || signalTable(self, "go1."+strconv.Itoa(lastGo+1)) != 0 {
		t.Error("found in a program of a layout that is not known")
	}
	for version, want := range map[string]bool{"go1.13": true, "go1.26.8": true, "go1.26rc1": true, "go1.26.8 X:nodwarf5": true, "go1.26.8-corp": true,
		"go1.12.17": false, "go1.27": false, "go1": false, "go2.20": false, "devel go1.27-3f2a": false, "": false, "go1.-1": false} {
		if knownLayout(version) != want {
			t.Errorf("%q: %t", version, !want)
		}
	}
}

func TestContains(t *testing.T) {
	long := strings.Repeat("x", 1<<16-5) + "needle" + strings.Repeat("y", 1000)
	if ok, err := contains(strings.NewReader(long), []byte("needle")); !ok || err != nil {
		t.Error(ok, err)
	}
	if ok, err := contains(strings.NewReader(long), []byte("noodle")); ok || err != nil {
		t.Error(ok, err)
	}
}
