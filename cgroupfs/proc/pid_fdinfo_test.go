package proc

import (
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
