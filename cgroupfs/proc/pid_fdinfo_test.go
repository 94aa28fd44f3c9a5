package proc

import (
	"errors"
	"os"
	"testing"

	"golang.org/x/sys/unix"

	"haltscope/cgroupfs/figure"
	"haltscope/cgroupfs/internal/figuretest"
)

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

func FuzzParseMountID(f *testing.F) { figuretest.Fuzz(f, parseMountID) }

func TestParseMountID(t *testing.T) {
	for text, want := range map[string]figure.Figure{
		"pos:\t0\nflags:\t012000000\nmnt_id:\t25\nino:\t1\n": figure.Number(25),
		"pos:\t0\n": figure.Without(figure.Unsupported), "": figure.Without(figure.Unsupported), "mnt_id:\tx\n": figure.Without(figure.Failed),
	} {
		if got := parseMountID([]byte(text)); got != want {
			t.Errorf("%q: %s", text, got)
		}
	}
}

// A FUSE server has /dev/fuse open. A process that has ended is none, and of one that cannot be read it is not known.
func TestFuseServer(t *testing.T) {
	own := []int{1 << 30, os.Getpid()}
	if pid, err := FuseServer(own); pid != 0 || err != nil {
		t.Errorf("without /dev/fuse: %d, %v", pid, err)
	}
	withoutDescriptors(t, func() {
		if pid, err := FuseServer(own); pid != 0 || !errors.Is(err, unix.EMFILE) {
			t.Errorf("unread: %d, %v", pid, err)
		}
	})
	device, err := os.Open("/dev/fuse")
	if err != nil {
		t.Skip(err)
	}
	defer device.Close()
	if pid, err := FuseServer(own); pid != os.Getpid() || err != nil {
		t.Errorf("with /dev/fuse open: %d, %v", pid, err)
	}
}

// withoutDescriptors runs a function while this process can open nothing.
func withoutDescriptors(t *testing.T, run func()) {
	t.Helper()
	var limit unix.Rlimit
	if err := unix.Getrlimit(unix.RLIMIT_NOFILE, &limit); err != nil {
		t.Fatal(err)
	}
	if err := unix.Setrlimit(unix.RLIMIT_NOFILE, &unix.Rlimit{Max: limit.Max}); err != nil {
		t.Fatal(err)
	}
	defer unix.Setrlimit(unix.RLIMIT_NOFILE, &limit)
	run()
}
